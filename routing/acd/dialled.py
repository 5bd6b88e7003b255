"""Calls that an agent's desk dials: they belong to this agent alone and never stand in line."""

from dataclasses import replace

from core.domain.agents import AgentState, NotReadyReason
from core.domain.calls import OfferOutcome
from core.domain.outgoing import OutgoingOutcome
from core.domain.queues import GENERAL
from core.ids import QueueId
from routing.acd.commands import CloseDialled, HangUpAgent
from routing.acd.events import AgentDials
from routing.acd.offers import end_offer, offer
from routing.acd.state import AfterCall, Agent, Caller, CallerKind, Phase
from routing.acd.work import Work

_MAY_DIAL = frozenset({AgentState.READY, AgentState.NOT_READY, AgentState.WRAP_UP})


def on_dials(work: Work, event: AgentDials) -> None:
    """Ring the agent's own phone first; who is busy or gone dials nobody."""
    if event.call_id in work.callers:
        return
    agent = work.agents.get(event.agent_id)
    if agent is None or not agent.here or agent.state not in _MAY_DIAL:
        work.say(CloseDialled(event.call_id, OutgoingOutcome.GIVEN_UP))
        return
    work.arrivals += 1
    caller = Caller(
        call_id=event.call_id,
        queue=QueueId(GENERAL),
        since=work.now,
        order=work.arrivals,
        kind=CallerKind.DIALLED,
    )
    work.put(caller)
    offer(work, caller, _afterwards(agent))


def _afterwards(agent: Agent) -> Agent:
    """Whoever was not ready is so again after the call."""
    if agent.state is not AgentState.NOT_READY or agent.after_call is not None:
        return agent
    reason = agent.reason or NotReadyReason.BREAK
    return replace(agent, after_call=AfterCall(state=AgentState.NOT_READY, reason=reason))


def fail(work: Work, caller: Caller, outcome: OutgoingOutcome) -> None:
    """Nobody was reached, or the agent hung up before: the call is over, no turn is lost."""
    agent_id, offer_id = caller.agent_id, caller.offer_id
    end_offer(work, caller, OfferOutcome.CALLER_LEFT)
    if caller.phase is Phase.CONNECTING and offer_id is not None:
        work.say(HangUpAgent(caller.call_id, offer_id))
    work.drop(caller.call_id)
    work.say(CloseDialled(caller.call_id, outcome))
    work.release(agent_id)


def sweep(work: Work) -> None:
    """A dialled call whose ringing ended waits for nobody else."""
    for caller in list(work.callers.values()):
        if caller.kind is CallerKind.DIALLED and caller.phase is Phase.WAITING:
            work.drop(caller.call_id)
            work.say(CloseDialled(caller.call_id, OutgoingOutcome.GIVEN_UP))
