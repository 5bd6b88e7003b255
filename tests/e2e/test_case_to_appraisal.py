"""The whole life of a case: a phone call, departments, two callbacks by phone, rates, the sheet.

The call and both callbacks run over real SIP; every post works in a real Chromium. Only the end of
the month is brought forward: the sheet is drawn up by a clock that stands in the next month.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect
from sqlalchemy import select, update

from analytics.periods import month_of, of_month
from analytics.sheets import sheets_of
from core.actions.appraisal import draft_sheets
from core.auth import Principal, Role
from core.db.engine import Database
from core.db.repos.persons import number_to_dial
from core.db.tables.appraisal import ResultRow, SchemeItemRow, SheetRow
from core.db.tables.cases import CaseRow, DepartmentRow
from core.db.tables.handling import CallbackAttemptRow, LegRow
from core.db.tables.people import AccountRow
from core.domain.cases import spoken_groups
from core.domain.events import CallAnswered, CallEnded
from core.ids import AgentId
from core.vault import Vault
from hotline.seed.load import demo_password
from simulator.browser_desk import _FLAGS as FLAGS
from simulator.carrier.network import Behaviour
from simulator.scenes import scene
from simulator.story import Cast, play
from simulator.watch import Watch
from tests.e2e.conftest import World, ready
from tests.fakes.clock import FakeClock

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.speech,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(420),
]
HOUSING, CITY = "市住房和城乡建设局", "市城市管理局"
OFFICERS_PHONE = "3007"
UNHAPPY = {
    "handle_trueness": "基本属实", "staff_contacted": "是", "solved": "未解决",
    "satisfaction": "不满意",
}  # fmt: skip
HAPPY = {**UNHAPPY, "handle_trueness": "属实", "solved": "解决", "satisfaction": "满意"}
REPLIES = (
    ("已到现场查看灯杆。", "您反映的路灯问题，我局已派维修班组到现场查看。"),
    ("更换整条线路 120 米。", "线路老化已更换，今晚起三盏路灯恢复照明，维修员次日复查正常。"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def somebody(world: World, chromium: Browser, account: str) -> AsyncIterator[Page]:
    """This person at the pages; no error of a script goes unseen."""
    context = await chromium.new_context(locale="zh-CN")
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto(f"{world.web}/login")
    await page.fill('[name="account"]', account)
    await page.fill('[name="password"]', demo_password(account))
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda address: "/login" not in address)
    yield page
    assert problems == []
    await context.close()


async def open_step(page: Page, step: str) -> None:
    """Unfold a step's form, if it is folded."""
    await page.evaluate("id => { document.getElementById(id).open = true; }", f"step-{step}")


async def phoned_in(world: World, watch: Watch) -> CaseRow:
    """A citizen's call, taken and submitted at a desk."""
    lamp = scene("street_lamp")
    async with await world.desk() as desk:
        await ready(desk)
        cast = Cast(scene=lamp, caller_number=lamp.truth["phone"])
        outcome = await play(world.stage(watch, desk), cast)
    return await read_case(world, str(outcome.case_no))


async def read_case(world: World, number: str) -> CaseRow:
    async with world.database.sessions() as session:
        return (await session.scalars(select(CaseRow).where(CaseRow.number == number))).one()


async def dispatch(world: World, chromium: Browser, case: CaseRow, unit: str) -> None:
    async with somebody(world, chromium, "dispatch01") as page:
        await page.goto(f"{world.web}/cases/{case.number}")
        await open_step(page, "dispatch")
        form = page.locator("#step-dispatch form")
        await form.locator('[name="lead"]').select_option(label=unit)
        await form.locator('[name="basis"]').fill("派单目录：房屋与照明设施")
        await form.locator("button.primary").click()
        await expect(page.locator(".done")).to_be_visible()


async def sign(world: World, page: Page, case: CaseRow) -> None:
    await page.goto(f"{world.web}/unit/cases/{case.number}")
    await page.get_by_role("button", name="签收").click()
    await expect(page.locator(".done")).to_contain_text("已签收")


