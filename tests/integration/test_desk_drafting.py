"""The draft half of the desk in a real browser: what is shown live, and what a person decides."""

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from core.actions import recordings
from core.db.engine import UnitOfWork
from core.db.tables.cases import CaseRow
from core.db.tables.drafting import CorrectionRow, FieldEditRow
from core.db.tables.handling import CaseLinkRow
from core.domain.cases import CaseStatus
from tests.integration.test_desk_browser import desk, do, stack
from tests.integration.test_desk_snapshot_law import CALL, answer, ring
from tests.support import desk_talk as talk
from tests.support.desk import DeskStack

__all__ = ["desk", "stack"]
pytestmark = pytest.mark.integration
SAVED = "[data-role=saved]"


@pytest.fixture
async def talking(stack: DeskStack, desk: Page) -> Page:
    """A call in talk with everything that a machine can suggest."""
    await do(stack, talk.know_places, talk.open_case, ring, answer, talk.speak, talk.think)
    await do(stack, talk.find_alike)
    await expect(desk.locator("#field-summary")).to_have_value(
        "市民反映青石大街路灯不亮，希望尽快维修。"
    )
    await expect(desk.locator(".alike-card")).to_have_count(1)
    return desk


async def case_of(stack: DeskStack, matter: int = 1) -> CaseRow:
    async with stack.database.sessions() as session:
        query = select(CaseRow).where(CaseRow.call_id == CALL, CaseRow.matter == matter)
        return (await session.scalars(query)).one()


async def test_words_that_were_not_heard_clearly_are_marked(
    stack: DeskStack, talking: Page
) -> None:
    line = talking.locator(".line-caller").first
    await expect(line.locator(".unsure")).to_have_text("青石大街")
    await expect(line.locator(".said")).to_have_text("青石大街路灯坏了。")
    await expect(talking.locator(".line-agent .unsure")).to_have_count(0)


async def test_a_corrected_caption_stands_and_is_proposed_for_learning(
    stack: DeskStack, talking: Page
) -> None:
    await talking.locator(".line-caller .edit-line").first.click()
    await talking.keyboard.press("Control+a")
    await talking.keyboard.type("清石大街路灯坏了。")
    await talking.keyboard.press("Enter")
    line = talking.locator(".line-caller").first
    await expect(line.locator(".said")).to_have_text("清石大街路灯坏了。")
    await expect(line.locator(".tag")).to_have_text("已更正")

    async def better_pass(work: UnitOfWork) -> None:
        better = [
            recordings.Heard("caller", 3_000, 5_900, "轻视大街路灯坏了", 0.9),
            recordings.Heard("agent", 6_500, 8_000, "请问具体什么位置", 0.9),
        ]
        await recordings.replace_transcript(work, CALL, better, engine="whisper")

    await do(stack, better_pass)
    await expect(talking.locator(".line-agent del")).to_have_text("请问具体在什么位置？")
    await expect(line.locator(".said")).to_have_text("清石大街路灯坏了。")
    async with stack.database.sessions() as session:
        (learnt,) = (await session.scalars(select(CorrectionRow))).all()
    assert (learnt.kind, learnt.heard, learnt.meant) == ("CAPTION", "青石", "清石")
    assert learnt.state == "PROPOSED"


async def test_a_click_plays_two_seconds_before_to_one_second_after(
    stack: DeskStack, talking: Page
) -> None:
    asked = stack.deps.clips.asked  # type: ignore[attr-defined]
    async with talking.expect_response("**/clip?*") as answered:
        await talking.keyboard.press("Alt+3")
        await talking.keyboard.press("Alt+p")
    assert (await answered.value).status == 404
    await expect(talking.locator(".toast")).to_contain_text("这段录音还听不到")
    (one,) = asked
    assert (one.speaker, one.from_ms, one.to_ms) == ("caller", 1_000, 5_200)
    await expect(talking.locator(".line-caller.marked")).to_have_count(1)


