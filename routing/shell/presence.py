"""Watches which desks are alive: a lost desk is offered no call, a new one signs its agent in."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.auth import Permission
from core.errors import HotlineError
from core.ids import AgentId
from routing.acd.events import AgentCameBack, AgentGone, AgentSignedIn
from routing.api import presence_key
from routing.shell.exchange import Exchange

logger = logging.getLogger(__name__)
_LOOK_SECONDS = 1.5
#: A page that is loaded again closes its socket and opens another: not yet a lost desk.
_MISSES = 3
#: After Redis was away nobody is missed until the desks have had time to write again.
_GRACE_LOOKS = 6


class DeskRegister(Protocol):
    """Where desks write down that they are alive."""

    async def alive(self, agents: Iterable[AgentId]) -> set[AgentId] | None:
        """Those of them with a living desk; None when that cannot be known now."""
        ...


class RedisDesks:
    """The keys that the desk gateway renews."""

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis

    async def alive(self, agents: Iterable[AgentId]) -> set[AgentId] | None:
        asked = list(agents)
        if not asked:
            return set()
        try:
            found = await self._redis.mget([presence_key(agent) for agent in asked])
        except (RedisError, OSError):
            return None
        return {agent for agent, mark in zip(asked, found, strict=True) if mark is not None}


class Presence:
    """Compares who is there with who the engine believes to be there."""

    def __init__(self, exchange: Exchange, desks: DeskRegister) -> None:
        self._x = exchange
        self._desks = desks
        self._misses: dict[AgentId, int] = {}
        self._grace = _GRACE_LOOKS

    async def run(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.look()
            except HotlineError as error:
                logger.warning("presence not read", extra={"code": error.code})
            await pause(_LOOK_SECONDS)

    async def look(self) -> None:
        """Look once."""
        alive = await self._desks.alive(self._x.people.ids)
        if alive is None:
            self._grace = _GRACE_LOOKS
            return
        self._grace = max(0, self._grace - 1)
        for agent_id in alive:
            self._misses.pop(agent_id, None)
            self._came(agent_id)
        for agent in list(self._x.state.agents.values()):
            if agent.agent_id not in alive and agent.here and not self._grace:
                self._missed(agent.agent_id)

    def _came(self, agent_id: AgentId) -> None:
        known = self._x.state.agents.get(agent_id)
        person = self._x.people.get(agent_id)
        if known is None and person is not None and person.can(Permission.TAKE_CALLS):
            self._x.feed(AgentSignedIn(agent_id, person.skills))
        elif known is not None and not known.here:
            self._x.feed(AgentCameBack(agent_id))

    def _missed(self, agent_id: AgentId) -> None:
        misses = self._misses.get(agent_id, 0) + 1
        self._misses[agent_id] = misses
        if misses >= _MISSES:
            self._misses.pop(agent_id, None)
            logger.info("desk lost", extra={"agent_id": agent_id})
            self._x.feed(AgentGone(agent_id))
