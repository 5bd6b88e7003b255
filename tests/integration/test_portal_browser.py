"""Departments, officers and citizens in a real browser: keyboard only, and without scripts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.fakes.clock import FakeClock
from tests.integration.test_desk_browser import FLAGS
from tests.support.desk import PASSWORD
from tests.support.portal import LAMP_DESK, OFFICER, PHONE, REPLY, A, Portal, portal

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]
_MOST_TABS = 80


@pytest.fixture
async def pages(database_url: str, redis_url: str, clock: FakeClock) -> AsyncIterator[Portal]:
    async with portal(database_url, redis_url, clock) as running:
        yield running


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def somebody(chromium: Browser, pages: Portal, name: str) -> AsyncIterator[Page]:
    """A page of this person, logged in by keyboard; no error of a script goes unseen."""
    context = await chromium.new_context(locale="zh-CN", viewport={"width": 1360, "height": 900})
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto(f"{pages.stack.origin}/login")
    await page.keyboard.type(name)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator(".topbar .person")).to_be_visible()
    yield page
    assert problems == []
    await context.close()


async def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, as a person without a mouse does."""
    await expect(page.locator(selector).first).to_be_attached()
    await page.wait_for_load_state()
    for _ in range(_MOST_TABS):
        if await page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"no way to {selector} by Tab")


async def write(page: Page, name: str, text: str) -> None:
    await tab_to(page, f'[name="{name}"]')
    await page.keyboard.type(text)


async def choose(page: Page, name: str, value: str) -> None:
    """Choose from a list with the arrows."""
    await tab_to(page, f'select[name="{name}"]')
    for _ in range(20):
        if await page.evaluate("() => document.activeElement.value") == value:
            return
        await page.keyboard.press("ArrowDown")
    raise AssertionError(f"{name} has no {value}")


async def pick(page: Page, name: str, value: str) -> None:
    """Choose a radio button with Space and the arrows."""
    await tab_to(page, f'input[type="radio"][name="{name}"]')
    await page.keyboard.press("Space")
    for _ in range(10):
        chosen = await page.evaluate("() => document.activeElement.value")
        if chosen == value:
            return
        await page.keyboard.press("ArrowDown")
    raise AssertionError(f"{name} has no {value}")


async def test_a_department_signs_and_replies_by_keyboard_alone(
    chromium: Browser, pages: Portal
) -> None:
    case_id = await pages.dispatched(title="人民路路灯不亮")
    async with somebody(chromium, pages, "lampops") as page:
        await tab_to(page, "[data-row-link]")
        await page.keyboard.press("Enter")
        await tab_to(page, ".sign-now button")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status").filter(has_text="已签收")).to_be_visible()
        await page.keyboard.press("Alt+1")
        for name in ("demand_true", "contacted", "solved"):
            await pick(page, name, REPLY[name])
        for name in ("handling_detail", "public_reply", "handler"):
            await write(page, name, REPLY[name])
        await page.keyboard.press("Alt+Enter")
        await expect(page.get_by_role("status").filter(has_text="反馈已提交")).to_be_visible()
    assert (await pages.case(case_id)).status == "REPLIED"


async def test_an_officer_notes_a_dissatisfied_citizen_by_keyboard_alone(
    chromium: Browser, pages: Portal
) -> None:
    case_id = await pages.to_call_back(title="人民路路灯不亮")
    async with somebody(chromium, pages, "officer") as page:
        await tab_to(page, "[data-row-link]")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("接通，登记回访结果")).to_be_visible()
        assert PHONE not in await page.content()
        await page.keyboard.press("Alt+1")
        answers = {
            "handle_trueness": "基本属实", "staff_contacted": "是", "solved": "未解决",
            "satisfaction": "不满意",
        }  # fmt: skip
        for name, value in answers.items():
            await pick(page, name, value)
        await choose(page, "cause", "敷衍")
        await write(page, "opinion", "灯还是不亮")
        await page.keyboard.press("Alt+Enter")
        await expect(page.get_by_role("status").filter(has_text="已二次交办")).to_be_visible()
    case = await pages.case(case_id)
    assert (case.status, case.round, case.satisfaction_first) == ("REASSIGNED", 2, "不满意")


async def test_a_citizen_looks_up_and_asks_again_without_scripts(
    chromium: Browser, pages: Portal
) -> None:
    case_id = await pages.to_call_back()
    await pages.step(case_id, A.SATISFIED, OFFICER, {"satisfaction": "满意", "solved": "解决"})
    number = str((await pages.case(case_id)).number)
    context = await chromium.new_context(java_script_enabled=False, locale="zh-CN")
    page = await context.new_page()
    await page.goto(f"{pages.stack.origin}/status")
    await page.fill('[name="number"]', number)
    await page.fill('[name="tail"]', PHONE[-4:])
    await page.click('button[type="submit"].primary')
    await expect(page.get_by_text("当晚恢复照明")).to_be_visible()
    await page.fill('[name="words"]', "昨晚又不亮了")
    await page.get_by_role("button", name="没有解决").click()
    await expect(page.get_by_text("工作人员将审核是否重新办理")).to_be_visible()
    await context.close()


async def test_what_was_typed_survives_a_refusal_and_the_focus_is_on_why(
    chromium: Browser, pages: Portal
) -> None:
    case_id = await pages.signed()
    await pages.step(case_id, A.URGE, OFFICER, {"words": "请快一点"})
    async with somebody(chromium, pages, "lampops") as page:
        await page.goto(f"{pages.stack.origin}/unit/cases/{case_id}")
        await page.locator("#step-extension > summary").focus()
        await page.keyboard.press("Enter")
        await write(page, "days", "3")
        await write(page, "words", "等设备")
        await page.evaluate(
            "document.querySelectorAll('#step-extension [required]')"
            ".forEach(field => field.removeAttribute('required'))"
        )
        await page.keyboard.press("Alt+Enter")
        await expect(page.get_by_role("alert").filter(has_text="须先告知诉求人")).to_be_visible()
        await expect(page.locator('#step-extension [name="words"]')).to_have_value("等设备")
        assert await page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert (await pages.leg(case_id)).more_asked_at is None
    assert LAMP_DESK.department_id == (await pages.leg(case_id)).department_id
