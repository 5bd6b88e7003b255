"""Plays stored recordings through the recordings' own reader, which opens the seal."""

import io
from dataclasses import dataclass
from typing import Protocol

from core.db.tables.calls import RecordingRow


class Stretch(Protocol):
    """Part of an audio file."""

    @property
    def content(self) -> bytes:
        """The bytes."""
        ...

    @property
    def total(self) -> int:
        """The length of the whole file."""
        ...


class Reader(Protocol):
    """What is asked of the recordings (recordings.playback.Playback)."""

    async def stretch(self, row: RecordingRow, *, start: int, length: int) -> Stretch:
        """Bytes of the WAV file. Raises NotFound."""
        ...


#: One answer to a browser: about a minute of audio; it asks for the next by itself.
LARGEST_STRETCH = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredAudio:
    """Reads what a browser asks for, a stretch at a time."""

    reader: Reader

    async def read(self, row: RecordingRow, start: int, length: int) -> tuple[bytes, int]:
        """Bytes from `start` on, and the length of the whole file."""
        stretch = await self.reader.stretch(row, start=start, length=min(length, LARGEST_STRETCH))
        return stretch.content, stretch.total


@dataclass(frozen=True, slots=True)
class MemoryAudio:
    """The same from bytes in memory, by recording id: for development and tests."""

    files: dict[str, bytes]

    async def read(self, row: RecordingRow, start: int, length: int) -> tuple[bytes, int]:
        """Bytes from `start` on, and the length of the whole file."""
        file = io.BytesIO(self.files.get(row.id, b""))
        file.seek(start)
        return file.read(min(length, LARGEST_STRETCH)), len(self.files.get(row.id, b""))