async def test_candidates_stand_on_the_map_and_a_key_chooses(
    stack: DeskStack, talking: Page
) -> None:
    await expect(talking.locator("[data-role=question-text]")).to_contain_text("还是东湖街道的")
    await expect(talking.locator(".map-candidate")).to_have_count(2)
    await expect(talking.locator(".map .leaflet-control-scale-line")).to_be_visible()
    await expect(talking.locator(".map-name-town")).to_contain_text(["青石镇"])
    await talking.keyboard.press("Alt+ArrowDown")
    await talking.keyboard.press("Alt+Enter")
    await expect(talking.locator("#field-place_text")).to_have_value("东湖街道清石大街")
    field = (await case_of(stack)).fields["place_text"]
    assert (field["origin"], field["choices"][0]["lat"]) == ("AGENT", 32.116)
    assert field["sources"][0]["words"] == "青石大街"
    async with stack.database.sessions() as session:
        (learnt,) = (await session.scalars(select(CorrectionRow))).all()
    assert (learnt.kind, learnt.heard, learnt.place_id) == ("PLACE", "青石大街", "p2")


async def test_a_warning_is_told_at_once_and_stays_away_once_waved_off_until_said_again(
    stack: DeskStack, talking: Page
) -> None:
    wire = talking.locator("[data-role=tripwires] .wire")
    alarm = talking.locator("[data-role=tripwire-alarm]")
    await expect(wire).to_contain_text("有人晕倒了")
    await expect(alarm).to_have_text("疑似危及生命安全")
    assert await alarm.get_attribute("role") == "alert"
    assert (await case_of(stack)).status == CaseStatus.DRAFT.value
    await wire.locator("select").select_option("识别有误")
    await expect(wire).to_have_class("wire dismissed")
    await expect(alarm).to_have_text("")
    await do(stack, talk.think)
    await expect(wire).to_have_class("wire dismissed")
    await do(stack, talk.danger_again)
    await expect(alarm).to_have_text("疑似危及生命安全")
    await expect(wire).to_contain_text("又有人倒在路边")


async def test_one_key_joins_the_caller_to_the_open_case(stack: DeskStack, talking: Page) -> None:
    card = talking.locator(".alike-card")
    await expect(card).to_contain_text("6 人反映")
    await expect(card).to_contain_text("同一地点：青石大街")
    await expect(talking.locator("[data-role=burst]")).to_contain_text("集中来电：7 人反映")
    await talking.keyboard.press("Alt+j")
    await expect(talking.locator("[data-role=joined]")).to_contain_text("2026112500001")
    case = await case_of(stack)
    assert case.status == CaseStatus.MERGED.value
    assert case.number not in (None, "2026112500001")
    async with stack.database.sessions() as session:
        (link,) = (await session.scalars(select(CaseLinkRow))).all()
    assert (link.case_id, link.other_id, link.kind) == (case.id, talk.OPEN_CASE, "MERGE")
    assert link.why["score"] == 0.93


async def test_another_key_says_not_the_same_and_that_is_remembered(
    stack: DeskStack, talking: Page
) -> None:
    await talking.keyboard.press("Alt+n")
    await expect(talking.locator(".alike-card")).to_have_count(0)
    async with stack.database.sessions() as session:
        (link,) = (await session.scalars(select(CaseLinkRow))).all()
    assert (link.other_id, link.kind, link.by) == (talk.OPEN_CASE, "NOT_SAME", "id-zhangmin")


async def test_two_matters_are_two_drafts_and_each_keeps_its_own_words(
    stack: DeskStack, talking: Page
) -> None:
    summary = talking.locator("#field-summary")
    await talking.keyboard.press("Alt+6")
    await talking.keyboard.press("Control+a")
    await talking.keyboard.type("甲")
    await talking.keyboard.press("Alt+m")
    await expect(summary).to_have_value("市民反映饭店油烟扰民。")
    await talking.keyboard.press("Alt+6")
    await talking.keyboard.press("Control+a")
    await talking.keyboard.type("乙")
    await expect(talking.locator(SAVED)).to_have_text("所有改动已保存")
    await talking.keyboard.press("Alt+m")
    await expect(summary).to_have_value("甲")
    assert (await case_of(stack, 1)).fields["summary"]["value"] == "甲"
    assert (await case_of(stack, 2)).fields["summary"]["value"] == "乙"
    await talking.keyboard.press("Alt+d")
    await expect(talking.get_by_role("tab", name="事项 1")).to_contain_text("已提交")
    await talking.keyboard.press("Alt+m")
    await talking.keyboard.press("Alt+d")
    await expect(talking.get_by_role("tab", name="事项 2")).to_contain_text("已提交")
    assert (await case_of(stack, 1)).number != (await case_of(stack, 2)).number


