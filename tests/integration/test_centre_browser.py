"""Dispatching a case in a real browser, by keyboard only."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
from playwright.async_api import Page, async_playwright, expect

from core.db.tables.handling import DutyRow, SlaRuleRow
from tests.fakes.clock import FakeClock
from tests.integration.test_desk_browser import FLAGS
from tests.support.centre import Centre, running_centre
from tests.support.city import LAMPS
from tests.support.desk import PASSWORD

pytestmark = pytest.mark.integration
EARLIER = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture
async def centre(database_url: str, redis_url: str, clock: FakeClock) -> AsyncIterator[Centre]:
    async with running_centre(database_url, redis_url, clock) as running:
        async with running.stack.database.work() as work:
            work.session.add(
                DutyRow(
                    id="duty-lamps", category_prefix="城市管理/路灯照明", lead_id=LAMPS,
                    basis="照明管理规定第四条", valid_from=date(2026, 1, 1),
                )
            )  # fmt: skip
            await work.commit()
        yield running


@pytest.fixture
async def screen(centre: Centre) -> AsyncIterator[Page]:
    """The dispatcher, logged in by keyboard, on a small screen."""
    async with async_playwright() as driver:
        chromium = await driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        size = {"width": 1280, "height": 720}
        page = await chromium.new_page(locale="zh-CN", viewport=size)  # type: ignore[arg-type]
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(f"{centre.stack.origin}/login")
        await page.keyboard.type("dispatcher")
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/dispatch")
        yield page
        await chromium.close()
        assert problems == []


async def test_a_case_is_dispatched_by_keyboard_alone(centre: Centre, screen: Page) -> None:
    first = await centre.new_case(
        title="先来的路灯", number="2026112300041", created_at=EARLIER, submitted_at=EARLIER
    )
    await centre.new_case(title="后来的路灯", number="2026112300042")
    await screen.reload()
    await expect(screen.locator("[data-row-link]").first).to_be_focused()
    await screen.keyboard.press("ArrowDown")
    await expect(screen.get_by_role("link", name="后来的路灯")).to_be_focused()
    await screen.keyboard.press("Alt+ArrowUp")
    await screen.keyboard.press("Enter")

    await expect(screen.get_by_role("heading", name="先来的路灯")).to_be_visible()
    await screen.keyboard.press("Alt+Digit1")
    await expect(screen.locator("#dispatch-category")).to_be_focused()
    await expect(screen.locator("#dispatch-lead")).to_have_value(LAMPS)
    await expect(screen.locator("#dispatch-basis")).to_have_value("照明管理规定第四条")
    await expect(screen.locator("[data-role=limit]")).to_contain_text("2026-12-01 18:00")
    await screen.keyboard.press("Alt+Enter")

    await screen.wait_for_url("**/dispatch")
    await expect(screen.get_by_role("status")).to_contain_text("派遣已完成")
    assert await centre.status(first) == "DISPATCHED"
    await expect(screen.locator("[data-row-link]")).to_have_count(1)
    await expect(screen.locator("[data-row-link]")).to_be_focused()


async def test_the_search_is_one_key_away_and_typing_stays_typing(
    centre: Centre, screen: Page
) -> None:
    await centre.new_case(title="井盖松动", number="2026112300043", content="建设路井盖松动")
    await screen.keyboard.press("Alt+KeyK")
    await screen.keyboard.type("井盖")
    await screen.keyboard.press("ArrowDown")
    await expect(screen.get_by_role("searchbox")).to_be_focused()
    await screen.keyboard.press("Enter")
    await screen.wait_for_url("**/search?words=*")
    await expect(screen.get_by_role("link", name="井盖松动")).to_be_focused()


async def test_another_category_brings_its_own_limit_before_the_dispatch(
    centre: Centre, screen: Page
) -> None:
    async with centre.stack.database.work() as work:
        work.session.add(
            SlaRuleRow(
                id="lamps", category_prefix="城市管理/路灯照明", limit_type="urgent_hour",
                limit_value=24, sign_type="work_hour", sign_value=4, contact_type="work_day",
                contact_value=1,
            )
        )  # fmt: skip
        await work.commit()
    case_id = await centre.new_case(category=None)
    await screen.goto(f"{centre.stack.origin}/cases/{case_id}")
    await expect(screen.locator("[data-role=limit]")).to_contain_text("5 个工作日")
    await screen.locator("#dispatch-category").select_option("城市管理/路灯照明")
    await expect(screen.locator("[data-role=limit]")).to_contain_text("24 小时")
    await expect(screen.locator("[name=due_seen]")).to_have_value("2026-11-24 12:00")
