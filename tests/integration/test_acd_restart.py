"""Routing is killed in mid-call and comes back: nobody is lost, nothing leaks."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.db.engine import Database
from core.domain.commands import DeskCommand
from core.events.memory_bus import MemoryBus
from tests.fakes.asterisk import FakeAsterisk
from tests.integration.acd_shell import make_city, running_shell, until

pytestmark = pytest.mark.integration


@pytest.fixture
async def asterisk_fake() -> AsyncIterator[FakeAsterisk]:
    async with FakeAsterisk() as fake:
        fake.world.apps["ivr"] = True
        yield fake


@pytest.fixture
async def city(engine: AsyncEngine) -> AsyncEngine:
    await make_city(Database(engine))
    return engine


async def test_a_running_talk_is_taken_up_again(
    city: AsyncEngine, asterisk_fake: FakeAsterisk
) -> None:
    bus = MemoryBus()
    async with running_shell(city, asterisk_fake, bus=bus) as shell:
        await shell.ready("ann")
        caller, leg = await shell.talk("call-1")
    async with running_shell(city, asterisk_fake, bus=bus) as shell:
        shell.desks.open.add("ann")
        assert shell.agent_state("ann") == "TALKING"
        assert set(asterisk_fake.world.bridges["call-call-1"].channels) == {caller, leg}
        await shell.order(DeskCommand.HANG_UP, "ann", "call-1")
        await until(lambda: asterisk_fake.world.channels[caller].app == "ivr")
        await until(lambda: shell.agent_state("ann") == "WRAP_UP")
        await until(lambda: not asterisk_fake.world.bridges)


async def test_a_ringing_call_keeps_its_place_and_is_offered_again(
    city: AsyncEngine, asterisk_fake: FakeAsterisk
) -> None:
    bus = MemoryBus()
    async with running_shell(city, asterisk_fake, bus=bus) as shell:
        await shell.ready("ann")
        caller = await shell.call_in("call-1")
        first = await shell.rings()
        later = await shell.call_in("call-2")
    async with running_shell(city, asterisk_fake, bus=bus) as shell:
        shell.desks.open.add("ann")
        await until(lambda: asterisk_fake.ringing() not in ([], [first]))
        await until(lambda: first not in asterisk_fake.ringing())
        again = await shell.rings()
        assert asterisk_fake.world.channels[again].variables["CALL_UID"] == "call-1"
        asterisk_fake.answer(again)
        await until(lambda: shell.agent_state("ann") == "TALKING")
        assert set(asterisk_fake.world.bridges["call-call-1"].channels) == {caller, again}
        assert later in asterisk_fake.world.channels


async def test_what_ended_meanwhile_is_written_down(
    city: AsyncEngine, asterisk_fake: FakeAsterisk
) -> None:
    bus = MemoryBus()
    async with running_shell(city, asterisk_fake, bus=bus) as shell:
        await shell.ready("ann")
        caller, _leg = await shell.talk("call-1")
        waiting = await shell.call_in("call-2")
    asterisk_fake.hang_up(caller)
    asterisk_fake.hang_up(waiting)
    async with running_shell(city, asterisk_fake, bus=bus) as shell:
        await shell.told("CallEnded", 2)
        await until(lambda: not asterisk_fake.world.channels)
        await until(lambda: not asterisk_fake.world.bridges)
        assert shell.agent_state("ann") == "WRAP_UP"
        assert (await shell.row("call-1")).state == "ENDED"


async def test_an_agent_who_went_meanwhile_is_replaced(
    city: AsyncEngine, asterisk_fake: FakeAsterisk
) -> None:
    bus = MemoryBus()
    async with running_shell(city, asterisk_fake, bus=bus) as shell:
        await shell.ready("ann")
        caller, leg = await shell.talk("call-1")
        await shell.ready("bob")
    asterisk_fake.hang_up(leg)
    async with running_shell(city, asterisk_fake, bus=bus) as shell:
        shell.desks.open |= {"ann", "bob"}
        again = await shell.rings()
        asterisk_fake.answer(again)
        await shell.told("CallAnswered", 2)
        assert caller in asterisk_fake.world.bridges["call-call-1"].channels


async def test_after_a_gap_in_the_events_nobody_is_believed_to_be_there_still(
    city: AsyncEngine, asterisk_fake: FakeAsterisk
) -> None:
    async with running_shell(city, asterisk_fake) as shell:
        await shell.ready("ann")
        caller, _leg = await shell.talk("call-1")
        await asterisk_fake.drop_streams()
        asterisk_fake.hang_up(caller)
        await shell.told("CallEnded")
        await until(lambda: not asterisk_fake.world.channels)
        assert shell.agent_state("ann") == "WRAP_UP"
