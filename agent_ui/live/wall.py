"""The supervisors' wall: the whole of it, pushed whenever something on it has moved."""

import asyncio
import logging
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from agent_ui.live.hub import Hub, Subscriber
from agent_ui.live.views import WallAgent, WallFigures, WallView
from core.clock import city_time
from core.db.engine import Database
from core.db.repos.wall import (
    AgentOnWall,
    ServiceFigures,
    agents_on_wall,
    line_on_wall,
    service_figures,
)
from core.domain.events import (
    AgentStateChanged,
    CallAnswered,
    CallEnded,
    CallHeld,
    CallOffered,
    CallQueued,
    CallResumed,
    CallTransferred,
    Event,
    OfferEnded,
    OutgoingChanged,
)
from core.events.bus import EVENTS, EventBus
from core.metrics import LOOP_ERRORS

logger = logging.getLogger(__name__)
_PAUSE_SECONDS = 0.5
_MOVES: frozenset[type[Event]] = frozenset(
    {
        AgentStateChanged,
        CallAnswered,
        CallEnded,
        CallHeld,
        CallOffered,
        CallQueued,
        CallResumed,
        CallTransferred,
        OfferEnded,
        OutgoingChanged,
    }
)


class WallFeed:
    """Follows the bus and keeps every open wall true, at most twice a second."""

    def __init__(self, *, hub: Hub, database: Database, bus: EventBus) -> None:
        self.hub = hub
        self._database = database
        self._bus = bus
        self._moved = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tell(), name="wall")
            async for envelope in self._bus.follow(EVENTS):
                if type(envelope.event) in _MOVES:
                    self._moved.set()

    async def snapshot(self, subscriber: Subscriber) -> None:
        """The whole wall to one connection."""
        subscriber.send_snapshot(await self._read())

    async def _tell(self) -> None:
        while True:
            await self._moved.wait()
            self._moved.clear()
            if len(self.hub):
                try:
                    wall = await self._read()
                    for subscriber in self.hub:
                        subscriber.send_snapshot(wall)
                except (SQLAlchemyError, OSError):
                    LOOP_ERRORS.labels("wall").inc()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _read(self) -> WallView:
        now = self._database.clock.now()
        midnight = city_time(now).replace(hour=0, minute=0, second=0, microsecond=0)
        async with self._database.sessions() as session:
            waiting, oldest = await line_on_wall(session)
            return WallView(
                server_time=now.isoformat(),
                waiting=waiting,
                oldest_since=oldest.isoformat() if oldest is not None else None,
                agents=[_agent(one) for one in await agents_on_wall(session)],
                today=_figures(await service_figures(session, midnight)),
                day=_figures(await service_figures(session, now - timedelta(hours=24))),
            )


def _agent(agent: AgentOnWall) -> WallAgent:
    return WallAgent(
        agent_id=agent.agent_id,
        name=agent.name,
        job_number=agent.job_number,
        state=agent.state,
        reason=agent.reason,
        since=agent.since.isoformat(),
        call_id=agent.call_id,
        call_state=agent.call_state,
        line_name=agent.line_name,
        third_kind=agent.third_kind,
    )


def _figures(figures: ServiceFigures) -> WallFigures:
    decided = figures.answered + figures.abandoned
    return WallFigures(
        entered=figures.entered,
        answered=figures.answered,
        abandoned=figures.abandoned,
        in_time=figures.answered_in_time / decided if decided else None,
        connected=figures.answered / decided if decided else None,
        returned=figures.returned_in_time / figures.abandoned if figures.abandoned else None,
    )
