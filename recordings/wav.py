"""WAV files as Asterisk leaves them: their length, and the repair of a header that was cut off."""

import struct
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputRefused

HEADER_BYTES = 44
_LAYOUT = struct.Struct("<4sI4s4sIHHIIHH4sI")
_PCM = 1
_SIXTEEN_BITS = 16


class WavBroken(InputRefused):
    """Not a WAV file that we or Asterisk have written."""

    code = "wav_broken"


@dataclass(frozen=True, slots=True)
class WavFile:
    """A mono file of 16-bit samples with the plain header of 44 bytes."""

    rate: int
    data_bytes: int
    repaired: bool = False

    @property
    def seconds(self) -> float:
        return self.data_bytes / 2 / self.rate


def header(rate: int, data_bytes: int) -> bytes:
    """The 44 bytes before so many bytes of mono 16-bit samples."""
    return _LAYOUT.pack(
        b"RIFF", data_bytes + HEADER_BYTES - 8, b"WAVE", b"fmt ", 16, _PCM, 1,
        rate, rate * 2, 2, _SIXTEEN_BITS, b"data", data_bytes,
    )  # fmt: skip


def check_wav(path: Path) -> WavFile:
    """Read the header; after a crash of Asterisk write the true lengths into it.

    A killed Asterisk leaves both lengths 0 with all audio there. Raises WavBroken.
    """
    size = path.stat().st_size
    with path.open("rb+") as file:
        start = file.read(HEADER_BYTES)
        if len(start) < HEADER_BYTES:
            raise WavBroken("录音文件过短")
        fields = _LAYOUT.unpack(start)
        riff, wave, kind, channels, rate, bits = (
            fields[0], fields[2], fields[5], fields[6], fields[7], fields[10],
        )  # fmt: skip
        plain = (riff, wave, kind, channels, bits) == (b"RIFF", b"WAVE", _PCM, 1, _SIXTEEN_BITS)
        if not plain or rate == 0 or fields[11] != b"data":
            raise WavBroken("录音文件格式不符")
        data_bytes = (size - HEADER_BYTES) // 2 * 2
        right = header(rate, data_bytes)
        if start != right:
            file.seek(0)
            file.write(right)
            file.truncate(HEADER_BYTES + data_bytes)
        return WavFile(rate, data_bytes, repaired=start != right)
