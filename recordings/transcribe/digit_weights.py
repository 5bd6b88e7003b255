"""Reads the decoder's arrays out of a CTranslate2 model file, for a decoder that we steer."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
DECODER = "decoder/"
#: The file's numbers for element kinds that can be used as they are.
FLOAT32, FLOAT16 = 0, 4


class _Reader:
    """Walks through the file's little-endian fields."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self, kind: str) -> int:
        value: int = struct.unpack_from(f"<{kind}", self.data, self.at)[0]
        self.at += struct.calcsize(f"<{kind}")
        return value

    def text(self) -> str:
        size = self.number("H")
        self.at += size
        return self.data[self.at - size : self.at - 1].decode()


def decoder_weights(model_file: Path) -> dict[str, Array]:
    """Name (without 'decoder/') -> array, as 32-bit floats."""
    reader = _Reader(model_file.read_bytes())
    reader.number("I")
    reader.text()
    reader.number("I")
    found: dict[str, Array] = {}
    for _ in range(reader.number("I")):
        name = reader.text()
        shape = [reader.number("I") for _ in range(reader.number("B"))]
        kind, size = reader.number("B"), reader.number("I")
        if name.startswith(DECODER) and kind in (FLOAT32, FLOAT16):
            dtype = np.float32 if kind == FLOAT32 else np.float16
            flat = np.frombuffer(reader.data, dtype, size // np.dtype(dtype).itemsize, reader.at)
            found[name.removeprefix(DECODER)] = flat.reshape(shape).astype(np.float32)
        reader.at += size
    return found
