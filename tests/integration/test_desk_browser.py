"""The desk in a real browser, by keyboard only, on real Redis and PostgreSQL."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect

from core.actions import drafts
from core.domain.drafts import DraftSuggestion, FieldValue
from tests.integration.test_desk_snapshot_law import CALL, answer, hear, ring, suggest
from tests.support.desk import PASSWORD, DeskStack, desk_stack

pytestmark = pytest.mark.integration
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture
async def stack(database_url: str, redis_url: str) -> AsyncIterator[DeskStack]:
    async with desk_stack(database_url, redis_url) as running:
        yield running


@pytest.fixture
async def desk(stack: DeskStack) -> AsyncIterator[Page]:
    """An agent's desk, logged in by keyboard."""
    async with async_playwright() as driver:
        chromium = await driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = await chromium.new_page(locale="zh-CN")
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(f"{stack.origin}/login")
        await page.keyboard.type("zhangmin")
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator("[data-light=ok]")).not_to_have_count(0)
        yield page
        await chromium.close()
        assert problems == []


async def do(stack: DeskStack, *steps: object) -> None:
    for step in steps:
        async with stack.database.work() as work:
            await step(work)  # type: ignore[operator]
            await work.commit()


async def test_a_call_becomes_a_case_by_keyboard_alone(stack: DeskStack, desk: Page) -> None:
    await do(stack, ring)
    await expect(desk.get_by_role("alert").filter(has_text="13862754310")).to_be_visible()
    await do(stack, answer, hear, suggest)
    await expect(desk.locator(".line-caller .said").first).to_have_text("路灯坏了")
    await expect(desk.locator("#field-summary")).to_have_value("路灯不亮")
    await desk.keyboard.press("Alt+8")
    await desk.keyboard.type("王女士")
    await expect(desk.locator("[data-role=saved]")).to_have_text("所有改动已保存")
    await desk.keyboard.press("Alt+d")
    number = desk.locator("[data-role=case-number]")
    await expect(number).to_be_visible()
    assert len(str(await number.get_attribute("aria-label"))) == 13


async def test_the_machine_never_writes_over_the_agents_words(stack: DeskStack, desk: Page) -> None:
    await do(stack, ring, answer, suggest)
    field = desk.locator("#field-summary")
    await expect(field).to_have_value("路灯不亮")
    await desk.keyboard.press("Alt+6")
    await desk.keyboard.press("Control+a")
    await desk.keyboard.type("人民路三盏路灯不亮")

    async def think_again(work: object) -> None:
        fields = {"summary": FieldValue("路灯坏了", 0.9)}
        await drafts.update_draft(work, CALL, DraftSuggestion(fields))  # type: ignore[arg-type]

    await expect(desk.locator("[data-role=saved]")).to_have_text("所有改动已保存")
    await do(stack, think_again)
    offer = desk.locator('[data-field="summary"] .offer', has_text="路灯坏了")
    await expect(offer).to_be_visible()
    await expect(field).to_have_value("人民路三盏路灯不亮")
    assert await desk.evaluate("document.activeElement.id") == "field-summary"
    await desk.keyboard.press("Alt+u")
    await expect(field).to_have_value("路灯坏了")


async def test_a_reload_in_mid_word_brings_the_same_form_back(stack: DeskStack, desk: Page) -> None:
    await do(stack, ring, answer, suggest)
    await expect(desk.locator("#field-title")).to_be_enabled()
    await desk.keyboard.press("Alt+9")
    await desk.keyboard.type("人民路")
    # At once, before the pause after which typing is sent: the browser's own memory must do.
    await desk.reload()
    await expect(desk.locator("#field-title")).to_have_value("人民路")
    await expect(desk.locator("[data-role=caller]")).to_have_text("13862754310")
    await expect(desk.locator("[data-role=saved]")).to_have_text("所有改动已保存")
    (view,) = await stack.feed._reader.drafts(CALL)
    assert view["fields"]["title"]["value"] == "人民路"
