"""Offers: matching callers with agents, and how an offer ends."""

from dataclasses import replace

from core.domain.agents import AgentState, NotReadyReason
from core.domain.calls import OfferOutcome
from core.domain.queues import CallbackEnd
from core.ids import AgentId, CallId, OfferId
from routing.acd.commands import (
    CloseCallback,
    ConnectCall,
    EndOffer,
    HangUpAgent,
    OfferCall,
    RecordAnswer,
    StartCallbackDial,
)
from routing.acd.events import (
    CallConnected,
    ConnectFailed,
    OfferAccepted,
    OfferFailed,
    OfferRefused,
    OfferTimedOut,
)
from routing.acd.selection import choose_agent, in_line, is_free, is_free_for_return
from routing.acd.state import Agent, Caller, CallerKind, Phase
from routing.acd.work import Work


def offer_id_of(call_id: CallId, number: int) -> OfferId:
    """The name of a call's n-th offer."""
    return OfferId(f"{call_id}.{number}")


def match(work: Work) -> None:
    """Offer every call that can be offered: returned ones to their agent, then all in order."""
    free = {agent.agent_id: agent for agent in work.agents.values() if is_free(agent)}
    returning = any(caller.wanted is not None for caller in work.callers.values())
    if not free and not returning:
        return
    waiting = in_line(work.callers.values(), work.policies, work.now)
    if returning:
        waiting = [caller for caller in waiting if not _give_back(work, caller, free)]
    for caller in waiting:
        if not free:
            return
        agent = choose_agent(caller, list(free.values()), work.now)
        if agent is not None:
            del free[agent.agent_id]
            offer(work, caller, agent)


def _give_back(work: Work, caller: Caller, free: dict[AgentId, Agent]) -> bool:
    """Offer a returned call to the agent who had it, if that agent can take it."""
    agent = work.agents.get(caller.wanted) if caller.wanted is not None else None
    if agent is None or not is_free_for_return(agent, caller):
        return False
    free.pop(agent.agent_id, None)
    offer(work, caller, agent)
    return True


def offer(work: Work, caller: Caller, agent: Agent) -> None:
    """Ring this agent for this call."""
    number = caller.offers + 1
    offer_id = offer_id_of(caller.call_id, number)
    ends = work.now + work.policy(caller.queue).offer_timeout
    work.put(
        replace(
            caller,
            phase=Phase.OFFERED,
            agent_id=agent.agent_id,
            offer_id=offer_id,
            offers=number,
            offer_ends=ends,
        )
    )
    work.say(
        OfferCall(
            call_id=caller.call_id,
            agent_id=agent.agent_id,
            offer_id=offer_id,
            number=number,
            ends=ends,
            callback=caller.kind is not CallerKind.LIVE,
        )
    )
    work.set_agent(replace(agent, state=AgentState.RINGING, reason=None, call_id=caller.call_id))


def end_offer(work: Work, caller: Caller, outcome: OfferOutcome) -> Caller:
    """Stop ringing; the caller keeps the place. What becomes of the agent is said elsewhere."""
    if caller.agent_id is not None and caller.offer_id is not None:
        work.say(EndOffer(caller.call_id, caller.agent_id, caller.offer_id, outcome))
    return work.wait_again(caller)


def _current(work: Work, call_id: CallId, offer_id: OfferId) -> Caller | None:
    """The caller, if this offer is the one that rings now; late news is of no matter."""
    caller = work.callers.get(call_id)
    if caller is None or caller.phase is not Phase.OFFERED or caller.offer_id != offer_id:
        return None
    return caller


def on_accepted(work: Work, event: OfferAccepted) -> None:
    """The agent's phone is answered; an answer that came too late is hung up."""
    caller = _current(work, event.call_id, event.offer_id)
    if caller is None or caller.agent_id is None:
        work.say(HangUpAgent(event.call_id, event.offer_id))
        return
    work.put(replace(caller, phase=Phase.CONNECTING, offer_ends=None))
    if caller.kind is not CallerKind.LIVE:
        work.say(StartCallbackDial(caller.call_id, caller.agent_id, event.offer_id))
    else:
        work.say(ConnectCall(caller.call_id, caller.agent_id, event.offer_id))


def on_timed_out(work: Work, event: OfferTimedOut) -> None:
    _blame(work, event, OfferOutcome.UNANSWERED, NotReadyReason.UNANSWERED)


def on_refused(work: Work, event: OfferRefused) -> None:
    _blame(work, event, OfferOutcome.REFUSED, NotReadyReason.UNANSWERED)


def on_failed(work: Work, event: OfferFailed) -> None:
    """The phone cannot be rung: another call would only be lost on it too."""
    _blame(work, event, OfferOutcome.FAILED, NotReadyReason.PHONE_LOST)


def _blame(
    work: Work,
    event: OfferTimedOut | OfferRefused | OfferFailed,
    outcome: OfferOutcome,
    reason: NotReadyReason,
) -> None:
    caller = _current(work, event.call_id, event.offer_id)
    if caller is not None:
        agent_id = caller.agent_id
        end_offer(work, replace(caller, wanted=caller.back_to, back_to=None), outcome)
        if caller.kind is CallerKind.DIALLED and outcome is OfferOutcome.REFUSED:
            work.release(agent_id)
        else:
            work.blame(agent_id, reason)


def on_connected(work: Work, event: CallConnected) -> None:
    """The talk begins."""
    caller = work.callers.get(event.call_id)
    if caller is None or caller.phase is not Phase.CONNECTING:
        return
    agent = work.agents.get(caller.agent_id) if caller.agent_id is not None else None
    if agent is None or caller.offer_id is None:
        return
    work.put(replace(caller, phase=Phase.TALKING, answered_at=work.now, wanted=None, back_to=None))
    work.say(RecordAnswer(caller.call_id, agent.agent_id, caller.offer_id))
    if caller.kind is CallerKind.CALLBACK:
        work.say(CloseCallback(caller.call_id, CallbackEnd.ANSWERED))
    work.set_agent(
        replace(
            agent,
            state=AgentState.TALKING,
            idle_since=None,
            call_id=caller.call_id,
            last_call_id=caller.call_id,
            until=None,
            busy_since=work.now,
        )
    )


def on_connect_failed(work: Work, event: ConnectFailed) -> None:
    """The agent's leg was lost before the talk: the caller waits on, the phone is suspect."""
    caller = work.callers.get(event.call_id)
    if caller is None or caller.phase is not Phase.CONNECTING:
        return
    agent_id = caller.agent_id
    end_offer(work, caller, OfferOutcome.FAILED)
    if caller.kind is CallerKind.DIALLED:
        work.release(agent_id)  # gave up before the citizen answered
    else:
        work.blame(agent_id, NotReadyReason.PHONE_LOST)
