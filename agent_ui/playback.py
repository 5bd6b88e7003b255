"""Plays stored recordings through the recordings' own reader, which opens the seal."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.actions.recordings import log_listening, log_live_listening
from core.db.engine import Database
from core.db.repos.calls import recordings
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


class LiveAudio(Protocol):
    """Audio of running calls (recordings.live_audio.SpoolAudio)."""

    async def clip(self, call_id: str, speaker: str, *, from_ms: int, to_ms: int) -> bytes | None:
        """A WAV of this part, as far as it is there."""
        ...


class Cutter(Protocol):
    """Audio of calls that are over (recordings.playback.Playback)."""

    async def clip(self, row: RecordingRow, *, from_ms: int, to_ms: int) -> bytes:
        """A WAV of this part. Raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class Listening:
    """Who listens to which seconds of a call."""

    call_id: str
    speaker: str
    from_ms: int
    to_ms: int
    account_id: str
    address: str


@dataclass(frozen=True, slots=True)
class CallClips:
    """Some seconds of a call: out of the stored file, or out of the one that is being written."""

    database: Database
    stored: Cutter
    live: LiveAudio
    reason: str = "核对草稿字段"

    async def clip(self, asked: Listening) -> bytes | None:
        """A WAV, after it was written down who listens; None where there is no audio yet."""
        span = {"from_ms": asked.from_ms, "to_ms": asked.to_ms}
        async with self.database.work() as work:
            row = _covering(await recordings(work.session, asked.call_id), asked)
            if row is None:
                audio = await self.live.clip(asked.call_id, asked.speaker, **span)
                if audio is None:
                    return None
                await log_live_listening(work, asked.call_id, account_id=asked.account_id)
                await work.commit()
                return audio
            await log_listening(
                work, row, account_id=asked.account_id, reason=self.reason, address=asked.address
            )
            await work.commit()
        return await self.stored.clip(row, **span)


def _covering(rows: Sequence[RecordingRow], asked: Listening) -> RecordingRow | None:
    """The speaker's file that holds the most of what is asked for."""

    def shared(row: RecordingRow) -> float:
        end = row.offset_ms + row.seconds * 1000
        return min(end, asked.to_ms) - max(row.offset_ms, asked.from_ms)

    own = [row for row in rows if row.speaker == asked.speaker and shared(row) > 0]
    return max(own, key=shared, default=None)
