"""Any process may be killed in mid-call: the caller stays, the audio is whole, one draft exists."""

import asyncio

import pytest
from sqlalchemy import func, select

from core.db.repos.calls import recordings
from core.db.tables.calls import CallRow
from core.db.tables.cases import CaseRow
from core.domain.events import CallAnswered, CallArrived, CallEnded, DraftUpdated, RecordingStored
from simulator.carrier.script import Pause, Play, Stay
from simulator.scenes import scene
from simulator.watch import Watch
from tests.e2e.conftest import SEAT, World, ready

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]
DIRECT = "12340"


@pytest.mark.parametrize(
    "victim", ["ivr", "routing", "recordings", "agent_ui", "redis", "postgres"]
)
async def test_a_call_survives_the_death_of_a_process_in_mid_talk(
    world: World, victim: str
) -> None:
    words = scene("street_lamp").turns[1].audio
    async with await world.desk() as desk, Watch(world.bus) as watch:
        await ready(desk)
        citizen = await world.carrier.call(DIRECT, caller_number="15400010001", script=[Stay()])
        arrived = await watch.until(CallArrived)
        call_id = arrived.call_id
        await watch.until(CallAnswered, lambda e: e.call_id == call_id)
        seat = await world.carrier.last_ring(SEAT)
        await citizen.do([Play(words), Pause(0.3)])
        await world.stack.kill(victim)
        assert await citizen.script_done(), "the caller lost the line while speaking"
        await world.stack.wait_ready(victim)
        await citizen.do([Play(words), Pause(0.3)])
        assert await citizen.script_done()
        await seat.do([Play(words), Pause(0.3)])
        assert await seat.script_done()
        await citizen.hangup()
        await citizen.ended()
        await watch.until(CallEnded, lambda e: e.call_id == call_id, seconds=60)
        await watch.until(
            RecordingStored, lambda e: e.call_id == call_id and e.speaker == "caller", seconds=60
        )
        # What no recogniser heard while it spoke is written after the call, and drafted then.
        await watch.until(DraftUpdated, lambda e: e.call_id == call_id, seconds=120)
    await _check_whole(world, call_id)


async def _check_whole(world: World, call_id: str) -> None:
    async with world.database.sessions() as session:
        call = await session.get_one(CallRow, call_id)
        files = {file.speaker: file for file in await recordings(session, call_id)}
        drafts = await session.scalar(
            select(func.count()).select_from(CaseRow).where(CaseRow.call_id == call_id)
        )
    assert call.ended_at is not None
    lasted = (call.ended_at - call.started_at).total_seconds()
    assert abs(files["caller"].seconds - lasted) <= 1.0
    assert drafts == 1


async def test_calls_are_taken_again_after_all_that(world: World) -> None:
    async with await world.desk() as desk, Watch(world.bus) as watch:
        await ready(desk)
        citizen = await world.carrier.call(DIRECT, caller_number="15400010002")
        await watch.until(CallAnswered)
        await asyncio.gather(citizen.hangup(), watch.until(CallEnded))