async def test_a_change_has_its_history_and_can_be_taken_back_with_its_sources(
    stack: DeskStack, talking: Page
) -> None:
    field = talking.locator('[data-field="summary"]')
    before = (await case_of(stack)).fields["summary"]
    await talking.keyboard.press("Alt+6")
    await talking.keyboard.type("加急。")
    await expect(talking.locator(SAVED)).to_have_text("所有改动已保存")
    await field.locator("[data-role=edits]").click()
    await expect(field.locator("[data-role=edit-list]")).to_contain_text("张敏")
    await talking.keyboard.press("Alt+6")
    await talking.keyboard.press("Alt+z")
    await expect(talking.locator("#field-summary")).to_have_value(before["value"])
    assert (await case_of(stack)).fields["summary"] == before
    async with stack.database.sessions() as session:
        query = select(FieldEditRow).where(FieldEditRow.actor == "id-zhangmin")
        (edit,) = (await session.scalars(query)).all()
    assert edit.undone
    await expect(field.locator("[data-role=edit-list]")).to_contain_text("已撤销")


async def test_typing_wins_over_every_later_thought_of_the_machine(
    stack: DeskStack, talking: Page
) -> None:
    await talking.keyboard.press("Alt+3")
    await talking.keyboard.press("Control+a")
    await talking.keyboard.type("东湖公园门口")
    await do(stack, talk.danger_again)
    await expect(talking.locator(SAVED)).to_have_text("所有改动已保存")
    await do(stack, talk.think)
    await expect(talking.locator("#field-place_text")).to_have_value("东湖公园门口")
    offer = talking.locator('[data-field="place_text"] .offer', has_text="青石镇青石大街")
    await expect(offer).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
async def test_nothing_overlaps_and_everything_is_reached(
    talking: Page, width: int, height: int
) -> None:
    await talking.set_viewport_size({"width": width, "height": height})
    sizes = await talking.evaluate(
        """() => ({ wide: document.documentElement.scrollWidth, high: document.body.scrollHeight,
                   boxes: ['.call', '.tripwires', '.captions', '.draft', '.alike', '.side',
                           '.save-bar'].map((name) => {
                     const { left, top, right, bottom } =
                       document.querySelector(name).getBoundingClientRect();
                     return [name, left, top, right, bottom];
                   }) })"""
    )
    assert (sizes["wide"], sizes["high"]) == (width, height)
    boxes = sizes["boxes"]
    for number, (name, left, top, right, bottom) in enumerate(boxes):
        assert right - left > 150, name
        assert bottom - top > 30, name
        for other, left2, top2, right2, bottom2 in boxes[number + 1 :]:
            apart = right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top
            assert apart, (name, other)


async def test_the_case_page_shows_sources_and_who_changed_what(
    stack: DeskStack, talking: Page
) -> None:
    await talking.keyboard.press("Alt+6")
    await talking.keyboard.press("Control+a")
    await talking.keyboard.type("青石大街六盏路灯不亮")
    await expect(talking.locator(SAVED)).to_have_text("所有改动已保存")
    case = await case_of(stack)
    await talking.goto(f"{stack.origin}/cases/{case.id}")
    history = talking.locator(".edit-history")
    await history.locator("summary").click()
    await expect(history).to_contain_text("张敏")
    await expect(history.locator('[data-edit="summary"]')).to_contain_text("青石大街六盏路灯不亮")
    play = talking.locator(".fields .play").first
    assert int(str(await play.get_attribute("data-play-end-ms"))) > int(
        str(await play.get_attribute("data-play-ms"))
    )


async def test_danger_told_after_the_submission_is_shown_too(
    stack: DeskStack, talking: Page
) -> None:
    wire = talking.locator("[data-role=tripwires] .wire")
    await wire.locator("select").select_option("识别有误")
    await expect(wire).to_have_class("wire dismissed")
    await talking.keyboard.press("Alt+d")
    await expect(talking.locator("[data-role=case-number]")).to_be_visible()
    before = (await case_of(stack)).fields
    await do(stack, talk.danger_again)
    await expect(talking.locator("[data-role=tripwire-alarm]")).to_have_text("疑似危及生命安全")
    await wire.locator("select").select_option("已核实，无危险")
    await expect(wire).to_have_class("wire dismissed")
    assert (await case_of(stack)).fields == before
