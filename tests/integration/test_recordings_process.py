"""The recordings process itself, with a real model: a call nobody took becomes one draft."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import select

from core.clock import SystemClock
from core.config import Settings
from core.db.engine import Database, make_engine
from core.db.repos.calls import recordings, transcript
from core.db.repos.cases import drafts_of_call
from core.db.tables.calls import CallRow
from hotline.asterisk_config import carrier_settings
from hotline.free_ports import isolated
from hotline.supervisor import Stack
from recordings.transcribe.models import WHISPER, ModelPlaces, ModelResolver
from simulator.carrier.network import Carrier
from simulator.carrier.script import Pause, Play
from simulator.exchange import telephone_network
from simulator.scenes import scene

pytestmark = [pytest.mark.e2e, pytest.mark.speech, pytest.mark.timeout(300)]
PROCESSES = ("postgres", "redis", "asterisk", "recordings")
PATIENCE = 90.0
LAMP = scene("street_lamp")


@pytest.fixture
def settings(base_settings: Settings) -> Settings:
    places = ModelPlaces(base_settings.runtime_dir / "models", offline=True)
    found = ModelResolver(places).find(WHISPER, "zh")
    if found.path is None:
        pytest.skip(found.reason)
    return base_settings


async def test_a_call_on_the_lowest_rung_becomes_one_draft_though_the_process_was_killed(
    settings: Settings,
) -> None:
    with isolated(settings) as own:
        async with (
            Stack(own, PROCESSES) as stack,
            telephone_network(carrier_settings(stack.settings)) as carrier,
        ):
            engine = make_engine(stack.settings.database_url, pool_size=2)
            database = Database(engine, clock=SystemClock())
            try:
                await _speak(carrier, stack)
                call = await _until_done(database)
                await _check(database, call)
            finally:
                await engine.dispose()


async def _speak(carrier: Carrier, stack: Stack) -> None:
    said = [turn.audio for turn in LAMP.turns if turn.role == "caller"]
    phone = await carrier.call(
        "12345", caller_number="13800000001", script=(*(Play(one) for one in said), Pause(1))
    )
    await phone.answered()
    await stack.kill("recordings")
    await phone.script_done(PATIENCE)
    await phone.hangup()
    await phone.ended()


async def _until_done(database: Database) -> CallRow:
    async with asyncio.timeout(PATIENCE):
        while True:
            async with database.work() as work:
                calls: Sequence[CallRow] = (await work.session.scalars(select(CallRow))).all()
            if calls and calls[0].transcript_state == "DONE":
                (call,) = calls
                return call
            await asyncio.sleep(0.3)


async def _check(database: Database, call: CallRow) -> None:
    async with database.work() as work:
        words = await transcript(work.session, call.id)
        files = {row.speaker: row for row in await recordings(work.session, call.id)}
        drafts = await drafts_of_call(work.session, call.id)
    assert (call.state, call.rung, call.did) == ("ENDED", 3, "12345")
    assert {"caller", "heard", "mix"} <= set(files)
    for one in files.values():  # each file lies where it was spoken: all end with the call
        assert abs(one.offset_ms / 1000 + one.seconds - files["caller"].seconds) < 0.5
    assert "路灯" in "".join(row.text for row in words)
    assert {row.speaker for row in words} == {"caller"}
    assert len(drafts) == 1
    assert drafts[0].fields["summary"]["value"]
