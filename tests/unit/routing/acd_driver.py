"""Drives the pure ACD engine in tests: one state, one clock turned by hand, all commands kept."""

from datetime import UTC, datetime, timedelta
from typing import TypeVar

from core.domain.agents import AgentState
from core.domain.queues import QueuePolicy
from core.domain.skills import Skill
from core.ids import AgentId, CallId, QueueId
from routing.acd.commands import Command, OfferCall
from routing.acd.deadlines import next_deadline
from routing.acd.engine import step
from routing.acd.events import (
    AgentReady,
    AgentSignedIn,
    CallConnected,
    CallEntered,
    Event,
    OfferAccepted,
    PoliciesChanged,
    Tick,
)
from routing.acd.state import AcdState, Agent, Caller

#: Ten in the morning in the city.
MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
GENERAL = QueueId("general")
C = TypeVar("C")


class Acd:
    """The engine with a memory of everything it wanted done."""

    def __init__(self, *policies: QueuePolicy, now: datetime = MORNING) -> None:
        self.now = now
        self.state = AcdState()
        self.commands: list[Command] = []
        if policies:
            self.happens(PoliciesChanged(tuple(policies)))

    def happens(self, event: Event) -> list[Command]:
        self.state, commands = step(self.state, event, self.now)
        self.commands += commands
        return commands

    def passes(self, **length: float) -> list[Command]:
        """Let time pass as the shell does: a tick at each deadline, and one at the end."""
        end = self.now + timedelta(**length)
        said: list[Command] = []
        while (due := next_deadline(self.state, self.now)) is not None and due <= end:
            self.now = due
            said += self.happens(Tick())
        self.now = end
        return said + self.happens(Tick())

    def sign_in(self, agent: str, *skills: str, ready: bool = True) -> None:
        self.happens(AgentSignedIn(AgentId(agent), frozenset(Skill(skill) for skill in skills)))
        if ready:
            self.happens(AgentReady(AgentId(agent)))

    def enter(self, call: str, **fields: object) -> list[Command]:
        defaults: dict[str, object] = {"queue": GENERAL, "since": self.now}
        return self.happens(CallEntered(call_id=CallId(call), **{**defaults, **fields}))  # type: ignore[arg-type]

    def answer(self, call: str) -> None:
        """The agent rung for the call answers, and both talk."""
        offer_id = self.caller(call).offer_id
        assert offer_id is not None
        self.happens(OfferAccepted(CallId(call), offer_id))
        self.happens(CallConnected(CallId(call)))

    def caller(self, call: str) -> Caller:
        return self.state.callers[CallId(call)]

    def agent(self, agent: str) -> Agent:
        return self.state.agents[AgentId(agent)]

    def state_of(self, agent: str) -> AgentState:
        return self.agent(agent).state

    def offers(self) -> list[tuple[str, str]]:
        """(call, agent) of every offer made, in order."""
        return [(said.call_id, said.agent_id) for said in self.said(OfferCall)]

    def said(self, kind: type[C]) -> list[C]:
        return [command for command in self.commands if isinstance(command, kind)]
