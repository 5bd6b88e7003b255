"""What the ACD knows: callers in line, agents, offers; values only, never changed in place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.domain.agents import AgentState, NotReadyReason
from core.domain.queues import Priority, QueuePolicy
from core.domain.skills import Ring, Skill
from core.ids import AgentId, CallId, OfferId, QueueId

#: Handling times (talk and wrap-up) remembered for the honest waiting time.
REMEMBERED = 100


class CallerKind(StrEnum):
    """Whether somebody is on the line, will be phoned back, or is phoned by one agent's desk."""

    LIVE = "LIVE"
    CALLBACK = "CALLBACK"
    DIALLED = "DIALLED"


class Phase(StrEnum):
    """How far a caller in line has come."""

    WAITING = "WAITING"
    OFFERED = "OFFERED"
    CONNECTING = "CONNECTING"
    TALKING = "TALKING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One caller in line, or in talk with an agent.

    since: when the place in line was taken; kept through unanswered offers, failed transfers and
        callbacks, so that the place is kept too.
    number_hash: keyed hash of the number; None where no number is known.
    offers: offers made so far; names the next one.
    wanted: the agent who had the call before a transfer failed; rung first if free.
    back_to: the agent who is wanted next, when a colleague to whom the call was handed does not
        answer.
    nobody_since: since when no agent who could ever take the call is at a desk.
    not_before: a callback is not tried before this instant.
    """

    call_id: CallId
    queue: QueueId
    since: datetime
    order: int
    kind: CallerKind = CallerKind.LIVE
    priority: int = Priority.ORDINARY
    skills: frozenset[Skill] = frozenset()
    language: str = "zh"
    rings: tuple[Ring, ...] = ()
    number_hash: str | None = None
    phase: Phase = Phase.WAITING
    agent_id: AgentId | None = None
    offer_id: OfferId | None = None
    offers: int = 0
    offer_ends: datetime | None = None
    answered_at: datetime | None = None
    wanted: AgentId | None = None
    back_to: AgentId | None = None
    announce_at: datetime | None = None
    callback_offered: bool = False
    nobody_since: datetime | None = None
    not_before: datetime | None = None
    tries: int = 0
    expires_at: datetime | None = None

    @property
    def place(self) -> tuple[int, datetime, int]:
        """The order of service: priority, then who came first, then a tie-break."""
        return self.priority, self.since, self.order


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterCall:
    """What an agent asked for while busy, to be done once the call and its wrap-up are over."""

    state: AgentState
    reason: NotReadyReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One signed-in agent.

    idle_since: one instant that decides who is rung next. It is set on becoming ready and kept
        when an offer ends through no doing of the agent (the caller left, nobody at home).
    busy_since: when the last talk began; the talk and its wrap-up are one stretch of work.
    wrap_up_from, until: when wrap-up began and ends. here: the desk's presence is fresh.
    """

    agent_id: AgentId
    skills: frozenset[Skill] = frozenset()
    state: AgentState = AgentState.NOT_READY
    reason: NotReadyReason | None = NotReadyReason.SIGNED_IN
    idle_since: datetime | None = None
    call_id: CallId | None = None
    last_call_id: CallId | None = None
    until: datetime | None = None
    wrap_up_from: datetime | None = None
    busy_since: datetime | None = None
    after_call: AfterCall | None = None
    here: bool = True


@dataclass(frozen=True, slots=True)
class AcdState:
    """Everything the engine decides on; `step` returns a new one."""

    policies: Mapping[QueueId, QueuePolicy] = field(default_factory=dict)
    callers: Mapping[CallId, Caller] = field(default_factory=dict)
    agents: Mapping[AgentId, Agent] = field(default_factory=dict)
    handled: tuple[timedelta, ...] = ()
    arrivals: int = 0


def policy_of(policies: Mapping[QueueId, QueuePolicy], queue: QueueId) -> QueuePolicy:
    """The queue's policy; a queue without one gets the defaults, so that no call is refused."""
    known = policies.get(queue)
    return known if known is not None else QueuePolicy(queue=queue)
