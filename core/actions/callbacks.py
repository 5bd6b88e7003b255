"""Every write about a callback: asked for, tried again, over."""

from dataclasses import dataclass
from datetime import datetime

from core.actions.base import take, told
from core.db.engine import UnitOfWork
from core.db.tables.calls import CallbackRow, CallRow
from core.domain.calls import CallState, Direction
from core.domain.events import CallbackEnded, CallbackRequested
from core.ids import CallId


@dataclass(frozen=True, slots=True)
class CallbackWish:
    """A caller's wish to be phoned back, at the place in line the call has now."""

    callback_id: CallId
    call_id: CallId
    place_at: datetime


async def request_callback(work: UnitOfWork, wish: CallbackWish) -> CallbackRow:
    """The callback takes over the place; its own call waits beside it to be offered in turn."""
    call = await take(work, CallRow, wish.call_id, what="通话")
    now = work.clock.now()
    queue_id = call.queue_id or "general"
    row = CallbackRow(
        id=wish.callback_id,
        call_id=wish.call_id,
        queue_id=queue_id,
        caller_sealed=call.caller_sealed,
        caller_hash=call.caller_hash,
        caller_mask=call.caller_mask,
        priority=call.priority,
        skills=list(call.skills),
        language=call.language,
        place_at=wish.place_at,
        next_at=now,
    )
    work.session.add(row)
    work.session.add(_call_out(call, wish, queue_id, now))
    work.audit(
        actor="caller", action="request_callback", entity="callback", entity_id=row.id,
        facts={"call_id": wish.call_id, "queue": queue_id},
    )  # fmt: skip
    work.record(
        CallbackRequested(callback_id=row.id, call_id=wish.call_id, queue_id=queue_id, at=told(now))
    )
    return row


def _call_out(call: CallRow, wish: CallbackWish, queue_id: str, now: datetime) -> CallRow:
    return CallRow(
        id=wish.callback_id,
        direction=Direction.OUTBOUND.value,
        line_id=call.line_id,
        did=call.did,
        rung=call.rung,
        state=CallState.QUEUED.value,
        caller_sealed=call.caller_sealed,
        caller_hash=call.caller_hash,
        caller_mask=call.caller_mask,
        language=call.language,
        menu_path=list(call.menu_path),
        queue_id=queue_id,
        skills=list(call.skills),
        priority=call.priority,
        started_at=now,
        queued_at=wish.place_at,
    )


async def postpone_callback(
    work: UnitOfWork, callback_id: CallId, *, not_before: datetime, tries: int
) -> None:
    """Nobody was reached; the next try comes later."""
    row = await take(work, CallbackRow, callback_id, what="回电")
    row.next_at = not_before
    row.attempts = tries
    work.audit(
        actor="system", action="postpone_callback", entity="callback", entity_id=callback_id,
        facts={"tries": tries},
    )  # fmt: skip


async def close_callback(work: UnitOfWork, callback_id: CallId, outcome: str) -> CallbackRow:
    """The callback waits no longer; a second telling changes nothing."""
    row = await take(work, CallbackRow, callback_id, what="回电")
    if row.ended_at is not None:
        return row
    now = work.clock.now()
    row.state = outcome
    row.outcome = outcome
    row.ended_at = now
    work.audit(
        actor="system", action="close_callback", entity="callback", entity_id=callback_id,
        facts={"outcome": outcome},
    )  # fmt: skip
    work.record(
        CallbackEnded(callback_id=row.id, call_id=row.call_id, outcome=outcome, at=told(now))
    )
    return row
