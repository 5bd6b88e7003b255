"""Agents: signing in and out, ready and not ready, lost desks, wrap-up."""

from dataclasses import replace

from core.domain.agents import AgentState, NotReadyReason
from core.domain.calls import OfferOutcome
from routing.acd.events import (
    AgentCameBack,
    AgentGone,
    AgentNotReady,
    AgentReady,
    AgentSignedIn,
    AgentSignedOut,
    WrapUpExtended,
)
from routing.acd.offers import end_offer
from routing.acd.state import AfterCall, Agent, Phase
from routing.acd.work import Work


def on_signed_in(work: Work, event: AgentSignedIn) -> None:
    """A new agent starts not ready; signing in again only renews skills and presence."""
    known = work.agents.get(event.agent_id)
    if known is None:
        work.set_agent(Agent(agent_id=event.agent_id, skills=event.skills))
        return
    wish = known.after_call
    stays = wish is not None and wish.state is AgentState.SIGNED_OUT
    work.set_agent(
        replace(
            known, skills=event.skills, here=True, after_call=None if stays else known.after_call
        ),
        quiet=True,
    )


def on_ready(work: Work, event: AgentReady) -> None:
    """Ready now, or after the call; being ready already changes nothing, not even the turn."""
    agent = work.agents.get(event.agent_id)
    if agent is None:
        return
    if agent.state is AgentState.WRAP_UP:
        work.rest(replace(agent, here=True, after_call=None))
    elif agent.state is AgentState.NOT_READY:
        work.make_ready(replace(agent, here=True))
    else:
        work.set_agent(replace(agent, here=True, after_call=None), quiet=True)


def on_not_ready(work: Work, event: AgentNotReady) -> None:
    """Not ready now; while ringing that declines the call, while talking it waits for the end."""
    agent = work.agents.get(event.agent_id)
    if agent is None:
        return
    wish = AfterCall(state=AgentState.NOT_READY, reason=event.reason)
    if _is_on_call(work, agent):
        work.set_agent(replace(agent, after_call=wish), quiet=True)
        return
    if agent.state is AgentState.RINGING:
        _stop_ringing(work, agent, OfferOutcome.REFUSED)
    work.rest(replace(agent, after_call=wish))


def on_signed_out(work: Work, event: AgentSignedOut) -> None:
    """Gone now; during a call after it and its wrap-up."""
    agent = work.agents.get(event.agent_id)
    if agent is None:
        return
    if _is_on_call(work, agent):
        wish = AfterCall(state=AgentState.SIGNED_OUT)
        work.set_agent(replace(agent, after_call=wish), quiet=True)
        return
    if agent.state is AgentState.RINGING:
        _stop_ringing(work, agent, OfferOutcome.AGENT_GONE)
    work.sign_out(agent.agent_id)


def on_gone(work: Work, event: AgentGone) -> None:
    """No presence: no call may ring an empty chair. A talk goes on as long as its leg lives."""
    agent = work.agents.get(event.agent_id)
    if agent is None or not agent.here:
        return
    agent = work.set_agent(replace(agent, here=False), quiet=True)
    if _is_on_call(work, agent) or agent.state in (AgentState.WRAP_UP, AgentState.NOT_READY):
        return
    if agent.state is AgentState.RINGING:
        _stop_ringing(work, agent, OfferOutcome.AGENT_GONE)
    work.make_not_ready(agent, NotReadyReason.DESK_LOST)


def on_came_back(work: Work, event: AgentCameBack) -> None:
    """The desk is heard again; a person presses ready, not the network."""
    agent = work.agents.get(event.agent_id)
    if agent is not None and not agent.here:
        work.set_agent(replace(agent, here=True), quiet=True)


def on_wrap_up_extended(work: Work, event: WrapUpExtended) -> None:
    """More time to write, within the longest wrap-up that is allowed."""
    agent = work.agents.get(event.agent_id)
    if agent is None or agent.state is not AgentState.WRAP_UP or agent.until is None:
        return
    longest = max((policy.most_wrap_up for policy in work.policies.values()), default=None)
    until = agent.until + event.by
    if longest is not None and agent.wrap_up_from is not None:
        until = min(until, agent.wrap_up_from + longest)
    work.set_agent(replace(agent, until=max(until, agent.until)))


def _is_on_call(work: Work, agent: Agent) -> bool:
    """Whether the agent's phone is answered: talking, or being joined with the caller."""
    if agent.state is AgentState.TALKING:
        return True
    caller = work.callers.get(agent.call_id) if agent.call_id is not None else None
    return caller is not None and caller.phase is Phase.CONNECTING


def _stop_ringing(work: Work, agent: Agent, outcome: OfferOutcome) -> None:
    caller = work.callers.get(agent.call_id) if agent.call_id is not None else None
    if caller is not None and caller.phase is Phase.OFFERED:
        end_offer(work, caller, outcome)
