"""Callbacks: a caller who has hung up keeps the place in line and is phoned when it is reached."""

from dataclasses import replace
from datetime import datetime

from core.domain.calls import OfferOutcome
from core.domain.outgoing import why_not_reached
from core.domain.queues import CallbackEnd, QueuePolicy
from core.ids import CallId
from routing.acd import dialled
from routing.acd.commands import (
    CloseCallback,
    ConfirmCallback,
    HangUpAgent,
    OfferCallback,
    PostponeCallback,
    RefuseCallback,
)
from routing.acd.events import (
    CallbackAccepted,
    CallbackCancelled,
    CallbackDialFailed,
    CallbackRestored,
)
from routing.acd.offers import end_offer
from routing.acd.selection import with_rings
from routing.acd.state import Caller, CallerKind, Phase
from routing.acd.work import Work


def has_callback(work: Work, number_hash: str | None) -> bool:
    """Whether a callback to this number waits already."""
    return number_hash is not None and any(
        caller.kind is CallerKind.CALLBACK and caller.number_hash == number_hash
        for caller in work.callers.values()
    )


def on_accepted(work: Work, event: CallbackAccepted) -> None:
    """The callback takes the caller's place; only one waits per number."""
    caller = work.callers.get(event.call_id)
    if caller is None or caller.kind is not CallerKind.LIVE or caller.phase is not Phase.WAITING:
        return  # an agent is being rung for the caller: better than any callback
    if has_callback(work, event.number_hash):
        work.say(RefuseCallback(event.call_id, event.callback_id))
        return
    work.drop(caller.call_id)
    work.put(
        replace(
            caller,
            call_id=event.callback_id,
            kind=CallerKind.CALLBACK,
            number_hash=event.number_hash,
            offers=0,
            wanted=None,
            announce_at=None,
            nobody_since=None,
            expires_at=work.now + work.policy(caller.queue).callback.keep_for,
        )
    )
    work.say(ConfirmCallback(event.call_id, event.callback_id, caller.since))


def on_restored(work: Work, event: CallbackRestored) -> None:
    if event.callback_id in work.callers or has_callback(work, event.number_hash):
        return
    work.arrivals += 1
    policy = work.policy(event.queue)
    accepted_at = event.accepted_at or work.now
    caller = Caller(
        call_id=event.callback_id,
        queue=event.queue,
        since=event.since,
        order=work.arrivals,
        kind=CallerKind.CALLBACK,
        priority=event.priority,
        language=event.language,
        number_hash=event.number_hash,
        tries=event.tries,
        offers=event.offers,
        not_before=event.not_before,
        expires_at=accepted_at + policy.callback.keep_for,
    )
    work.put(with_rings(caller, policy))


def on_cancelled(work: Work, event: CallbackCancelled) -> None:
    """The citizen phoned again, or a person struck it off; a running talk is left alone."""
    caller = _callback(work, event.callback_id)
    if caller is not None and caller.phase is not Phase.TALKING:
        close(work, caller, CallbackEnd.CANCELLED)


def on_dial_failed(work: Work, event: CallbackDialFailed) -> None:
    caller = work.callers.get(event.callback_id)
    if caller is None or caller.phase is not Phase.CONNECTING:
        return
    if caller.kind is CallerKind.CALLBACK:
        dial_failed(work, caller)
    elif caller.kind is CallerKind.DIALLED:
        dialled.fail(work, caller, why_not_reached(event.cause))


def dial_failed(work: Work, caller: Caller) -> None:
    """Nobody at home: try again later, a few times; the agent loses no turn."""
    _let_agent_go(work, caller)
    retries = work.policy(caller.queue).callback.retries
    if caller.tries >= len(retries):
        work.drop(caller.call_id)
        work.say(CloseCallback(caller.call_id, CallbackEnd.NOT_REACHED))
    else:
        not_before = work.now + retries[caller.tries]
        waiting = work.wait_again(caller)
        work.put(replace(waiting, tries=caller.tries + 1, not_before=not_before))
        work.say(PostponeCallback(caller.call_id, not_before, caller.tries + 1))
    work.release(caller.agent_id)


def close(work: Work, caller: Caller, end: CallbackEnd) -> None:
    """The callback waits no longer."""
    _let_agent_go(work, caller)
    work.drop(caller.call_id)
    work.say(CloseCallback(caller.call_id, end))
    work.release(caller.agent_id)


def _let_agent_go(work: Work, caller: Caller) -> None:
    if caller.phase is not Phase.WAITING:
        end_offer(work, caller, OfferOutcome.CALLER_LEFT)
    if caller.phase is Phase.CONNECTING and caller.offer_id is not None:
        work.say(HangUpAgent(caller.call_id, caller.offer_id))


def _callback(work: Work, callback_id: CallId) -> Caller | None:
    caller = work.callers.get(callback_id)
    return caller if caller is not None and caller.kind is CallerKind.CALLBACK else None


def callback_due(caller: Caller, policy: QueuePolicy) -> datetime | None:
    """When a waiting caller is to be offered a callback; None if never."""
    wanted = policy.callback.enabled and not caller.callback_offered
    if not wanted or caller.kind is not CallerKind.LIVE:
        return None
    return caller.since + policy.callback.offer_after


def offer_callback(work: Work, caller: Caller) -> None:
    """Once per caller, unless a callback to the number waits already."""
    work.put(replace(caller, callback_offered=True))
    if not has_callback(work, caller.number_hash):
        work.say(OfferCallback(caller.call_id))
