"""Time: what is due now, and when the next thing will be."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from core.domain.agents import AgentState, NotReadyReason
from core.domain.calls import OfferOutcome
from core.domain.queues import (
    CallbackEnd,
    QueuePolicy,
    VoicemailReason,
    is_ordinary,
    quiet_ends,
)
from routing.acd import callbacks
from routing.acd.commands import AnnounceWait, SendToVoicemail
from routing.acd.offers import end_offer
from routing.acd.selection import is_staffed
from routing.acd.state import AcdState, Agent, Caller, CallerKind, Phase, policy_of
from routing.acd.waiting import callers_ahead, minutes_to_wait
from routing.acd.work import Work


def expire(work: Work) -> None:
    """End what has run out: wrap-ups, offers, patience, callbacks."""
    for agent in list(work.agents.values()):
        if _wrap_up_over(agent, work.now):
            work.rest(agent)
    for caller in list(work.callers.values()):
        if caller.phase is Phase.OFFERED:
            _expire_offer(work, caller)
        elif caller.phase is Phase.WAITING and caller.kind is CallerKind.CALLBACK:
            if caller.expires_at is not None and caller.expires_at <= work.now:
                callbacks.close(work, caller, CallbackEnd.EXPIRED)
        elif caller.phase is Phase.WAITING:
            _overflow(work, caller)


def _wrap_up_over(agent: Agent, now: datetime) -> bool:
    is_over = agent.until is not None and agent.until <= now
    return agent.state is AgentState.WRAP_UP and is_over


def _expire_offer(work: Work, caller: Caller) -> None:
    if caller.offer_ends is None or caller.offer_ends > work.now:
        return
    agent_id = caller.agent_id
    back = replace(caller, wanted=caller.back_to, back_to=None)
    end_offer(work, back, OfferOutcome.UNANSWERED)
    work.blame(agent_id, NotReadyReason.UNANSWERED)


def _overflow(work: Work, caller: Caller) -> None:
    """Nobody waits for ever: an ordinary caller is asked for a message in the end."""
    staffed = is_staffed(caller, work.agents.values())
    nobody_since = None if staffed else caller.nobody_since or work.now
    if nobody_since != caller.nobody_since:
        caller = work.put(replace(caller, nobody_since=nobody_since))
    due = _overflow_due(caller, work.policy(caller.queue))
    if due is None or due[0] > work.now:
        return
    work.drop(caller.call_id)
    work.say(SendToVoicemail(caller.call_id, caller.queue, due[1]))


def _overflow_due(caller: Caller, policy: QueuePolicy) -> tuple[datetime, VoicemailReason] | None:
    """When patience ends and why; an emergency is never sent to a recorder."""
    if not is_ordinary(caller.priority):
        return None
    too_long = (caller.since + policy.max_wait, VoicemailReason.WAITED_TOO_LONG)
    if caller.nobody_since is None:
        return too_long
    nobody = (caller.nobody_since + policy.nobody_wait, VoicemailReason.NOBODY_SIGNED_IN)
    return min(too_long, nobody)


def announce(work: Work) -> None:
    """Tell those who still wait after the matching their place, and offer the callback."""
    for caller in list(work.callers.values()):
        if caller.phase is not Phase.WAITING or caller.kind is not CallerKind.LIVE:
            continue
        policy = work.policy(caller.queue)
        due = callbacks.callback_due(caller, policy)
        if due is not None and due <= work.now:
            callbacks.offer_callback(work, caller)
        elif caller.announce_at is not None and caller.announce_at <= work.now:
            ahead = callers_ahead(work.callers, caller)
            minutes = minutes_to_wait(caller, ahead, work.agents, work.handled, work.now)
            work.put(replace(caller, announce_at=work.now + policy.announce_every))
            work.say(AnnounceWait(caller.call_id, len(ahead) + 1, minutes))


def next_deadline(state: AcdState, now: datetime) -> datetime | None:
    """The next instant at which a Tick will change something; None if time alone changes nothing.

    An instant that has passed without effect (a ring that opened while nobody was free) is left
    out: only an event can bring news there.
    """
    due = [*_agent_deadlines(state), *_caller_deadlines(state, now)]
    return min((instant for instant in due if instant > now), default=None)


def _agent_deadlines(state: AcdState) -> Iterator[datetime]:
    for agent in state.agents.values():
        if agent.state is AgentState.WRAP_UP and agent.until is not None:
            yield agent.until


def _caller_deadlines(state: AcdState, now: datetime) -> Iterator[datetime]:
    for caller in state.callers.values():
        if caller.phase is Phase.OFFERED and caller.offer_ends is not None:
            yield caller.offer_ends
        elif caller.phase is Phase.WAITING:
            yield from _waiting_deadlines(caller, policy_of(state.policies, caller.queue), now)


def _waiting_deadlines(caller: Caller, policy: QueuePolicy, now: datetime) -> Iterator[datetime]:
    yield from (caller.since + ring.after for ring in caller.rings)
    if caller.kind is CallerKind.CALLBACK:
        yield from (at for at in (caller.not_before, caller.expires_at) if at is not None)
        yield quiet_ends(policy.callback, now)
        return
    overflow = _overflow_due(caller, policy)
    if overflow is not None:
        yield overflow[0]
    offer = callbacks.callback_due(caller, policy)
    yield from (at for at in (caller.announce_at, offer) if at is not None)