async def give_back(world: World, chromium: Browser, case: CaseRow) -> None:
    async with somebody(world, chromium, "housing01") as page:
        await sign(world, page, case)
        await open_step(page, "return")
        form = page.locator("#step-return form")
        await form.locator('[name="reason_code"]').select_option("职能不符")
        await form.locator('[name="basis"]').fill("道路照明设施由城市管理局负责")
        await form.locator('[name="proposed_unit"]').select_option(label=CITY)
        await form.locator("button.danger").click()
        await expect(page.locator(".done")).to_contain_text("退单申请已提交")


async def rule_on_the_return(world: World, chromium: Browser, case: CaseRow) -> None:
    async with somebody(world, chromium, "dispatch01") as page:
        await page.goto(f"{world.web}/cases/{case.number}")
        await open_step(page, "allow_return")
        form = page.locator("#step-allow_return form")
        await form.locator('[name="lead"]').select_option(label=CITY)
        await form.locator('[name="reason"]').fill("属道路照明设施")
        await form.locator("button.primary").click()
        await expect(page.locator(".done")).to_be_visible()


async def reply(world: World, chromium: Browser, case: CaseRow, words: tuple[str, str]) -> None:
    async with somebody(world, chromium, "city01") as page:
        await sign(world, page, case)
        await open_step(page, "reply")
        form = page.locator("#step-reply form")
        for name, value in (("demand_true", "是"), ("contacted", "已联系"), ("solved", "已解决")):
            await form.locator(f'[name="{name}"][value="{value}"]').check()
        await form.locator('[name="handling_detail"]').fill(words[0])
        await form.locator('[name="public_reply"]').fill(words[1])
        await form.locator('[name="handler"]').fill("周工")
        await form.locator("button.primary").click()
        await expect(page.locator(".done")).to_contain_text("反馈已提交")


async def call_back(
    world: World, page: Page, case: CaseRow, watch: Watch, answers: dict[str, str]
) -> None:
    """Pass the reply, ring the citizen over the desk's phone, talk, and write the answer down."""
    where = f"{world.web}/callbacks/{case.number}"
    await page.goto(where)
    await page.get_by_role("button", name="审核通过").click()
    await expect(page.locator(".done")).to_contain_text("进入回访")
    await page.goto(where)
    await page.get_by_role("button", name="拨打诉求人电话").click()
    async with world.database.sessions() as session:
        citizen = await number_to_dial(session, case.id, vault_of(world))
    officer = await world.carrier.next_ring(OFFICERS_PHONE)
    called = await world.carrier.next_ring(citizen)
    assert await officer.answered()
    assert await called.answered()
    call = await watch.until(CallAnswered, seconds=30)
    await expect(page.locator("[data-role=call-words]")).to_contain_text("正在通话")
    await called.hangup()
    await watch.until(CallEnded, lambda e: e.call_id == call.call_id, seconds=30)
    for name, value in answers.items():
        await page.locator(f'[name="{name}"][value="{value}"]').check()
    if answers["satisfaction"] == "不满意":
        await page.locator('[name="cause"]').select_option("敷衍")
        await page.locator('[name="opinion"]').fill("灯还是不亮")
    await page.get_by_role("button", name="提交回访结果").click()
    await expect(page.locator(".done")).to_be_visible()


def vault_of(world: World) -> Vault:
    return Vault(bytes.fromhex(world.stack.settings.master_key))


async def give_the_officer_a_phone(world: World) -> None:
    """A desk phone behind the trunk for callback01; routing reads its accounts anew."""
    async with world.database.work() as work:
        await work.session.execute(
            update(AccountRow)
            .where(AccountRow.account == "callback01")
            .values(phone=OFFICERS_PHONE)
        )
        await work.commit()
    await world.stack.kill("routing")
    await world.stack.wait_ready("routing")
    await world.carrier.set_number(OFFICERS_PHONE, Behaviour())


async def score_small_numbers_too(world: World) -> None:
    """One case is all this month has: let the scheme score it (an administrator's setting)."""
    async with world.database.work() as work:
        await work.session.execute(update(SchemeItemRow).values(min_cases=1))
        await work.commit()


async def draw_up_sheets(world: World, month: str) -> None:
    """What the centre does on the first of the next month."""
    after: datetime = of_month(month).end + timedelta(hours=9)
    later = Database(world.database.engine, clock=FakeClock(after))
    drafts = await sheets_of(later, month)
    by = Principal(AgentId("chief"), "chief", "督办员", Role.SUPERVISOR)
    async with later.work() as work:
        await draft_sheets(work, month, drafts, by=by)
        await work.commit()


