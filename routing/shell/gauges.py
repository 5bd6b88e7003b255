"""Shows the ACD's figures as metrics, and reads policies and accounts anew from time to time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from core import metrics
from core.domain.agents import AgentState
from core.ids import QueueId
from routing.acd.events import AgentSignedIn, PoliciesChanged
from routing.acd.stats import figures
from routing.shell.exchange import Exchange

logger = logging.getLogger(__name__)
_SHOW_SECONDS = 2.0
_READ_EVERY = 15


class Gauges:
    """Slow work beside the calls."""

    def __init__(self, exchange: Exchange) -> None:
        self._x = exchange
        self._shown_queues: set[QueueId] = set()

    async def run(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Show every two seconds, read every half minute, until cancelled."""
        rounds = 0
        while True:
            self.show()
            rounds += 1
            if rounds % _READ_EVERY == 0:
                await self._read()
            await pause(_SHOW_SECONDS)

    def show(self) -> None:
        """Set the gauges."""
        now = figures(self._x.state, self._x.clock.now())
        for queue in self._shown_queues | set(now.waiting):
            metrics.CALLS_WAITING.labels(queue).set(now.waiting.get(queue, 0))
            self._shown_queues.add(queue)
        metrics.OLDEST_WAIT.set(now.oldest_wait.total_seconds())
        for state in AgentState:
            metrics.AGENTS.labels(state.value).set(now.agents.get(state, 0))

    async def _read(self) -> None:
        try:
            await self._x.people.read_all()
            policies = tuple(await self._x.people.read_policies())
        except (SQLAlchemyError, OSError):
            logger.warning("policies not read")
            return
        if {policy.queue: policy for policy in policies} != dict(self._x.state.policies):
            self._x.feed(PoliciesChanged(policies))
        for agent in list(self._x.state.agents.values()):
            person = self._x.people.get(agent.agent_id)
            if person is not None and person.skills != agent.skills and agent.here:
                self._x.feed(AgentSignedIn(agent.agent_id, person.skills))
