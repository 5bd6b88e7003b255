"""Each rung of the ladder takes a call while everything above it is dead, and loses nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import func, select

from core.db.repos.calls import recordings
from core.db.tables.calls import CallRow
from core.db.tables.cases import CaseRow
from core.domain.calls import Rung
from core.domain.events import CallAnswered, CallArrived, CallEnded, DraftUpdated, RecordingStored
from core.vault import mask_phone
from simulator.carrier.network import Behaviour, PhoneCall
from simulator.carrier.script import Pause, Play, Press, Script, Stay, Step, UntilSound
from simulator.scenes import scene
from simulator.watch import Watch
from tests.e2e.conftest import SEAT, World, ready

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]
MENU = "12345"
OTHER_SEAT = "3002"
#: Keys during the notices are not heard on the second rung, so the citizen insists.
INSISTING: list[Step] = [Pause(2.0), Press("0")] * 10
TO_A_PERSON: Script = [UntilSound(), *INSISTING, Stay()]
WORDS = scene("street_lamp").turns[1].audio


@asynccontextmanager
async def dead(world: World, *names: str) -> AsyncIterator[None]:
    """These processes are killed and stay dead until the end of the context."""
    await asyncio.gather(*(world.stack.hold(name) for name in names))
    try:
        yield
    finally:
        await asyncio.gather(*(world.stack.release(name) for name in names))


async def talk(citizen: PhoneCall, seat: PhoneCall) -> None:
    """Both say something; then the citizen hangs up."""
    await citizen.do([Play(WORDS), Pause(0.3)])
    assert await citizen.script_done()
    await seat.do([Play(WORDS), Pause(0.3)])
    assert await seat.script_done()
    await citizen.hangup()
    await citizen.ended()


async def seat_of_the_fallback_queue(world: World) -> None:
    """Only one of the two desk phones is picked up."""
    await world.carrier.set_number(SEAT, Behaviour())
    await world.carrier.set_number(OTHER_SEAT, Behaviour(mode="busy"))


async def recovered(watch: Watch, number: str) -> str:
    """The call of this citizen, once its files were put away; an earlier test's may follow late."""
    mask = mask_phone(number)
    arrived = await watch.until(CallArrived, lambda e: e.caller_mask == mask, seconds=90)
    await watch.until(
        RecordingStored,
        lambda e: e.call_id == arrived.call_id and e.speaker == "agent",
        seconds=90,
    )
    return arrived.call_id


async def check_kept(world: World, watch: Watch, call_id: str, rung: Rung) -> None:
    """The call, its audio and exactly one draft are there (the draft follows the audio)."""
    await watch.until(DraftUpdated, lambda e: e.call_id == call_id, seconds=90)
    async with world.database.sessions() as session:
        call = await session.get_one(CallRow, call_id)
        stored = {file.speaker for file in await recordings(session, call_id)}
        drafts = await session.scalar(
            select(func.count()).select_from(CaseRow).where(CaseRow.call_id == call_id)
        )
    assert call.rung == rung.value
    assert "caller" in stored
    assert drafts == 1


async def test_a_menu_whose_process_was_killed_goes_on_when_it_is_back(world: World) -> None:
    async with await world.desk() as desk, Watch(world.bus) as watch:
        await ready(desk)
        citizen = await world.carrier.call(
            MENU, caller_number="15400020001", script=[UntilSound(), Pause(0.5)]
        )
        arrived = await watch.until(CallArrived)
        assert await citizen.script_done()
        await world.stack.kill("ivr")
        await world.stack.wait_ready("ivr")
        await citizen.do([UntilSound(), Pause(0.5), Press("0"), Stay()])
        await watch.until(CallAnswered, lambda e: e.call_id == arrived.call_id, seconds=60)
        await talk(citizen, await world.carrier.last_ring(SEAT))
        await watch.until(CallEnded, lambda e: e.call_id == arrived.call_id, seconds=60)
        await watch.until(RecordingStored, lambda e: e.call_id == arrived.call_id, seconds=60)
        await check_kept(world, watch, arrived.call_id, Rung.STASIS)


async def test_with_the_menus_process_dead_the_script_leads_to_a_person(world: World) -> None:
    async with await world.desk() as desk, Watch(world.bus) as watch:
        await ready(desk)
        async with dead(world, "ivr"):
            citizen = await world.carrier.call(
                MENU, caller_number="15400020002", script=TO_A_PERSON
            )
            answered = await watch.until(CallAnswered, seconds=60)
            await talk(citizen, await world.carrier.last_ring(SEAT))
            await watch.until(CallEnded, lambda e: e.call_id == answered.call_id, seconds=60)
            await watch.until(RecordingStored, lambda e: e.call_id == answered.call_id, seconds=60)
        await check_kept(world, watch, answered.call_id, Rung.AGI)


async def test_with_all_our_processes_dead_a_desk_phone_rings(world: World) -> None:
    await seat_of_the_fallback_queue(world)
    async with Watch(world.bus) as watch:
        async with dead(world, "ivr", "agi", "routing", "recordings"):
            citizen = await world.carrier.call(MENU, caller_number="15400020003")
            seat = await world.carrier.last_ring(SEAT)
            assert await seat.answered()
            await talk(citizen, seat)
        call_id = await recovered(watch, "15400020003")
        await check_kept(world, watch, call_id, Rung.DIALPLAN)


async def test_a_script_killed_in_mid_call_leaves_the_caller_to_the_desk_phones(
    world: World,
) -> None:
    await seat_of_the_fallback_queue(world)
    async with Watch(world.bus) as watch:
        async with dead(world, "ivr", "routing"):
            citizen = await world.carrier.call(
                MENU, caller_number="15400020004", script=[UntilSound(), Pause(0.5)]
            )
            assert await citizen.script_done()
            await world.stack.kill("agi")
            seat = await world.carrier.last_ring(SEAT)
            assert await seat.answered()
            await talk(citizen, seat)
        call_id = await recovered(watch, "15400020004")
        await check_kept(world, watch, call_id, Rung.DIALPLAN)
