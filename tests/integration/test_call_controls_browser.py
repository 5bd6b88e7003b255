"""The buttons of a talk and the supervisors' wall in a real browser, by keyboard."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from core.actions.agents import AgentNow, set_agent_state
from core.actions.calls import ThirdParty, hold_call, resume_call, transfer_call
from core.auth import hash_password
from core.db.engine import UnitOfWork
from core.db.tables.people import AccountRow
from core.domain.agents import AgentState
from core.events.bus import Command
from core.ids import AgentId
from tests.integration.test_desk_browser import desk, do, stack  # noqa: F401 - fixtures
from tests.integration.test_desk_snapshot_law import CALL, ZHANG, answer, ring
from tests.integration.test_missed_calls import give_up
from tests.support.desk import PASSWORD, DeskStack

pytestmark = pytest.mark.integration


@pytest.fixture
def orders(stack: DeskStack) -> AsyncIterator[Command]:  # noqa: F811
    """What the desk asks of routing, in order."""
    return stack.bus.commands(consumer="test")


async def next_order(orders: AsyncIterator[Command]) -> tuple[str, dict[str, object]]:
    command = await anext(orders)
    return command.kind, dict(command.args or {})


def third(result: str, kind: str = "consult", name: str = "水务局"):  # type: ignore[no-untyped-def]
    async def change(work: UnitOfWork) -> None:
        party = ThirdParty(kind=kind, target="83505001", result=result, name=name)
        await transfer_call(work, CALL, ZHANG, party)

    return change


async def colleague(work: UnitOfWork) -> None:
    await set_agent_state(work, AgentId("id-liqiang"), AgentNow(state=AgentState.READY))


async def test_a_consultation_from_the_list_to_the_three_way_and_a_reload(
    stack: DeskStack,  # noqa: F811
    desk: Page,  # noqa: F811
    orders: AsyncIterator[Command],
) -> None:
    await do(stack, ring, answer, colleague)
    await expect(desk.locator("[data-role=consult]")).to_be_enabled()
    await desk.keyboard.press("F7")
    line = desk.locator("[data-role=consult-list] button").first
    await line.click()
    await desk.get_by_role("button", name="先咨询").click()
    assert await next_order(orders) == ("consult", {"target": "agent:id-liqiang"})
    await do(stack, third("ringing"))
    await expect(desk.locator("[data-role=third]")).to_contain_text("水务局：正在呼叫")
    await expect(desk.locator("[data-role=three_way]")).to_be_disabled()
    await do(stack, third("answered"))
    await desk.reload()
    await expect(desk.locator("[data-role=third]")).to_contain_text("已接通")
    await desk.keyboard.press("F8")
    assert (await next_order(orders))[0] == "three_way"
    await desk.keyboard.press("F7")
    assert (await next_order(orders))[0] == "end_consult"
    await do(stack, third("given_up"))
    await expect(desk.locator("[data-role=third]")).to_be_hidden()


async def test_an_emergency_keeps_hanging_up_out_of_reach_until_it_answers(
    stack: DeskStack,  # noqa: F811
    desk: Page,  # noqa: F811
    orders: AsyncIterator[Command],
) -> None:
    await do(stack, ring, answer)
    await desk.get_by_role("button", name="紧急转接").click()
    await desk.get_by_role("button", name="119").click()
    assert await next_order(orders) == ("emergency", {"service": "119"})
    await do(stack, third("ringing", "emergency", "119"))
    await expect(desk.locator("[data-role=hang_up]")).to_be_disabled()
    await do(stack, third("joined", "emergency", "119"))
    await expect(desk.locator("[data-role=hang_up]")).to_be_enabled()
    await desk.keyboard.press("F9")
    await desk.keyboard.press("F9")
    assert (await next_order(orders))[0] == "hang_up"
    await desk.keyboard.press("F4")
    assert (await next_order(orders))[0] == "hold"  # the second F9 was too soon


async def test_a_caller_on_hold_is_remembered_after_half_a_minute(
    stack: DeskStack,  # noqa: F811
    desk: Page,  # noqa: F811
) -> None:
    async def hold(work: UnitOfWork) -> None:
        await hold_call(work, CALL, ZHANG)

    async def resume(work: UnitOfWork) -> None:
        await resume_call(work, CALL, ZHANG)

    await do(stack, ring, answer)
    await desk.clock.install()
    await do(stack, hold)
    await expect(desk.locator("[data-role=call-state]")).to_have_text("保持中")
    await desk.clock.run_for(31_000)
    toasts = desk.locator("[data-role=toasts]")
    await expect(toasts).to_contain_text("已保持 30 秒")
    await desk.clock.run_for(30_000)
    await expect(toasts).to_contain_text("已保持 60 秒")
    await do(stack, resume)


async def test_a_missed_caller_is_phoned_with_one_key(
    stack: DeskStack,  # noqa: F811
    desk: Page,  # noqa: F811
) -> None:
    async def ready(work: UnitOfWork) -> None:
        await set_agent_state(work, ZHANG, AgentNow(state=AgentState.READY))

    await do(stack, ready)
    await give_up(stack, "missed-1", "13700000001")
    line = desk.locator(".missed-line")
    await expect(line).to_contain_text("137****0001")
    await line.get_by_role("button", name="回拨").click()
    await expect(line).to_have_count(0)
    await expect(desk.locator("[data-role=toasts]")).to_contain_text("请接听您的话机")


async def test_the_wall_shows_who_talks_and_orders_with_a_reason(
    stack: DeskStack,  # noqa: F811
    desk: Page,  # noqa: F811
    orders: AsyncIterator[Command],
) -> None:
    async def supervisor(work: UnitOfWork) -> None:
        work.session.add(
            AccountRow(
                id="id-sue", account="sue", name="苏", role="TEAM_LEAD", job_number="900",
                password_hash=hash_password(PASSWORD),
            )
        )  # fmt: skip

    await do(stack, supervisor)
    await desk.context.clear_cookies()
    await desk.goto(f"{stack.origin}/login")
    await desk.fill("[name=account]", "sue")
    await desk.fill("[name=password]", PASSWORD)
    await desk.keyboard.press("Enter")
    await desk.wait_for_url(re.compile("/desk"))
    await desk.goto(f"{stack.origin}/wall")
    await expect(desk.locator("[data-role=fresh]")).to_have_text("实时推送")
    await do(stack, ring, answer)
    row = desk.locator("[data-agent=id-zhangmin]")
    await expect(row).to_contain_text("通话中")
    await row.get_by_role("button", name="监听").click()
    await desk.fill("#reason", "新人带教")
    await desk.get_by_role("button", name="确定").click()
    kind, args = await next_order(orders)
    assert (kind, args) == ("listen", {"reason": "新人带教"})
    assert "13862754310" not in await desk.content()
