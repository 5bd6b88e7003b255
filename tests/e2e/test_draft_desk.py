"""The draft half of the desk on a real call: words, fields, their seconds, places, typing, matters.

A citizen speaks through a real telephone and the recogniser; what the voices that come with the
simulator do not say is put into the transcript as the recogniser would have written it. Warnings
and other callers are tried in tests/integration/test_desk_drafting.py.
"""

from pathlib import Path

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from core.actions.recordings import Heard, hear_utterance
from core.db.tables.calls import ListenRow
from core.db.tables.drafting import FieldEditRow
from core.domain.events import CallAnswered, CallArrived, CallEnded, CallOffered, CaseSubmitted
from core.ids import CallId
from hotline.seed.load import demo_password
from simulator.browser_desk import BrowserDesk, browser_desk
from simulator.carrier.network import PhoneCall
from simulator.carrier.script import Pause, Play, Stay
from simulator.scenes import scene
from simulator.watch import Watch
from tests.e2e.conftest import World
from tests.e2e.test_browser_desk import DIRECT, microphone

__all__ = ["microphone"]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.speech,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(400),
]
LAMP = [turn.audio for turn in scene("street_lamp").turns if turn.role == "caller"]
SECOND = "另外还有一件事，我要投诉建设路江海商城的健身房突然关门，充值卡里的三千块钱要求退款。"
PATIENCE = 60_000
#: After everything that is really spoken in this call.
LAST_MS = 900_000


async def take_call(world: World, desk: BrowserDesk, watch: Watch, number: str) -> PhoneCall:
    """A citizen phones and is answered by a key."""
    before = len(watch.of(CallAnswered))
    citizen = await world.carrier.call(DIRECT, caller_number=number, script=[Stay()])
    await watch.until(CallOffered, count=before + 1)
    await desk.page.wait_for_selector("[data-role=ring]:not([hidden])")
    await desk.press("F2")
    await watch.until(CallAnswered, count=before + 1)
    await desk.until_state("通话")
    return citizen


async def say(citizen: PhoneCall, audio: Path) -> None:
    await citizen.do([Play(audio), Pause(1.0)])
    assert await citizen.script_done()


async def put_words(world: World, call_id: str, start_ms: int, text: str) -> None:
    """Words of the caller as the recogniser would have stored them."""
    heard = Heard("caller", start_ms, start_ms + 5_000, text, 0.9)
    async with world.database.work() as work:
        await hear_utterance(work, CallId(call_id), heard)
        await work.commit()


async def hang_up(desk: BrowserDesk, citizen: PhoneCall, watch: Watch, count: int) -> None:
    await desk.press("F9")
    await citizen.hangup()
    await watch.until(CallEnded, count=count, seconds=60)


async def test_the_draft_is_on_the_desk_while_the_citizen_speaks(
    world: World, microphone: Path
) -> None:
    async with (
        browser_desk(world.web, microphone=microphone, width=1366, height=768) as desk,
        Watch(world.bus) as watch,
    ):
        await desk.log_in("agent01", demo_password("agent01"))
        await desk.go_ready()
        citizen = await take_call(world, desk, watch, "15406273895")
        call_id = watch.of(CallArrived)[-1].call_id
        await say(citizen, LAMP[0])
        await _check_words_and_fields(desk)
        await _check_playing(world, desk, call_id)
        await _check_places(desk)
        await _check_typing_wins(world, desk, citizen, call_id)
        await _check_two_matters(desk, watch)
        await hang_up(desk, citizen, watch, 1)


async def _check_words_and_fields(desk: BrowserDesk) -> None:
    page = desk.page
    await expect(page.locator(".line-caller .said").first).to_contain_text("路灯", timeout=PATIENCE)
    await expect(page.locator("#field-category")).to_have_value(
        "城市管理/路灯照明", timeout=PATIENCE
    )
    field = page.locator('[data-field="category"]')
    await expect(field.locator("[data-role=sure]")).to_contain_text("%")
    await expect(field.locator("[data-role=source]")).to_be_visible()


async def _check_playing(world: World, desk: BrowserDesk, call_id: str) -> None:
    """While the call runs, the seconds that are there already can be heard; it is written down."""
    async with desk.page.expect_response("**/clip?*") as answered:
        await desk.page.locator('[data-field="category"] [data-role=source]').click()
    answer = await answered.value
    assert answer.status == 200
    assert answer.headers["content-type"] == "audio/wav"
    body = await answer.body()
    assert len(body) > 44 + 8_000 * 2
    async with world.database.sessions() as session:
        listened = (
            await session.scalars(select(ListenRow).where(ListenRow.call_id == call_id))
        ).all()
    assert listened == [], "a running call has no stored file to listen to"


async def _check_places(desk: BrowserDesk) -> None:
    page = desk.page
    await expect(page.locator(".place-pick").first).to_be_visible(timeout=PATIENCE)
    await expect(page.locator(".place-pick .place-name", has_text="文昌路")).to_have_count(1)
    await expect(page.locator(".map-candidate").first).to_be_visible()
    await expect(page.locator(".map .leaflet-control-scale-line")).to_be_visible()


async def _check_typing_wins(
    world: World, desk: BrowserDesk, citizen: PhoneCall, call_id: str
) -> None:
    await desk.press("Alt+6")
    await desk.press("Control+a")
    await desk.page.keyboard.type("文昌路四盏路灯不亮，请派人修")
    await put_words(world, call_id, LAST_MS, SECOND)
    await say(citizen, LAMP[1])
    await expect(desk.page.locator(".line-caller")).not_to_have_count(1, timeout=PATIENCE)
    summary = desk.page.locator("#field-summary")
    await expect(summary).to_have_value("文昌路四盏路灯不亮，请派人修")
    async with world.database.sessions() as session:
        edits = (await session.scalars(select(FieldEditRow))).all()
    assert {"machine"} < {edit.actor for edit in edits}


async def _check_two_matters(desk: BrowserDesk, watch: Watch) -> None:
    page = desk.page
    tabs = page.locator("[data-role=matters] [role=tab]")
    await expect(tabs).to_have_count(2, timeout=PATIENCE)
    await desk.press("Alt+m")
    await expect(page.locator("#field-category")).to_have_value("市场监管/预付卡")
    await desk.press("Alt+d")
    await watch.until(CaseSubmitted)
    await desk.press("Alt+m")
    await expect(page.locator("#field-summary")).to_have_value("文昌路四盏路灯不亮，请派人修")
    await desk.press("Alt+d")
    await watch.until(CaseSubmitted, count=2)
    first, second = watch.of(CaseSubmitted)
    assert first.case_number != second.case_number
    await expect(page.locator("[data-role=case-number]")).to_be_visible()
