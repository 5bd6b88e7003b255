"""Who is served next, and by whom: the order of callers, and the choice of an agent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from core.domain.agents import AgentState
from core.domain.queues import QueuePolicy, is_quiet
from core.domain.skills import fits_ever, open_ring, rings_for
from core.ids import AgentId, QueueId
from routing.acd.state import Agent, Caller, CallerKind, Phase, policy_of

Policies = Mapping[QueueId, QueuePolicy]


def with_rings(caller: Caller, policy: QueuePolicy) -> Caller:
    """The caller with the rings of the queue's policy, its own skills and language added."""
    rings = rings_for(
        policy.rings,
        extra=caller.skills,
        language=caller.language,
        relaxing=policy.relaxing,
    )
    return replace(caller, rings=rings)


def in_line(callers: Iterable[Caller], policies: Policies, now: datetime) -> list[Caller]:
    """Those who may be offered now, in the order of service."""
    eligible = [caller for caller in callers if may_be_offered(caller, policies, now)]
    return sorted(eligible, key=lambda caller: caller.place)


def may_be_offered(caller: Caller, policies: Policies, now: datetime) -> bool:
    """Whether the caller waits; a callback only outside quiet hours and retry pauses."""
    if caller.phase is not Phase.WAITING:
        return False
    if caller.kind is CallerKind.LIVE:
        return True
    if caller.not_before is not None and caller.not_before > now:
        return False
    return not is_quiet(policy_of(policies, caller.queue).callback, now)


def is_free(agent: Agent) -> bool:
    """Whether the agent may be offered a call."""
    return agent.state is AgentState.READY and agent.here


def is_free_for_return(agent: Agent, caller: Caller) -> bool:
    """Whether a call that comes back may ring its agent: ready, or still writing about it."""
    if is_free(agent):
        return True
    wrapping_up = agent.state is AgentState.WRAP_UP and agent.here
    return wrapping_up and agent.last_call_id == caller.call_id


def choose_agent(caller: Caller, free: Sequence[Agent], now: datetime) -> Agent | None:
    """The free agent who fits the earliest open ring, and among those has been idle longest."""
    waited = now - caller.since
    best: tuple[int, datetime, AgentId] | None = None
    chosen: Agent | None = None
    for agent in free:
        ring = open_ring(caller.rings, agent.skills, waited)
        if ring is None:
            continue
        rank = (ring, agent.idle_since or now, agent.agent_id)
        if best is None or rank < best:
            best, chosen = rank, agent
    return chosen


def is_staffed(caller: Caller, agents: Iterable[Agent]) -> bool:
    """Whether anybody at a desk may ever take this call."""
    return any(agent.here and fits_ever(caller.rings, agent.skills) for agent in agents)
