"""A real browser at the desk: pop before the answer, keys only, audio both ways, a refresh."""

import wave
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import resample_poly
from sqlalchemy import select

from core.db.repos.calls import recordings
from core.db.tables.cases import CaseRow
from core.domain.events import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallOffered,
    CaseSubmitted,
    RecordingStored,
)
from hotline.seed.load import demo_password
from simulator.browser_desk import BrowserDesk, browser_desk
from simulator.carrier.script import Pause, Play, Stay
from simulator.scenes import VOICES, scene
from simulator.watch import Watch
from tests.e2e.conftest import World

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]
DIRECT = "12340"


@pytest.fixture(scope="module")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The agent's greeting at the 48 kHz that Chromium wants."""
    with wave.open(str(VOICES / "agent" / "greeting.wav")) as source:
        samples = np.frombuffer(source.readframes(source.getnframes()), np.int16)
    louder = np.clip(resample_poly(samples.astype(np.float64), 6, 1), -32768, 32767)
    file = tmp_path_factory.mktemp("voice") / "microphone.wav"
    with wave.open(str(file), "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(48_000)
        sink.writeframes(louder.astype(np.int16).tobytes())
    return file


async def recorded_seconds(world: World, call_id: str, speaker: str) -> float:
    """Seconds stored of this speaker, over all legs: after a refresh the agent has two."""
    async with world.database.sessions() as session:
        files = await recordings(session, call_id)
    return sum(file.seconds for file in files if file.speaker == speaker)


async def test_an_agent_takes_a_call_by_keys_alone(world: World, microphone: Path) -> None:
    words = scene("street_lamp").turns[1].audio
    async with browser_desk(world.web, microphone=microphone) as desk, Watch(world.bus) as watch:
        await desk.log_in("agent01", demo_password("agent01"))
        await desk.go_ready()
        citizen = await world.carrier.call(DIRECT, caller_number="15406273895", script=[Stay()])
        call_id = (await watch.until(CallArrived)).call_id
        await watch.until(CallOffered)
        await desk.page.wait_for_selector("[data-role=ring]:not([hidden])")
        assert not watch.of(CallAnswered)
        await desk.press("F2")
        await watch.until(CallAnswered)
        await desk.until_state("通话")
        await citizen.do([Play(words), Pause(1.0)])
        assert await citizen.script_done()
        await _check_audio(desk)
        await _talk_on_after_a_refresh(desk, watch)
        await _fill_and_submit(desk)
        submitted = await watch.until(CaseSubmitted)
        await desk.press("F9")
        await citizen.hangup()
        await watch.until(CallEnded, seconds=60)
        await watch.until(RecordingStored, lambda e: e.speaker == "mix", seconds=60)
    async with world.database.sessions() as session:
        query = select(CaseRow).where(CaseRow.call_id == call_id)
        case = (await session.scalars(query)).one()
    assert case.number == submitted.case_number
    assert case.content == "文昌路路灯不亮"
    assert await recorded_seconds(world, call_id, "agent") > 3.0


async def _check_audio(desk: BrowserDesk) -> None:
    first = await desk.statistics()
    assert first["received"] > 50
    assert first["energy"] > 0.001, "the browser hears silence"
    assert first["sent"] > 50


async def _talk_on_after_a_refresh(desk: BrowserDesk, watch: Watch) -> None:
    """The page is loaded again in mid-call: same call, and the voice comes back."""
    before = len(watch.of(CallAnswered))
    await desk.page.reload()
    await watch.until(CallAnswered, count=before + 1, seconds=30)
    await desk.until_state("通话")


async def _fill_and_submit(desk: BrowserDesk) -> None:
    await desk.press("Alt+1")
    await desk.press("ArrowDown")
    await desk.press("Tab")
    await desk.press("Alt+6")
    await desk.page.keyboard.press("Control+a")
    await desk.page.keyboard.type("文昌路路灯不亮")
    await desk.press("Alt+s")
    # The server keeps what was typed first; only then can it become a case.
    await desk.page.wait_for_selector("[data-role=submit]:not([disabled])")
    await desk.press("Alt+d")
