"""Decides, from what lies on the disk, what has to be done about calls that are over.

Pure. Journal and audio are written by Asterisk alone, so they are complete whatever of ours was
dead; this compares them with the rows and says what is missing. Done twice it changes nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.domain.calls import CallState
from recordings.journal import JournalCall
from recordings.spool import SpoolCall


@dataclass(frozen=True, slots=True)
class KnownCall:
    """What the database says of a call."""

    call_id: str
    state: str
    channel_id: str = ""


@dataclass(frozen=True, slots=True)
class WriteDown:
    """The database has never heard of this call."""

    call: JournalCall
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class EndLate:
    """The call is over, but its owner did not live to say so."""

    call_id: str
    ended_at: datetime
    voicemail: bool


@dataclass(frozen=True, slots=True)
class PutAway:
    """The call's audio is complete and waits in the spool."""

    call: SpoolCall


Step = WriteDown | EndLate | PutAway


@dataclass(frozen=True, slots=True)
class RecoveryRules:
    """Patience: with owners that may still write, and with files that may still grow."""

    owner_grace: timedelta = timedelta(seconds=8)
    untouched: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known at one moment. `live` holds the calls that have a channel in Asterisk,
    or is None when Asterisk does not answer: then only the journal's word counts."""

    journal: Mapping[str, JournalCall]
    spool: Mapping[str, SpoolCall]
    rows: Mapping[str, KnownCall]
    live: Collection[str] | None
    now: datetime


def plan(evidence: Evidence, rules: RecoveryRules | None = None) -> list[Step]:
    """What to do now, in order; a call that goes on is left alone."""
    rules = rules or RecoveryRules()
    steps: list[Step] = []
    for call_id in sorted({*evidence.journal, *evidence.spool}):
        ended_at = _ended_at(call_id, evidence, rules)
        if ended_at is not None:
            steps += _steps(call_id, ended_at, evidence, rules)
    return steps


def is_in_doubt(
    journal: Mapping[str, JournalCall],
    spool: Mapping[str, SpoolCall],
    now: datetime,
    rules: RecoveryRules | None = None,
) -> bool:
    """Whether some call has neither an end nor fresh sound, so that Asterisk must be asked."""
    rules = rules or RecoveryRules()
    for call_id in {*journal, *spool}:
        told, audio = journal.get(call_id), spool.get(call_id)
        if told is not None and told.ended_at is not None:
            continue
        last = _last_sign(told, audio)
        if last is not None and now - last >= rules.untouched:
            return True
    return False


def _last_sign(journal: JournalCall | None, audio: SpoolCall | None) -> datetime | None:
    if audio is not None:
        return datetime.fromtimestamp(audio.changed_at, UTC)
    return journal.started_at if journal is not None else None


def _steps(
    call_id: str, ended_at: datetime, evidence: Evidence, rules: RecoveryRules
) -> list[Step]:
    journal = evidence.journal.get(call_id, JournalCall(call_id))
    row, audio = evidence.rows.get(call_id), evidence.spool.get(call_id)
    owner_had_time = evidence.now - ended_at >= rules.owner_grace
    steps: list[Step] = []
    if row is None:
        if not owner_had_time:
            return []
        steps.append(WriteDown(journal, ended_at))
    elif row.state != CallState.ENDED.value:
        if not owner_had_time:
            return []
        steps.append(EndLate(call_id, ended_at, journal.voicemail))
    if audio is not None:
        steps.append(PutAway(audio))
    return steps


def _ended_at(call_id: str, evidence: Evidence, rules: RecoveryRules) -> datetime | None:
    """When the call ended; None while it goes on or while one cannot be sure."""
    journal, audio = evidence.journal.get(call_id), evidence.spool.get(call_id)
    if journal is not None and journal.ended_at is not None:
        return journal.ended_at
    if evidence.live is None or call_id in evidence.live:
        return None
    # no end in the journal and no channel: Asterisk itself died in this call
    last = _last_sign(journal, audio)
    if last is None or evidence.now - last < rules.untouched:
        return None
    return last
