"""Whom a call may be handed to: a number behind the trunk, a colleague, an emergency service."""

import re
from dataclasses import dataclass

from core.domain.agents import AgentState
from core.domain.commands import AGENT_TARGET, EMERGENCY_NUMBERS
from core.errors import InputRefused, TransitionRefused
from core.ids import AgentId
from routing.shell.exchange import Exchange
from routing.shell.people import TRUNK

_NUMBER = re.compile(r"\d{3,20}")
_ASKABLE = frozenset({AgentState.READY, AgentState.NOT_READY})


@dataclass(frozen=True, slots=True)
class Target:
    """target: as the desk named it. agent_id: the colleague, where it is one."""

    target: str
    endpoint: str
    agent_id: AgentId | None = None


class Targets:
    """Reads what a desk named."""

    def __init__(self, exchange: Exchange) -> None:
        self._x = exchange

    def read(self, target: str, *, but: AgentId) -> Target:
        """A number or a free colleague. Raises InputRefused or TransitionRefused."""
        if target.startswith(AGENT_TARGET):
            return self._colleague(AgentId(target.removeprefix(AGENT_TARGET)), but)
        number = target.strip().replace("-", "").replace(" ", "")
        if not _NUMBER.fullmatch(number):
            raise InputRefused("转接号码只能是 3 到 20 位数字")
        return Target(number, f"PJSIP/{number}@{TRUNK}")

    def emergency(self, service: str) -> Target:
        """One of the emergency services. Raises InputRefused."""
        if service not in EMERGENCY_NUMBERS:
            raise InputRefused("请选择 110、119、120 或 122")
        return Target(service, f"PJSIP/{service}@{TRUNK}")

    def _colleague(self, agent_id: AgentId, but: AgentId) -> Target:
        person, agent = self._x.people.get(agent_id), self._x.state.agents.get(agent_id)
        if person is None or agent_id == but:
            raise InputRefused("没有这位坐席")
        if agent is None or not agent.here or agent.state not in _ASKABLE:
            raise TransitionRefused("该坐席现在不能接听，请另选一位")
        return Target(f"{AGENT_TARGET}{agent_id}", person.endpoint, agent_id)

    def name_of(self, target: str) -> str:
        """The colleague's name, or the number as it was dialled."""
        person = self._x.people.get(AgentId(target.removeprefix(AGENT_TARGET)))
        return person.name if person is not None else target
