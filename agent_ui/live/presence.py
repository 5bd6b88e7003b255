"""Tells the routing process which agents have a living desk: a key that dies by itself."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from agent_ui.live.hub import Hub
from core.ids import AgentId

logger = logging.getLogger(__name__)
#: Miss two renewals and the agent is no longer offered calls: no call rings an empty chair.
TTL_SECONDS = 6
RENEW_SECONDS = 2.0


class Presence(Protocol):
    """Where the living desks are written down."""

    async def renew(self, agents: Sequence[AgentId]) -> None:
        """These agents' desks are alive for TTL_SECONDS more."""
        ...

    async def gone(self, agent_id: AgentId) -> None:
        """This agent's last desk has closed on purpose."""
        ...


class RedisPresence:
    """Keys `presence:<agent_id>` with a time to live."""

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis

    async def renew(self, agents: Sequence[AgentId]) -> None:
        if not agents:
            return
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for agent_id in agents:
                    pipe.set(f"presence:{agent_id}", "1", ex=TTL_SECONDS)
                await pipe.execute()
        except (RedisError, OSError):
            logger.warning("presence not renewed")

    async def gone(self, agent_id: AgentId) -> None:
        try:
            await self._redis.delete(f"presence:{agent_id}")
        except (RedisError, OSError):
            logger.warning("presence not removed")


async def keep_present(hub: Hub, presence: Presence) -> None:
    """Until cancelled: renew the presence of every connected agent."""
    while True:
        await presence.renew(hub.agents())
        await asyncio.sleep(RENEW_SECONDS)
