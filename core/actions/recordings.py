"""Every write about what was recorded and said."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from core.actions.base import take
from core.actions.calls import Arrival, end_call, open_call
from core.db.engine import UnitOfWork
from core.db.tables.calls import CallRow, ListenRow, RecordingRow, UtteranceRow
from core.domain.calls import EndedBy
from core.domain.events import RecordingStored, TranscriptReplaced, UtteranceHeard
from core.errors import InputRefused
from core.ids import CallId, new_id
from core.vault import Vault

_LONGEST_CAPTION = 2_000


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of speech as words; times in ms from the start of the call's recording.

    evidence: what else was heard in the same sound: other wordings, numbers spelt from it.
    """

    speaker: str
    start_ms: int
    end_ms: int
    text: str
    confidence: float
    words: tuple[dict[str, Any], ...] = ()
    engine: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)


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


async def edit_utterance(
    work: UnitOfWork, utterance_id: str, text: str, *, actor: str
) -> UtteranceRow:
    """A person corrects a caption; from then on no engine touches it."""
    plain = text.strip()
    if len(plain) > _LONGEST_CAPTION:
        raise InputRefused("字幕内容过长")
    row = await take(work, UtteranceRow, utterance_id, what="字幕")
    row.text, row.edited, row.confidence = plain, True, 1.0
    row.words = []
    work.audit(actor=actor, action="edit_utterance", entity="utterance", entity_id=row.id, facts={})
    work.record(
        UtteranceHeard(
            call_id=row.call_id,
            utterance_id=row.id,
            speaker=row.speaker,
            start_ms=row.start_ms,
            end_ms=row.end_ms,
            text=row.text,
            confidence=row.confidence,
            engine="person",
        )
    )
    return row


async def replace_transcript(
    work: UnitOfWork,
    call_id: CallId,
    heard: Sequence[Heard],
    *,
    engine: str,
    state: str = "DONE",
) -> int:
    """Put the better pass in the place of the live captions; what a person edited stays.

    Returns how many utterances the transcript has gained.
    """
    call = await take(work, CallRow, call_id, what="通话")
    query = select(UtteranceRow).where(UtteranceRow.call_id == call_id)
    known = (await work.session.scalars(query.order_by(UtteranceRow.start_ms))).all()
    edited = [row for row in known if row.edited]
    await work.session.execute(
        delete(UtteranceRow).where(UtteranceRow.call_id == call_id, UtteranceRow.edited.is_(False))
    )
    now = work.clock.now()
    kept = [one for one in heard if one.text and not any(_same_words(one, row) for row in edited)]
    rows = [_row(call_id, one, now, revision=2) for one in kept]
    for row, one in zip(rows, kept, strict=True):
        row.before = _heard_live(one, known)
    work.session.add_all(rows)
    call.transcript_state = state
    work.record(TranscriptReplaced(call_id=call_id, engine=engine, utterances=len(kept)))
    return len(kept)


def _heard_live(one: Heard, known: Sequence[UtteranceRow]) -> str:
    """What the live captions had for this stretch, where they had something else."""
    texts = [row.before or row.text for row in known if not row.edited and _same_words(one, row)]
    live = "".join(texts)
    return "" if live == one.text else live


def _same_words(one: Heard, row: UtteranceRow) -> bool:
    """Whether a new utterance covers the stretch that a person has corrected."""
    overlap = min(one.end_ms, row.end_ms) - max(one.start_ms, row.start_ms)
    shorter = min(one.end_ms - one.start_ms, row.end_ms - row.start_ms)
    return one.speaker == row.speaker and overlap * 2 > shorter


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


async def forget_recording(work: UnitOfWork, recording_id: str, *, actor: str) -> None:
    """The file's time is over; the audit keeps that it was there, and its checksum."""
    row = await work.session.get(RecordingRow, recording_id, with_for_update=True)
    if row is None:
        return
    work.audit(
        actor=actor, action="forget_recording", entity="recording", entity_id=recording_id,
        facts={"call_id": row.call_id, "speaker": row.speaker, "sha256": row.sha256},
    )  # fmt: skip
    await work.session.delete(row)


@dataclass(frozen=True, slots=True)
class LostCall:
    """A call that Asterisk took while nobody of us could write it down."""

    arrival: Arrival
    started_at: datetime
    ended_at: datetime
    voicemail: bool = False


async def recover_call(work: UnitOfWork, lost: LostCall, vault: Vault) -> CallRow:
    """Write down, afterwards, a call that only the journal and its audio tell of."""
    call = await open_call(work, lost.arrival, vault)
    call.started_at = lost.started_at
    await work.session.flush()
    return await end_call(
        work,
        CallId(call.id),
        ended_by=EndedBy.UNKNOWN,
        voicemail=lost.voicemail,
        at=lost.ended_at,
    )


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


async def log_live_listening(work: UnitOfWork, call_id: str, *, account_id: str) -> None:
    """The agent on the line listens to some seconds of the running call once more."""
    work.audit(
        actor=account_id, action="listen_live", entity="call", entity_id=call_id, facts={}
    )  # fmt: skip


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
        evidence=heard.evidence,
        revision=revision,
        created_at=now,
    )
