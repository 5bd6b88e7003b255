"""Callers who hung up before anybody answered, and whom nobody has phoned back yet (N66)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.db.tables.calls import CallbackRow, CallRow
from core.db.tables.lines import LineRow
from core.db.tables.outgoing import OutgoingRow
from core.domain.calls import CallState, Direction
from core.domain.outgoing import OutgoingOutcome

_Later = aliased(CallRow)


@dataclass(frozen=True, slots=True)
class Missed:
    """One number's newest missed call. tries: how often it was phoned back without success."""

    call_id: str
    caller_mask: str
    line_name: str
    queued_at: datetime
    ended_at: datetime
    tries: int


_SPOKEN_SINCE = exists().where(
    and_(
        _Later.caller_hash == CallRow.caller_hash,
        _Later.started_at > CallRow.started_at,
        _Later.answered_at.is_not(None),
    )
)
_PHONED_AGAIN = exists().where(
    and_(
        _Later.caller_hash == CallRow.caller_hash,
        _Later.direction == Direction.INBOUND.value,
        _Later.started_at > CallRow.started_at,
    )
)
_CALLBACK_WAITS = exists().where(
    CallbackRow.caller_hash == CallRow.caller_hash, CallbackRow.ended_at.is_(None)
)
_IN_HAND = exists().where(
    OutgoingRow.missed_call_id == CallRow.id,
    (OutgoingRow.outcome == OutgoingOutcome.TALKED.value) | OutgoingRow.ended_at.is_(None),
)
_TRIES = (
    select(func.count())
    .select_from(OutgoingRow)
    .where(OutgoingRow.missed_call_id == CallRow.id)
    .scalar_subquery()
)
_GAVE_UP_WAITING = (
    CallRow.direction == Direction.INBOUND.value,
    CallRow.state == CallState.ENDED.value,
    CallRow.answered_at.is_(None),
    CallRow.queued_at.is_not(None),
    CallRow.voicemail.is_(False),
    CallRow.caller_sealed != "",
)


async def missed_calls(session: AsyncSession, since: datetime, *, limit: int) -> Sequence[Missed]:
    """The newest first; whoever was spoken with since, or is in line for a callback, is none."""
    query = (
        select(CallRow, LineRow.name, _TRIES)
        .outerjoin(LineRow, LineRow.id == CallRow.line_id)
        .where(CallRow.started_at >= since, *_GAVE_UP_WAITING)
        .where(~_SPOKEN_SINCE, ~_PHONED_AGAIN, ~_CALLBACK_WAITS, ~_IN_HAND)
        .order_by(CallRow.started_at.desc())
        .limit(limit)
    )
    rows = (await session.execute(query)).all()
    return [_missed(call, line, tries) for call, line, tries in rows]


def _missed(call: CallRow, line: str | None, tries: int) -> Missed:
    return Missed(
        call_id=call.id,
        caller_mask=call.caller_mask,
        line_name=line or call.did,
        queued_at=call.queued_at or call.started_at,
        ended_at=call.ended_at or call.started_at,
        tries=tries,
    )
