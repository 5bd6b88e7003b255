"""The main job: one spoken call through real Asterisk becomes one case with its recording."""

import pytest

from core.db.repos.calls import recordings
from core.db.tables.calls import CallRow
from core.domain.cases import is_case_number
from simulator.scenes import scene
from simulator.story import Cast, play
from simulator.watch import Watch
from tests.e2e.conftest import World, ready

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.speech,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(400),
]


async def test_a_citizens_call_becomes_a_whole_case(world: World) -> None:
    lamp = scene("street_lamp")
    async with await world.desk() as desk, Watch(world.bus) as watch:
        await ready(desk)
        cast = Cast(scene=lamp, caller_number=lamp.truth["phone"], mark="2")
        outcome = await play(world.stage(watch, desk), cast)
    assert outcome.shortcomings() == []
    assert is_case_number(str(outcome.case_no))
    assert outcome.category == "/".join(lamp.truth["category"])
    assert set(outcome.places) & set(lamp.truth["places"])
    assert outcome.department == lamp.truth["department"]
    assert outcome.pop_ms is not None
    assert "caller:" in outcome.transcript
    assert "agent:" in outcome.transcript
    async with world.database.sessions() as session:
        call = await session.get_one(CallRow, outcome.call_id)
        files = await recordings(session, outcome.call_id)
    assert call.survey_score == 2
    assert call.ended_by == "AGENT"
    assert {"caller", "agent"} <= {file.speaker for file in files}
    assert all(len(file.sha256) == 64 for file in files)