async def test_a_call_goes_through_two_departments_and_two_callbacks_into_the_sheet(
    world: World, chromium: Browser
) -> None:
    await score_small_numbers_too(world)
    await give_the_officer_a_phone(world)
    async with Watch(world.bus) as watch:
        case = await phoned_in(world, watch)
    async with world.database.sessions() as session:
        citizen = await number_to_dial(session, case.id, vault_of(world))
    await world.carrier.set_number(citizen, Behaviour())
    await dispatch(world, chromium, case, HOUSING)
    await give_back(world, chromium, case)
    await rule_on_the_return(world, chromium, case)
    await reply(world, chromium, case, REPLIES[0])
    async with await world.desk("callback01") as desk:
        await desk.until(lambda state: state["agent"]["state"] != "SIGNED_OUT")
        async with somebody(world, chromium, "callback01") as page:
            async with Watch(world.bus) as watch:
                await call_back(world, page, case, watch, UNHAPPY)
            assert (await read_case(world, str(case.number))).status == "REASSIGNED"
            await reply(world, chromium, case, REPLIES[1])
            async with Watch(world.bus) as watch:
                await call_back(world, page, case, watch, HAPPY)
    await _check_the_case(world, str(case.number))
    await _check_the_figures(world, chromium, str(case.number))


async def _check_the_case(world: World, number: str) -> None:
    case = await read_case(world, number)
    assert (case.status, case.round, case.returns) == ("CLOSED", 2, 1)
    assert (case.satisfaction_first, case.satisfaction_final) == ("不满意", "满意")
    assert case.public_reply == REPLIES[1][1]
    async with world.database.sessions() as session:
        query = select(LegRow).where(LegRow.case_id == case.id).order_by(LegRow.dispatched_at)
        legs = (await session.scalars(query)).all()
        tried = (
            await session.scalars(
                select(CallbackAttemptRow).where(CallbackAttemptRow.case_id == case.id)
            )
        ).all()
    assert [leg.status for leg in legs] == ["RETURNED", "ACCEPTED", "ACCEPTED"]
    assert all(attempt.call_id for attempt in tried)
    assert len({attempt.call_id for attempt in tried}) == 2


async def _check_the_figures(world: World, chromium: Browser, number: str) -> None:
    """The second assignment stands in the rates, and costs its unit what the scheme says."""
    case = await read_case(world, number)
    assert case.closed_at is not None
    month = month_of(case.closed_at)
    await draw_up_sheets(world, month)
    async with world.database.sessions() as session:
        city = await session.scalar(select(DepartmentRow.id).where(DepartmentRow.name == CITY))
        item = (
            await session.scalars(
                select(SchemeItemRow).where(SchemeItemRow.code == "second_assignment")
            )
        ).one()
        sheet = (
            await session.scalars(
                select(SheetRow).where(SheetRow.month == month, SheetRow.department_id == city)
            )
        ).one()
        lines = {
            line.code: line
            for line in await session.scalars(
                select(ResultRow).where(ResultRow.sheet_id == sheet.id)
            )
        }
    second = lines["second_assignment"]
    steps = (Decimal(100) - (item.baseline or Decimal(0))) / (item.step or Decimal(1))
    expected = min(item.cap or Decimal(100), steps * item.points)
    assert (second.num, second.den) == (Decimal(1), Decimal(1))
    assert second.deduct == expected
    assert second.case_ids == [case.id]
    assert lines["satisfaction"].deduct == 0
    assert sheet.score == sheet.total - expected
    async with somebody(world, chromium, "director01") as page:
        await page.goto(f"{world.web}/figures?month={month}")
        row = page.get_by_role("row", name=CITY)
        cell = row.locator(f'a[href*="code=second_assignment"][href*="unit={city}"]')
        await expect(cell).to_contain_text("100.00%")
        await cell.click()
        await expect(page.locator("main")).to_contain_text(" ".join(spoken_groups(number)))
        await page.goto(f"{world.web}/appraisal/{sheet.id}")
        line = page.get_by_role("row").filter(has_text="二次交办率")
        await expect(line).to_contain_text(f"{expected.normalize():f}")
        await expect(line).to_contain_text(number)
