"""The ACD's state as the database remembers it, for a process that starts in mid-shift."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.domain.agents import AgentState, NotReadyReason
from core.domain.skills import Skill
from core.ids import AgentId, CallId, OfferId, QueueId
from routing.acd.state import AcdState, Agent, Caller, Phase

#: For an agent whose talk ended while nobody kept the clock.
_WRAP_UP = timedelta(minutes=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAgent:
    """An agent's row, and the skills of the account."""

    agent_id: AgentId
    skills: frozenset[Skill]
    state: AgentState
    reason: str = ""
    idle_since: datetime | None = None
    until: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTalk:
    """A talk whose both channels are still alive."""

    call_id: CallId
    agent_id: AgentId
    offer_id: OfferId
    queue: QueueId
    since: datetime
    answered_at: datetime
    priority: int
    offers: int


def restore(
    empty: AcdState, agents: Iterable[KeptAgent], talks: Iterable[KeptTalk], now: datetime
) -> AcdState:
    """Agents and running talks. Those who wait enter as events, in the order of their places.

    Whoever was being rung is ready again with the old turn: the ringing was stopped. Whoever
    talked on a call that has ended meanwhile writes it up now.
    """
    callers: dict[CallId, Caller] = {}
    made: dict[AgentId, Agent] = {}
    by_agent = {talk.agent_id: talk for talk in talks}
    for kept in agents:
        talk = by_agent.get(kept.agent_id)
        if talk is not None:
            callers[talk.call_id] = _talking(talk, len(callers))
            made[kept.agent_id] = _busy(kept, talk)
        elif kept.state is not AgentState.SIGNED_OUT:
            made[kept.agent_id] = _agent(kept, now)
    return replace(empty, callers=callers, agents=made, arrivals=len(callers))


def _talking(talk: KeptTalk, order: int) -> Caller:
    return Caller(
        call_id=talk.call_id,
        queue=talk.queue,
        since=talk.since,
        order=order,
        priority=talk.priority,
        phase=Phase.TALKING,
        agent_id=talk.agent_id,
        offer_id=talk.offer_id,
        offers=talk.offers,
        answered_at=talk.answered_at,
    )


def _busy(kept: KeptAgent, talk: KeptTalk) -> Agent:
    return Agent(
        agent_id=kept.agent_id,
        skills=kept.skills,
        state=AgentState.TALKING,
        reason=None,
        call_id=talk.call_id,
        last_call_id=talk.call_id,
        busy_since=talk.answered_at,
    )


def _agent(kept: KeptAgent, now: datetime) -> Agent:
    agent = Agent(agent_id=kept.agent_id, skills=kept.skills)
    if kept.state in (AgentState.READY, AgentState.RINGING):
        ready = replace(agent, state=AgentState.READY, reason=None)
        return replace(ready, idle_since=kept.idle_since or now)
    if kept.state in (AgentState.WRAP_UP, AgentState.TALKING):
        return replace(
            agent,
            state=AgentState.WRAP_UP,
            reason=None,
            wrap_up_from=kept.since if kept.state is AgentState.WRAP_UP else now,
            until=kept.until or now + _WRAP_UP,
        )
    return replace(agent, reason=_reason(kept.reason))


def _reason(text: str) -> NotReadyReason:
    known: Mapping[str, NotReadyReason] = {reason.value: reason for reason in NotReadyReason}
    return known.get(text, NotReadyReason.SIGNED_IN)
