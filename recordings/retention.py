"""Ends the keeping of recordings: lists what is due, and deletes it when told so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from core.actions.recordings import forget_recording
from core.clock import Clock
from core.db.engine import Database
from core.db.tables.calls import RecordingRow

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class DueRecording:
    """One file whose time is over."""

    recording_id: str
    call_id: str
    path: str
    keep_until: datetime
    bytes: int


class Retention:
    """Recordings below one folder and the dates until which they are kept."""

    def __init__(self, folder: Path, *, database: Database, clock: Clock) -> None:
        self._folder = folder
        self._database = database
        self._clock = clock

    async def due(self, *, limit: int = _AT_ONCE) -> list[DueRecording]:
        """What a deletion now would take; deletes nothing."""
        async with self._database.work() as work:
            rows: Sequence[RecordingRow] = (
                await work.session.scalars(
                    select(RecordingRow)
                    .where(RecordingRow.keep_until < self._clock.now())
                    .order_by(RecordingRow.keep_until)
                    .limit(limit)
                )
            ).all()
        return [
            DueRecording(row.id, row.call_id, row.path, row.keep_until, row.bytes)
            for row in rows
            if row.keep_until is not None
        ]

    async def delete(self, due: Sequence[DueRecording], *, actor: str) -> int:
        """Delete these files and their rows; the audit keeps that they were there."""
        for recording in due:
            # the file first: a row without a file is found again, a file without a row never
            (self._folder / recording.path).unlink(missing_ok=True)
            async with self._database.work() as work:
                await forget_recording(work, recording.recording_id, actor=actor)
                await work.commit()
        return len(due)
