"""Routing as a process with a real Asterisk: desk phones ring, talk, stay silent, are lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import func, select, update

from core.asterisk.ari_client import AriClient
from core.config import Settings
from core.db.engine import Database, make_engine
from core.db.tables.calls import CallRow
from core.db.tables.lines import QueueRow
from core.db.tables.outbox import OutboxRow
from core.db.tables.people import AccountRow
from core.domain.commands import DeskCommand
from core.domain.events import (
    AgentStateChanged,
    CallAnswered,
    CallEnded,
    CallHeld,
    CallOffered,
    CallResumed,
    CallTransferred,
    OfferEnded,
)
from core.events.bus import Command
from core.events.redis_bus import RedisBus
from core.ids import new_id
from hotline.asterisk_config import carrier_settings
from hotline.free_ports import isolated
from hotline.supervisor import Stack
from routing.api import presence_key
from simulator.carrier.network import Behaviour, Carrier, PhoneCall
from simulator.exchange import telephone_network
from simulator.watch import Watch

pytestmark = [
    pytest.mark.integration,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(90),
]
PROCESSES = ("postgres", "redis", "migrations", "asterisk", "ivr", "routing")
DIRECT = "12340"
OFFER_SECONDS = 3


@dataclass
class Floor:
    """The running instance, and the hands of agents with desk phones."""

    stack: Stack
    carrier: Carrier
    database: Database
    redis: Redis
    bus: RedisBus
    ari: AriClient
    phones: dict[str, str]
    callers: int = 0

    async def order(self, kind: DeskCommand, agent: str, call: str = "", **args: str) -> None:
        await self.bus.send_command(Command(new_id(), str(kind), agent, call or None, args))

    async def ready(self, watch: Watch, *agents: str) -> None:
        """These agents, and only these, wait for calls; the first has been idle longest."""
        for agent in self.phones:
            await self.redis.set(presence_key(agent), "1")
            await self.order(DeskCommand.SIGN_OUT, agent)
        for agent in agents:
            await self.carrier.set_number(self.phones[agent], Behaviour())
            await self.order(DeskCommand.GO_READY, agent)
            await watch.until(
                AgentStateChanged,
                lambda e, agent=agent: e.agent_id == agent and e.state == "READY",
            )

    async def phone(self) -> PhoneCall:
        self.callers += 1
        call = await self.carrier.call(DIRECT, caller_number=f"139{self.callers:08d}")
        assert await call.answered()
        return call

    async def row(self, call_id: str) -> CallRow:
        async with self.database.sessions() as session:
            return await session.get_one(CallRow, call_id)

    async def is_empty(self) -> None:
        """Wait until Asterisk holds no channel and no bridge, and no event is left to be told.

        A killed process may not have marked what it told: that is told once more, and must not
        be taken for news by the next test.
        """
        async with asyncio.timeout(20):
            while await self.ari.channels.all() or await self.ari.bridges.all():  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            while await self._untold():  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async def _untold(self) -> int:
        async with self.database.sessions() as session:
            query = select(func.count()).where(OutboxRow.sent_at.is_(None))
            return await session.scalar(query) or 0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def floor(base_settings: Settings) -> AsyncIterator[Floor]:
    with isolated(base_settings) as own:
        async with Stack(own, PROCESSES) as stack:
            settings = stack.settings
            database = Database(make_engine(settings.database_url, pool_size=3))
            redis = Redis.from_url(settings.redis_url, decode_responses=True, socket_timeout=None)
            phones = await _prepare(database)
            await stack.kill("routing")  # it has read the policies already: have them read again
            await stack.wait_ready("routing")
            ari = AriClient(
                url=settings.ari_url,
                user=settings.ari_user,
                password=settings.ari_password,
                app="nobody",
            )
            async with telephone_network(carrier_settings(settings)) as carrier, ari:
                yield Floor(stack, carrier, database, redis, RedisBus(redis), ari, phones)
            await redis.aclose()
            await database.engine.dispose()


async def _prepare(database: Database) -> dict[str, str]:
    """Short offers; gives the agents with desk phones and their numbers."""
    async with database.work() as work:
        await work.session.execute(update(QueueRow).values(offer_seconds=OFFER_SECONDS))
        accounts = (
            await work.session.scalars(
                select(AccountRow).where(AccountRow.role == "AGENT").order_by(AccountRow.id)
            )
        ).all()
        chosen = list(accounts)[:2]
        for number, account in enumerate(chosen):
            account.phone = f"310{number}"
        await work.commit()
        return {account.id: account.phone for account in chosen}


async def test_a_citizen_talks_and_is_asked_for_a_score(floor: Floor) -> None:
    ann = next(iter(floor.phones))
    async with Watch(floor.bus) as watch:
        await floor.ready(watch, ann)
        citizen = await floor.phone()
        answered = await watch.until(CallAnswered)
        assert answered.agent_id == ann
        bridges = await floor.ari.bridges.all()
        joined = {answered.caller_channel, answered.agent_channel}
        assert any(joined <= set(bridge.channel_ids) for bridge in bridges)
        await floor.order(DeskCommand.HOLD, ann, answered.call_id)
        await watch.until(CallHeld)
        await floor.order(DeskCommand.RESUME, ann, answered.call_id)
        await watch.until(CallResumed)
        await floor.order(DeskCommand.HANG_UP, ann, answered.call_id)
        await watch.until(AgentStateChanged, lambda e: e.state == "WRAP_UP")
        assert (await floor.row(answered.call_id)).state == "SURVEY"
        await citizen.hangup()
        await watch.until(CallEnded)
    await floor.is_empty()


async def test_a_silent_phone_passes_the_call_on_at_the_same_place(floor: Floor) -> None:
    ann, bob = floor.phones
    async with Watch(floor.bus) as watch:
        await floor.ready(watch, ann, bob)
        await floor.carrier.set_number(floor.phones[ann], Behaviour(mode="silent"))
        citizen = await floor.phone()
        offered = await watch.until(CallOffered)
        assert offered.agent_id == ann
        ended = await watch.until(OfferEnded, lambda e: e.call_id == offered.call_id)
        assert ended.outcome == "UNANSWERED"
        answered = await watch.until(CallAnswered, lambda e: e.call_id == offered.call_id)
        assert answered.agent_id == bob
        await citizen.hangup()
        await watch.until(CallEnded, lambda e: e.call_id == offered.call_id)
    await floor.is_empty()


async def test_a_busy_phone_passes_the_call_on_at_once(floor: Floor) -> None:
    ann, bob = floor.phones
    async with Watch(floor.bus) as watch:
        await floor.ready(watch, ann, bob)
        await floor.carrier.set_number(floor.phones[ann], Behaviour(mode="busy"))
        citizen = await floor.phone()
        answered = await watch.until(CallAnswered)
        assert answered.agent_id == bob
        await citizen.hangup()
        await watch.until(CallEnded, lambda e: e.call_id == answered.call_id)
    await floor.is_empty()


async def test_a_talk_goes_on_while_routing_is_killed_and_can_be_ended_after(
    floor: Floor,
) -> None:
    ann = next(iter(floor.phones))
    async with Watch(floor.bus) as watch:
        await floor.ready(watch, ann)
        citizen = await floor.phone()
        answered = await watch.until(CallAnswered)
        await floor.stack.kill("routing")
        await floor.stack.wait_ready("routing")
        await floor.order(DeskCommand.HANG_UP, ann, answered.call_id)
        await watch.until(AgentStateChanged, lambda e: e.state == "WRAP_UP")
        await citizen.hangup()
        await watch.until(CallEnded, lambda e: e.call_id == answered.call_id)
    await floor.is_empty()


async def test_a_consulted_seat_takes_the_call_over(floor: Floor) -> None:
    ann = next(iter(floor.phones))
    await floor.carrier.set_number("83505001", Behaviour())
    async with Watch(floor.bus) as watch:
        await floor.ready(watch, ann)
        citizen = await floor.phone()
        answered = await watch.until(CallAnswered)
        await floor.order(DeskCommand.CONSULT, ann, answered.call_id, target="83505001")
        await watch.until(CallHeld)
        seat = await floor.carrier.next_ring("83505001")
        assert await seat.answered()
        await floor.order(DeskCommand.THREE_WAY, ann, answered.call_id)
        await watch.until(CallResumed)
        await floor.order(DeskCommand.TRANSFER, ann, answered.call_id)
        await watch.until(AgentStateChanged, lambda e: e.state == "WRAP_UP")
        bridges = await floor.ari.bridges.all()
        assert any(answered.caller_channel in bridge.channel_ids for bridge in bridges)
        await citizen.hangup()
        await watch.until(CallEnded, lambda e: e.call_id == answered.call_id)
    await floor.is_empty()


async def test_an_emergency_service_is_rung_into_the_talk_and_keeps_the_caller(
    floor: Floor,
) -> None:
    ann = next(iter(floor.phones))
    await floor.carrier.set_number("119", Behaviour())
    async with Watch(floor.bus) as watch:
        await floor.ready(watch, ann)
        citizen = await floor.phone()
        answered = await watch.until(CallAnswered)
        await floor.order(DeskCommand.EMERGENCY, ann, answered.call_id, service="119")
        service = await floor.carrier.next_ring("119")
        assert await service.answered()
        await watch.until(CallTransferred, lambda e: e.result == "joined")
        await floor.order(DeskCommand.HANG_UP, ann, answered.call_id)
        await watch.until(AgentStateChanged, lambda e: e.state == "WRAP_UP")
        bridges = await floor.ari.bridges.all()
        assert any(answered.caller_channel in bridge.channel_ids for bridge in bridges)
        await service.hangup()
        await citizen.ended()
        await watch.until(CallEnded, lambda e: e.call_id == answered.call_id)
    await floor.is_empty()


async def test_a_colleague_who_is_silent_gives_the_call_back_to_the_same_agent(
    floor: Floor,
) -> None:
    ann, bob = floor.phones
    async with Watch(floor.bus) as watch:
        await floor.ready(watch, ann)
        citizen = await floor.phone()
        answered = await watch.until(CallAnswered)
        await floor.carrier.set_number(floor.phones[bob], Behaviour(mode="silent"))
        await floor.order(DeskCommand.GO_READY, bob)
        await watch.until(AgentStateChanged, lambda e: e.agent_id == bob and e.state == "READY")
        target = f"agent:{bob}"
        await floor.order(DeskCommand.TRANSFER, ann, answered.call_id, target=target)
        await watch.until(CallOffered, lambda e: e.agent_id == bob)
        again = await watch.until(CallAnswered, count=2)
        assert (again.agent_id, again.call_id) == (ann, answered.call_id)
        await citizen.hangup()
        await watch.until(CallEnded, lambda e: e.call_id == answered.call_id)
    await floor.is_empty()
