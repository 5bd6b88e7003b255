"""Every write about what was recorded and said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from core.actions.base import take
from core.db.engine import UnitOfWork
from core.db.tables.calls import CallRow, ListenRow, RecordingRow, UtteranceRow
from core.domain.events import RecordingStored, TranscriptReplaced, UtteranceHeard
from core.ids import CallId, new_id


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of speech as words; times in ms from the start of the call's recording."""

    speaker: str
    start_ms: int
    end_ms: int
    text: str
    confidence: float
    words: tuple[dict[str, Any], ...] = ()
    engine: str = ""


async def hear_utterance(work: UnitOfWork, call_id: CallId, heard: Heard) -> UtteranceRow:
    """Store one final caption and tell it to the desk."""
    row = _row(call_id, heard, work.clock.now(), revision=1)
    work.session.add(row)
    work.record(
        UtteranceHeard(
            call_id=call_id,
            utterance_id=row.id,
            speaker=heard.speaker,
            start_ms=heard.start_ms,
            end_ms=heard.end_ms,
            text=heard.text,
            confidence=heard.confidence,
            words=heard.words,
            engine=heard.engine,
        )
    )
    return row


async def replace_transcript(
    work: UnitOfWork, call_id: CallId, heard: Sequence[Heard], *, engine: str
) -> None:
    """Put the better pass in the place of the live captions; what a person edited stays."""
    await work.session.execute(
        delete(UtteranceRow).where(UtteranceRow.call_id == call_id, UtteranceRow.edited.is_(False))
    )
    now = work.clock.now()
    work.session.add_all([_row(call_id, one, now, revision=2) for one in heard])
    call = await take(work, CallRow, call_id, what="通话")
    call.transcript_state = "DONE"
    work.record(TranscriptReplaced(call_id=call_id, engine=engine, utterances=len(heard)))


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A finished audio file: path relative to the recordings folder."""

    speaker: str
    path: str
    sha256: str
    seconds: float
    bytes: int
    offset_ms: int = 0
    key_id: str = ""
    keep_until: datetime | None = None


async def store_recording(work: UnitOfWork, call_id: CallId, stored: StoredFile) -> RecordingRow:
    """The file is complete, checked and put away."""
    row = RecordingRow(
        id=new_id(),
        call_id=call_id,
        speaker=stored.speaker,
        path=stored.path,
        sha256=stored.sha256,
        seconds=stored.seconds,
        offset_ms=stored.offset_ms,
        bytes=stored.bytes,
        key_id=stored.key_id,
        stored_at=work.clock.now(),
        keep_until=stored.keep_until,
    )
    work.session.add(row)
    work.record(
        RecordingStored(
            call_id=call_id,
            recording_id=row.id,
            speaker=row.speaker,
            seconds=row.seconds,
            sha256=row.sha256,
        )
    )
    return row


async def set_transcript_state(work: UnitOfWork, call_id: CallId, state: str) -> None:
    """NONE, LIVE, TO_TRANSCRIBE, WORKING or DONE."""
    call = await take(work, CallRow, call_id, what="通话")
    call.transcript_state = state


async def log_listening(
    work: UnitOfWork, recording: RecordingRow, *, account_id: str, reason: str, address: str
) -> None:
    """Somebody listens, and says why."""
    work.session.add(
        ListenRow(
            id=new_id(),
            recording_id=recording.id,
            call_id=recording.call_id,
            account_id=account_id,
            reason=reason,
            at=work.clock.now(),
            address=address,
        )
    )
    work.audit(
        actor=account_id, action="listen", entity="recording", entity_id=recording.id, facts={}
    )


def _row(call_id: CallId, heard: Heard, now: datetime, *, revision: int) -> UtteranceRow:
    return UtteranceRow(
        id=new_id(),
        call_id=call_id,
        speaker=heard.speaker,
        start_ms=heard.start_ms,
        end_ms=heard.end_ms,
        text=heard.text,
        confidence=heard.confidence,
        words=list(heard.words),
        engine=heard.engine,
        revision=revision,
        created_at=now,
    )
