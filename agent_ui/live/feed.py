"""Brings events to desks: what became stale is read anew, in one lane per agent.

The lane is what makes a desk right: snapshots and parts of one agent are read and queued one
after the other, so that no older reading can ever be sent after a newer one, and events that
arrive while a part is being read are answered by one more reading, not by a line of them.
"""

import asyncio
import logging
from collections import defaultdict

from sqlalchemy.exc import SQLAlchemyError

from agent_ui.live import topics
from agent_ui.live.hub import Hub, Subscriber
from agent_ui.live.reader import DeskReader
from agent_ui.live.topics import Part
from agent_ui.live.views import MissedView
from core.domain.events import Event
from core.events.bus import EVENTS, LIVE, EventBus
from core.ids import AgentId
from core.metrics import DESKS, LOOP_ERRORS

logger = logging.getLogger(__name__)
WORKERS = 8
_QUEUE_PAUSE_SECONDS = 0.5
_RETRY_SECONDS = 0.5
_ALL: frozenset[Part] = frozenset({"call", "agent", "drafts", "captions", "work"})


class DeskFeed:
    """Follows the bus and keeps every connected desk true."""

    def __init__(self, *, hub: Hub, reader: DeskReader, bus: EventBus) -> None:
        self._hub = hub
        self._reader = reader
        self._bus = bus
        self._lanes: defaultdict[AgentId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._stale: dict[AgentId, set[Part]] = {}
        self._call_of: dict[AgentId, str] = {}
        self._queue_moved = asyncio.Event()
        self._missed: list[MissedView] = []
        # At most one entry an agent (see _mark), so it is as short as the list of agents.
        self._due: asyncio.Queue[AgentId] = asyncio.Queue()

    async def run(self) -> None:
        """Until cancelled: follow the bus, refresh what is stale."""
        async with asyncio.TaskGroup() as group:
            for number in range(WORKERS):
                group.create_task(self._work(), name=f"desk-worker-{number}")
            group.create_task(self._tell_queue(), name="desk-queue")
            async for envelope in self._bus.follow(EVENTS, LIVE):
                self.take(envelope.event)

    async def snapshot(self, subscriber: Subscriber) -> None:
        """Send the whole desk to one connection, which must already be subscribed."""
        agent_id = subscriber.agent_id
        async with self._lanes[agent_id]:
            desk = await self._reader.desk(agent_id)
            call_id = desk["call"]["call_id"] if desk["call"] else ""
            if self._call_of.get(agent_id, "") != call_id and len(self._hub.of(agent_id)) > 1:
                self._mark(agent_id, _ALL)  # the agent's other tabs have not heard of it yet
            self._call_of[agent_id] = call_id
            subscriber.send_snapshot(desk)
        DESKS.set(len(self._hub))

    def forget(self, agent_id: AgentId) -> None:
        """Drop what is kept for an agent whose last connection has gone."""
        if not self._hub.of(agent_id):
            self._lanes.pop(agent_id, None)
            self._stale.pop(agent_id, None)
            self._call_of.pop(agent_id, None)
        DESKS.set(len(self._hub))

    def take(self, event: Event) -> None:
        """Mark what this event made stale, or send it on as it is."""
        if type(event) in topics.QUEUE_MOVES:
            self._queue_moved.set()
        agents = self._concerned(event)
        if not agents:
            return
        body = topics.direct(event)
        parts = topics.STALE.get(type(event), frozenset())
        for agent_id in agents:
            if body is not None:
                self._hub.send(agent_id, body)
            if parts:
                self._mark(agent_id, parts)

    def _concerned(self, event: Event) -> list[AgentId]:
        who = topics.touched(event)
        agents = {AgentId(who.agent_id)} if who.agent_id else set()
        if who.call_id:
            agents |= {agent for agent, call in self._call_of.items() if call == who.call_id}
        return [agent_id for agent_id in agents if self._hub.of(agent_id)]

    def _mark(self, agent_id: AgentId, parts: frozenset[Part]) -> None:
        waiting = self._stale.get(agent_id)
        if waiting is None:
            self._stale[agent_id] = set(parts)
            self._due.put_nowait(agent_id)
        else:
            waiting |= parts

    async def _work(self) -> None:
        while True:
            agent_id = await self._due.get()
            try:
                await self._refresh(agent_id)
            except (SQLAlchemyError, OSError):
                LOOP_ERRORS.labels("desk_feed").inc()
                logger.warning("desk not refreshed, trying again", extra={"agent_id": agent_id})
                await asyncio.sleep(_RETRY_SECONDS)
                self._mark(agent_id, _ALL)

    async def _refresh(self, agent_id: AgentId) -> None:
        async with self._lanes[agent_id]:
            parts = self._stale.pop(agent_id, set())
            if not self._hub.of(agent_id):
                return
            if "call" in parts:
                parts |= await self._send_call(agent_id)
            call_id = self._call_of.get(agent_id, "")
            send = self._hub.send
            if "agent" in parts:
                send(agent_id, {"kind": "agent", "agent": await self._reader.agent(agent_id)})
            if "drafts" in parts:
                drafts = await self._reader.drafts(call_id) if call_id else []
                send(agent_id, {"kind": "drafts", "drafts": drafts})
            if "captions" in parts:
                captions = await self._reader.captions(call_id) if call_id else []
                send(agent_id, {"kind": "captions", "captions": captions})
            if "work" in parts:
                work = await self._reader.work(agent_id, call_id)
                send(agent_id, {"kind": "work", "work": work})

    async def _send_call(self, agent_id: AgentId) -> set[Part]:
        """Send the call; another call than before makes its words and draft stale too."""
        call = await self._reader.call(agent_id)
        call_id = call["call_id"] if call else ""
        self._hub.send(agent_id, {"kind": "call", "call": call})
        if self._call_of.get(agent_id, "") == call_id:
            return set()
        self._call_of[agent_id] = call_id
        return {"drafts", "captions"}

    async def _tell_queue(self) -> None:
        """The waiting line to every desk, at most twice a second however much it moves."""
        while True:
            await self._queue_moved.wait()
            self._queue_moved.clear()
            try:
                queue = await self._reader.queue()
                self._hub.broadcast({"kind": "queue", "queue": queue})
                await self._tell_missed()
            except (SQLAlchemyError, OSError):
                LOOP_ERRORS.labels("desk_queue").inc()
            await asyncio.sleep(_QUEUE_PAUSE_SECONDS)

    async def _tell_missed(self) -> None:
        missed = await self._reader.missed()
        if missed != self._missed:
            self._missed = missed
            self._hub.broadcast({"kind": "missed", "missed": missed})
