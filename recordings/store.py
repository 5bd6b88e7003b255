"""Puts a finished call's audio away: checked, placed on the call's clock, sealed, entered, cleared.

Each step may be cut off by a crash and done again: a file is entered once (its path is unique),
and the plain copy goes only after the entry is committed.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from core.actions.recordings import StoredFile, store_recording
from core.clock import Clock, city_time
from core.db.engine import Database
from core.db.tables.calls import RecordingRow
from core.ids import CallId
from recordings.alignment import Extent, offset_ms
from recordings.keyring import Keyring
from recordings.sealed import seal_file
from recordings.spool import SpoolCall, SpoolFile, speaker_of
from recordings.wav import WavBroken, check_wav

_LOG = logging.getLogger(__name__)
_DAYS_IN_MONTH = 30.44


@dataclass(frozen=True, slots=True)
class _Checked:
    file: SpoolFile
    extent: Extent


class RecordingStore:
    """Sealed audio below one folder, one row a file."""

    def __init__(
        self, folder: Path, *, keyring: Keyring, database: Database, clock: Clock, months: int
    ) -> None:
        self._folder = folder
        self._keyring = keyring
        self._database = database
        self._clock = clock
        self._kept_for = timedelta(days=months * _DAYS_IN_MONTH)

    async def put_away(self, call: SpoolCall) -> int:
        """Store every file of an ended call; returns how many are new."""
        now = self._clock.now()
        stored = await asyncio.to_thread(self._seal_all, call, now)
        new = await self._enter(CallId(call.call_id), stored)
        await asyncio.to_thread(_clear, call)
        return new

    def _seal_all(self, call: SpoolCall, now: datetime) -> list[StoredFile]:
        checked = [one for file in call.files if (one := _check(file)) is not None]
        if not checked:
            return []
        reference = _reference(checked)
        return [self._seal(call.call_id, one, reference, now) for one in checked]

    def _seal(self, call_id: str, one: _Checked, reference: Extent, now: datetime) -> StoredFile:
        key_id = self._keyring.key_id(now)
        # the day of the audio, not of now: done again after midnight it is the same path
        day = city_time(datetime.fromtimestamp(reference.started_at, now.tzinfo))
        relative = f"{day:%Y/%m/%d}/{call_id}-{one.file.part}.sealed"
        key = self._keyring.seal_key(key_id)
        copy = seal_file(one.file.path, self._folder / relative, key=key, key_id=key_id)
        return StoredFile(
            speaker=speaker_of(one.file.part),
            path=relative,
            sha256=copy.sha256,
            seconds=round(one.extent.seconds, 3),
            bytes=copy.sealed_bytes,
            offset_ms=offset_ms(one.extent, reference),
            key_id=key_id,
            keep_until=now + self._kept_for,
        )

    async def _enter(self, call_id: CallId, stored: Sequence[StoredFile]) -> int:
        async with self._database.work() as work:
            rows = await work.session.scalars(
                select(RecordingRow).where(RecordingRow.call_id == call_id)
            )
            known = {row.path: row for row in rows}
            for file in stored:
                row = known.get(file.path)
                if row is None:
                    await store_recording(work, call_id, file)
                else:  # sealed again after a crash: maybe with a newer month's key
                    row.key_id, row.bytes, row.sha256 = file.key_id, file.bytes, file.sha256
            await work.commit()
        return sum(file.path not in known for file in stored)


def _check(file: SpoolFile) -> _Checked | None:
    """The file's place in time, or None when nothing in it can be heard.

    Its last change is taken from the listing: mending the header would be a change too.
    """
    try:
        wav = check_wav(file.path)
    except WavBroken as broken:
        _LOG.warning("recording unreadable", extra={"part": file.part, "why": broken.code})
        _set_aside(file.path)
        return None
    if wav.data_bytes == 0:
        return None
    if wav.repaired:
        _LOG.info("recording header mended", extra={"part": file.part})
    return _Checked(file, Extent(wav.seconds, file.changed_at))


def _reference(checked: Sequence[_Checked]) -> Extent:
    """The caller's file sets the call's clock; without one, the file that began first."""
    for one in checked:
        if one.file.part == "caller":
            return one.extent
    return min((one.extent for one in checked), key=lambda extent: extent.started_at)


def _set_aside(path: Path) -> None:
    if path.stat().st_size:
        aside = path.parent / "unreadable"
        aside.mkdir(exist_ok=True)
        path.rename(aside / path.name)


def _clear(call: SpoolCall) -> None:
    for file in call.files:
        file.path.unlink(missing_ok=True)
