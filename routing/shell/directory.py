"""Keeps what an administrator edits at run time fresh: queues' policies, accounts, their skills."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from core.domain.queues import QueuePolicy
from routing.acd.events import AgentSignedIn, PoliciesChanged
from routing.shell.exchange import Exchange

logger = logging.getLogger(__name__)
#: A changed queue, skill or phone counts after this time at the latest.
_LOOK_SECONDS = 10.0


class Directory:
    """Looks again and again, and tells the engine what has changed."""

    def __init__(self, exchange: Exchange) -> None:
        self._x = exchange
        self._policies: tuple[QueuePolicy, ...] | None = None

    async def run(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled."""
        while True:
            await pause(_LOOK_SECONDS)
            try:
                await self.look()
            except (SQLAlchemyError, OSError):
                logger.warning("directory not read")

    async def look(self) -> None:
        """Look once."""
        policies = tuple(await self._x.people.read_policies())
        if policies != self._policies:
            self._policies = policies
            self._x.feed(PoliciesChanged(policies))
        await self._x.people.read_all()
        for agent in list(self._x.state.agents.values()):
            person = self._x.people.get(agent.agent_id)
            if person is not None and person.skills != agent.skills and agent.here:
                self._x.feed(AgentSignedIn(agent.agent_id, person.skills))
