"""Encrypted files in which one can seek: AES-256-GCM over pieces of 64 KiB.

File: magic, nonce prefix (8 bytes), length of the plain text (8 bytes), then each piece with its
tag. A piece's place, the length and the key's name are authenticated, so that pieces can be
neither swapped, dropped nor moved to another file's head.
"""

import hashlib
import os
import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import HotlineError

_MAGIC = b"HLREC1\r\n"
_HEAD = struct.Struct(">8s8sQ")
_TAG = 16
PIECE = 64 * 1024


class SealBroken(HotlineError):
    """The file was changed, cut off, or sealed with another key."""

    code = "seal_broken"


@dataclass(frozen=True, slots=True)
class SealedCopy:
    """What was sealed: SHA-256 of the plain text, and the size of the sealed file."""

    sha256: str
    plain_bytes: int
    sealed_bytes: int


def seal_file(source: Path, target: Path, *, key: bytes, key_id: str) -> SealedCopy:
    """Write an encrypted copy; it is on the disk, whole, when this returns."""
    cipher = AESGCM(key)
    prefix = secrets.token_bytes(8)
    length = source.stat().st_size
    head = _HEAD.pack(_MAGIC, prefix, length)
    digest = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.unfinished")
    with source.open("rb") as plain, unfinished.open("wb") as sealed:
        sealed.write(head)
        for number in range(_pieces(length)):
            piece = plain.read(PIECE)
            digest.update(piece)
            sealed.write(cipher.encrypt(_nonce(prefix, number), piece, head + key_id.encode()))
        sealed.flush()
        os.fsync(sealed.fileno())
        size = sealed.tell()
    unfinished.replace(target)
    return SealedCopy(digest.hexdigest(), length, size)


class SealedFile:
    """Reads any stretch of a sealed file; use as a context manager."""

    def __init__(self, path: Path, *, key: bytes, key_id: str) -> None:
        self._file: BinaryIO = path.open("rb")
        self._cipher = AESGCM(key)
        self._head = self._file.read(_HEAD.size)
        if len(self._head) < _HEAD.size or not self._head.startswith(_MAGIC):
            self._file.close()
            raise SealBroken("录音文件已损坏")
        _, self._prefix, self.size = _HEAD.unpack(self._head)
        self._bound = self._head + key_id.encode()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def read(self, start: int, length: int) -> bytes:
        """Plain bytes from `start`; fewer at the end. Raises SealBroken."""
        start = max(0, start)
        end = min(self.size, start + max(0, length))
        if end <= start:
            return b""
        first, last = start // PIECE, (end - 1) // PIECE
        joined = b"".join(self._piece(number) for number in range(first, last + 1))
        return joined[start - first * PIECE : end - first * PIECE]

    def pieces(self) -> Iterator[bytes]:
        """The whole plain text, piece by piece."""
        for number in range(_pieces(self.size)):
            yield self._piece(number)

    def _piece(self, number: int) -> bytes:
        self._file.seek(_HEAD.size + number * (PIECE + _TAG))
        sealed = self._file.read(min(PIECE, self.size - number * PIECE) + _TAG)
        try:
            return self._cipher.decrypt(_nonce(self._prefix, number), sealed, self._bound)
        except (InvalidTag, ValueError) as error:
            raise SealBroken("录音文件已损坏或密钥不符") from error


def _pieces(length: int) -> int:
    return (length + PIECE - 1) // PIECE


def _nonce(prefix: bytes, number: int) -> bytes:
    return prefix + struct.pack(">I", number)
