"""Plays stored audio: any stretch of bytes or of seconds, decrypted as it is read."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from core.actions.recordings import log_listening
from core.db.engine import Database
from core.db.tables.calls import RecordingRow
from core.errors import InputRefused, NotFound
from core.ids import RecordingId
from recordings.keyring import Keyring
from recordings.sealed import SealedFile
from recordings.wav import HEADER_BYTES, header

_LEAST_REASON = 2
_LONGEST_REASON = 200
_RATE_AT = 24


@dataclass(frozen=True, slots=True)
class Listener:
    """Who wants to hear, from where, and why."""

    account_id: str
    reason: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of an audio file, and the length of the whole (for an answer with a byte range)."""

    content: bytes
    start: int
    total: int


class Playback:
    """Reads stored recordings. Call `allow` once for each listening, then read."""

    def __init__(self, folder: Path, *, keyring: Keyring, database: Database) -> None:
        self._folder = folder
        self._keyring = keyring
        self._database = database

    async def allow(self, recording_id: RecordingId, listener: Listener) -> RecordingRow:
        """Write down who listens and why; nobody hears anything without it.

        Raises InputRefused without a reason, NotFound without such a recording.
        """
        reason = listener.reason.strip()
        if not _LEAST_REASON <= len(reason) <= _LONGEST_REASON:
            raise InputRefused("请填写调听录音的理由")
        async with self._database.work() as work:
            row = await work.session.get(RecordingRow, recording_id)
            if row is None:
                raise NotFound("没有找到该录音")
            await log_listening(
                work, row, account_id=listener.account_id, reason=reason, address=listener.address
            )
            await work.commit()
        return row

    async def stretch(self, row: RecordingRow, *, start: int, length: int) -> Stretch:
        """Bytes of the WAV file, for a browser that seeks."""
        return await asyncio.to_thread(self._read, row, start, length)

    async def clip(self, row: RecordingRow, *, from_ms: int, to_ms: int) -> bytes:
        """A WAV of its own with this part of the call (times on the call's clock)."""
        return await asyncio.to_thread(self._clip, row, from_ms, to_ms)

    def _read(self, row: RecordingRow, start: int, length: int) -> Stretch:
        with self._open(row) as file:
            return Stretch(file.read(start, length), start, file.size)

    def _clip(self, row: RecordingRow, from_ms: int, to_ms: int) -> bytes:
        with self._open(row) as file:
            rate = int.from_bytes(file.read(_RATE_AT, 4), "little")
            first = _byte_at(from_ms - row.offset_ms, rate)
            last = _byte_at(to_ms - row.offset_ms, rate)
            audio = file.read(HEADER_BYTES + first, max(0, last - first))
        return header(rate, len(audio)) + audio

    def _open(self, row: RecordingRow) -> SealedFile:
        path = self._folder / row.path
        if not path.is_file():
            raise NotFound("录音文件不存在")
        return SealedFile(path, key=self._keyring.open_key(row.key_id), key_id=row.key_id)


def _byte_at(milliseconds: int, rate: int) -> int:
    return max(0, milliseconds) * rate // 1000 * 2
