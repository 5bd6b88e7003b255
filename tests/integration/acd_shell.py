"""Routing's whole shell in this process: a fake Asterisk, real PostgreSQL, a bus in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions.calls import Arrival, QueueEntry, open_call, queue_call
from core.asterisk.ari_client import AriClient
from core.asterisk.sounds import PromptSounds
from core.clock import Clock, SystemClock
from core.config import PROJECT
from core.db.engine import Database
from core.db.tables.calls import CallRow
from core.db.tables.lines import LineRow, QueueRow
from core.db.tables.people import AccountRow, AgentRow, SessionRow
from core.domain.commands import DeskCommand
from core.domain.events import Event
from core.events.bus import Command
from core.events.memory_bus import MemoryBus
from core.events.relay import Relay
from core.ids import AgentId, CallId, new_id
from core.vault import Vault
from routing.api import STASIS_APP
from routing.shell.assembly import Routing, Surroundings
from tests.fakes.asterisk import FakeAsterisk

VAULT = Vault(b"k" * 32)
E = TypeVar("E", bound=Event)
_PATIENCE_S = 8.0


@dataclass
class FakeDesks:
    """Desks that are alive as long as the test says so; same question as RedisDesks."""

    open: set[AgentId] = field(default_factory=set)

    async def alive(self, agents: Iterable[AgentId]) -> set[AgentId] | None:
        return self.open & set(agents)


@dataclass
class Shell:
    """Routing with everybody around it."""

    routing: Routing
    asterisk: FakeAsterisk
    database: Database
    bus: MemoryBus
    desks: FakeDesks

    async def order(self, kind: DeskCommand | str, agent: str, call: str = "", **args: str) -> str:
        """A desk sends a command."""
        command_id = new_id()
        await self.bus.send_command(Command(command_id, str(kind), agent, call or None, args))
        return command_id

    async def ready(self, *agents: str) -> None:
        """Agents whose desks are open go ready."""
        for agent in agents:
            self.desks.open.add(AgentId(agent))
            await self.order(DeskCommand.GO_READY, agent)
            await until(lambda agent=agent: self._said_ready(agent))

    def _said_ready(self, agent: str) -> bool:
        changes = self.events("AgentStateChanged")
        return any(e.agent_id == agent and e.state == "READY" for e in changes)  # type: ignore[attr-defined]

    async def call_in(self, call_id: str, *, comes: bool = True) -> str:
        """A citizen phones, the menu puts the call in line and (if it `comes`) hands it over."""
        world = self.asterisk.world
        channel = world.new_channel("PJSIP/carrier", caller="13862754310", context="ladder")
        channel.variables.update(CALL_UID=call_id, DID="12345")
        async with self.database.work() as work:
            arrival = Arrival(CallId(call_id), "main", "12345", channel.channel_id, "13862754310")
            await open_call(work, arrival, VAULT)
            await queue_call(work, CallId(call_id), QueueEntry("general"))
            await work.commit()
        if comes:
            world.enter(channel, STASIS_APP, ("call", call_id))
        return channel.channel_id

    def agent_state(self, agent: str) -> str:
        known = self.routing.exchange.state.agents.get(AgentId(agent))
        return known.state.value if known is not None else "SIGNED_OUT"

    async def rings(self) -> str:
        """Wait until a phone rings, and routing listens to it; gives its channel."""
        await until(lambda: bool(self._heard()))
        return self._heard()[0]

    def _heard(self) -> list[str]:
        channels = self.asterisk.world.channels
        return [leg for leg in self.asterisk.ringing() if channels[leg].watchers]

    async def talk(self, call_id: str, agent: str = "ann") -> tuple[str, str]:
        """A call that has been answered: the caller's and the agent's channel."""
        caller = await self.call_in(call_id)
        leg = await self.rings()
        self.asterisk.answer(leg)
        await until(lambda: self.agent_state(agent) == "TALKING")
        await self.told("CallAnswered")
        return caller, leg

    async def told(self, kind: str, number: int = 1) -> Event:
        """Wait for the n-th event of a kind on the bus."""
        await until(lambda: len(self.events(kind)) >= number)
        return self.events(kind)[number - 1]

    async def told_state(self, agent: str, state: str, number: int = 1) -> None:
        """Wait until an agent's state was written and told for the n-th time."""

        def seen() -> int:
            changes = self.events("AgentStateChanged")
            return sum(e.agent_id == agent and e.state == state for e in changes)  # type: ignore[attr-defined]

        await until(lambda: seen() >= number)

    def events(self, kind: str) -> list[Event]:
        found = [envelope.event for envelope in self.bus.published]
        return [event for event in found if type(event).__name__ == kind]

    async def row(self, call_id: str) -> CallRow:
        async with self.database.sessions() as session:
            return await session.get_one(CallRow, call_id)

    async def agent_row(self, agent: str) -> AgentRow:
        async with self.database.sessions() as session:
            return await session.get_one(AgentRow, agent)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another task brings about."""
    async with asyncio.timeout(_PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - it may be anything, in any part of the shell
            await asyncio.sleep(0.005)


async def make_city(database: Database, *, offer_seconds: int = 20) -> None:
    """Two agents with browser phones, one with a desk phone, one supervisor, one queue."""
    async with database.work() as work:
        for table in (AgentRow, SessionRow, AccountRow, LineRow, QueueRow):  # the default city
            await work.session.execute(delete(table))
        work.session.add(QueueRow(id="general", name="综合", offer_seconds=offer_seconds))
        work.session.add(
            LineRow(id="main", did="12345", name="12345", greeting="greeting_12345",
                    queue_id="general")
        )  # fmt: skip
        for account, phone, role in (
            ("ann", "webrtc", "AGENT"),
            ("bob", "webrtc", "AGENT"),
            ("cat", "2003", "AGENT"),
            ("sue", "2009", "TEAM_LEAD"),
        ):
            work.session.add(
                AccountRow(
                    id=account, account=account, name=account, role=role, phone=phone,
                    password_hash="", queues=["general"] if role == "AGENT" else [],
                )
            )  # fmt: skip
        await work.commit()


@asynccontextmanager
async def running_shell(
    engine: AsyncEngine,
    asterisk: FakeAsterisk,
    *,
    bus: MemoryBus | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Shell]:
    """Routing from its start until the end of the context, as a kill would end it."""
    clock = clock or SystemClock()
    bus = bus or MemoryBus()
    database = Database(engine, publish=Relay(bus, clock).publish, clock=clock)
    asterisk.world.online |= {"agent-ann", "agent-bob"}
    ari = AriClient(
        url=asterisk.url, user=asterisk.user, password=asterisk.password, app=STASIS_APP
    )
    desks = FakeDesks()
    serving = asyncio.Event()
    holder: list[Routing] = []
    async with ari, asyncio.TaskGroup() as group:
        around = Surroundings(
            ari=ari,
            database=database,
            bus=bus,
            desks=desks,
            sounds=PromptSounds(PROJECT / "ivr" / "prompts"),
            vault=VAULT,
            clock=clock,
        )
        end = group.create_task(_process(around, serving, holder))
        await asyncio.wait_for(serving.wait(), _PATIENCE_S)
        try:
            yield Shell(holder[0], asterisk, database, bus, desks)
        finally:
            end.cancel()


async def _process(around: Surroundings, serving: asyncio.Event, holder: list[Routing]) -> None:
    """The process: a task group that goes down as one when it is cancelled."""
    async with asyncio.TaskGroup() as group:
        routing = Routing(around, group)
        holder.append(routing)
        routing.serve(serving.set)
        await asyncio.Event().wait()
