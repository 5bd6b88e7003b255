"""Callers: how they enter the line, leave it, and come back to it."""

from dataclasses import replace

from core.domain.agents import AgentState
from core.domain.calls import OfferOutcome
from core.domain.outgoing import OutgoingOutcome
from core.domain.queues import VoicemailReason, is_ordinary
from routing.acd import dialled
from routing.acd.callbacks import dial_failed
from routing.acd.commands import HangUpAgent, SendToVoicemail
from routing.acd.events import (
    CallEntered,
    CallFinished,
    CallLeft,
    CallReturned,
    PoliciesChanged,
)
from routing.acd.offers import end_offer
from routing.acd.selection import with_rings
from routing.acd.state import Caller, CallerKind, Phase
from routing.acd.work import Work


def on_entered(work: Work, event: CallEntered) -> None:
    """Take a place in line; a full queue asks ordinary callers for a message."""
    if event.call_id in work.callers:
        return
    policy = work.policy(event.queue)
    if is_ordinary(event.priority) and _waiting(work, event) >= policy.max_waiting:
        work.say(SendToVoicemail(event.call_id, event.queue, VoicemailReason.QUEUE_FULL))
        return
    work.arrivals += 1
    caller = Caller(
        call_id=event.call_id,
        queue=event.queue,
        since=event.since,
        order=work.arrivals,
        priority=event.priority,
        skills=event.skills,
        language=event.language,
        number_hash=event.number_hash,
        offers=event.offers,
        announce_at=work.now + policy.announce_first,
    )
    work.put(with_rings(caller, policy))


def _waiting(work: Work, event: CallEntered) -> int:
    return sum(
        caller.queue == event.queue and caller.phase is Phase.WAITING
        for caller in work.callers.values()
    )


def on_returned(work: Work, event: CallReturned) -> None:
    """A failed transfer: the old place, and first of all the agent who knows the matter."""
    if event.call_id in work.callers:
        return
    work.arrivals += 1
    policy = work.policy(event.queue)
    caller = Caller(
        call_id=event.call_id,
        queue=event.queue,
        since=event.since,
        order=work.arrivals,
        priority=event.priority,
        offers=event.offers,
        wanted=event.agent_id,
        back_to=event.back_to,
        announce_at=work.now + policy.announce_every,
    )
    work.put(with_rings(caller, policy))


def on_left(work: Work, event: CallLeft) -> None:
    """The caller is gone; whoever was rung for the call is free again."""
    caller = work.callers.get(event.call_id)
    if caller is None:
        return
    if caller.phase is Phase.TALKING:
        _finish(work, caller)
    elif caller.kind is CallerKind.CALLBACK:
        if caller.phase is Phase.CONNECTING:
            dial_failed(work, caller)
    elif caller.kind is CallerKind.DIALLED:
        dialled.fail(work, caller, OutgoingOutcome.CITIZEN_UNANSWERED)
    else:
        _leave(work, caller)


def _leave(work: Work, caller: Caller) -> None:
    if caller.phase is not Phase.WAITING:
        end_offer(work, caller, OfferOutcome.CALLER_LEFT)
    if caller.phase is Phase.CONNECTING and caller.offer_id is not None:
        work.say(HangUpAgent(caller.call_id, caller.offer_id))
    work.drop(caller.call_id)
    work.release(caller.agent_id)


def on_finished(work: Work, event: CallFinished) -> None:
    caller = work.callers.get(event.call_id)
    if caller is not None and caller.phase is Phase.TALKING:
        _finish(work, caller)


def _finish(work: Work, caller: Caller) -> None:
    """The talk is over: the server starts the agent's wrap-up clock."""
    work.drop(caller.call_id)
    agent = work.agents.get(caller.agent_id) if caller.agent_id is not None else None
    if agent is None:
        return
    work.set_agent(
        replace(
            agent,
            state=AgentState.WRAP_UP,
            call_id=None,
            last_call_id=caller.call_id,
            wrap_up_from=work.now,
            until=work.now + work.policy(caller.queue).wrap_up,
        )
    )


def on_policies(work: Work, event: PoliciesChanged) -> None:
    """New policies hold for those who wait already, too."""
    work.policies = {policy.queue: policy for policy in event.policies}
    for caller in list(work.callers.values()):
        work.put(with_rings(caller, work.policy(caller.queue)))
