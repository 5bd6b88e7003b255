"""Callers whom nobody answered stand in a list on every desk until they were phoned back."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest

from core.actions.agents import AgentNow, set_agent_state
from core.actions.calls import (
    Arrival,
    QueueEntry,
    answer_call,
    end_call,
    offer_call,
    open_call,
    queue_call,
)
from core.actions.outgoing import ask_return_call, end_outgoing
from core.auth import Principal, Role
from core.db.repos.missed import Missed, missed_calls
from core.domain.agents import AgentState
from core.domain.calls import EndedBy
from core.domain.outgoing import OutgoingOutcome
from core.ids import AgentId, CallId, OfferId
from simulator.desk import SocketDesk, log_in
from tests.support.desk import PASSWORD, VAULT, DeskStack, desk_stack

pytestmark = pytest.mark.integration
AGENT = Principal(AgentId("id-zhangmin"), "zhangmin", "张敏", Role.AGENT)


@pytest.fixture
async def stack(database_url: str, redis_url: str) -> AsyncIterator[DeskStack]:
    async with desk_stack(database_url, redis_url) as running:
        yield running


async def give_up(stack: DeskStack, call: str, number: str = "13862754310") -> CallId:
    """A citizen waits in line and hangs up."""
    call_id = CallId(call)
    async with stack.database.work() as work:
        await open_call(work, Arrival(call_id, "main", "12345", "c", number), VAULT)
        await queue_call(work, call_id, QueueEntry("general"))
        await end_call(work, call_id, ended_by=EndedBy.CALLER)
        await work.commit()
    return call_id


async def answered(stack: DeskStack, call: str, number: str = "13862754310") -> None:
    call_id = CallId(call)
    async with stack.database.work() as work:
        await open_call(work, Arrival(call_id, "main", "12345", "c", number), VAULT)
        await queue_call(work, call_id, QueueEntry("general"))
        await offer_call(work, call_id, AGENT.agent_id, OfferId(f"{call}.1"), seconds=9)
        await answer_call(work, call_id, AGENT.agent_id, agent_channel="a", bridge_id="b")
        await end_call(work, call_id, ended_by=EndedBy.CALLER)
        await work.commit()


async def listed(stack: DeskStack) -> list[Missed]:
    since = stack.deps.clock.now() - timedelta(hours=24)
    async with stack.database.sessions() as session:
        return list(await missed_calls(session, since, limit=20))


async def phone_back(stack: DeskStack, missed: CallId, outcome: OutgoingOutcome) -> None:
    async with stack.database.work() as work:
        await set_agent_state(work, AGENT.agent_id, AgentNow(state=AgentState.READY))
        await work.session.flush()
        row = await ask_return_call(work, missed, by=AGENT)
        await work.session.flush()
        await end_outgoing(work, CallId(row.id), outcome, ended_by=EndedBy.SYSTEM)
        await work.commit()


async def test_a_caller_who_gave_up_is_on_every_open_desk_within_five_seconds(
    stack: DeskStack,
) -> None:
    token = await log_in(stack.origin, "zhangmin", PASSWORD)
    async with SocketDesk(stack.gateway, stack.origin, token) as desk:
        await desk.until(lambda state: state["missed"] == [])
        await give_up(stack, "call-1")
        await desk.until(lambda state: bool(state["missed"]), seconds=5)
        [missed] = desk.state["missed"]
    assert missed["call_id"] == "call-1"
    assert missed["caller_mask"] == "138****4310"
    assert "13862754310" not in str(desk.state)


async def test_whoever_was_answered_or_phoned_again_is_listed_at_most_once(
    stack: DeskStack,
) -> None:
    await give_up(stack, "call-1")
    await give_up(stack, "call-2")
    await give_up(stack, "call-3", "13700000001")
    assert {one.call_id for one in await listed(stack)} == {"call-2", "call-3"}
    await answered(stack, "call-4")
    assert {one.call_id for one in await listed(stack)} == {"call-3"}


async def test_a_caller_leaves_the_list_only_once_somebody_has_talked(stack: DeskStack) -> None:
    missed = await give_up(stack, "call-1")
    await phone_back(stack, missed, OutgoingOutcome.CITIZEN_BUSY)
    [again] = await listed(stack)
    assert (again.call_id, again.tries) == ("call-1", 1)
    await phone_back(stack, missed, OutgoingOutcome.TALKED)
    assert await listed(stack) == []


async def test_the_list_of_targets_finds_departments_and_colleagues(stack: DeskStack) -> None:
    async with stack.database.work() as work:
        await set_agent_state(work, AgentId("id-liqiang"), AgentNow(state=AgentState.READY))
        await work.commit()
    token = await log_in(stack.origin, "zhangmin", PASSWORD)
    cookies = {"hotline_session": token}
    async with aiohttp.ClientSession(stack.origin, cookies=cookies) as browser:
        async with browser.get("/desk/targets") as answer:
            found = (await answer.json())["targets"]
        async with browser.get("/desk/targets", params={"q": "100%"}) as answer:
            nothing = (await answer.json())["targets"]
    assert {"agent:id-liqiang"} <= {entry["target"] for entry in found}
    assert "agent:id-zhangmin" not in {entry["target"] for entry in found}
    assert nothing == []


async def test_the_desk_phones_a_missed_caller_by_one_key_and_only_once(stack: DeskStack) -> None:
    missed = await give_up(stack, "call-1")
    async with stack.database.work() as work:
        await set_agent_state(work, AGENT.agent_id, AgentNow(state=AgentState.READY))
        await work.commit()
    token = await log_in(stack.origin, "zhangmin", PASSWORD)
    cookies, accept = {"hotline_session": token}, {"Accept": "application/json"}
    async with aiohttp.ClientSession(stack.origin, cookies=cookies, headers=accept) as browser:
        async with browser.get("/desk") as answer:
            found = re.search(r'name="csrf" value="([^"]+)"', await answer.text())
        assert found is not None
        data = {"csrf": found[1]}
        async with browser.post(f"/calls/{missed}/return", data=data) as answer:
            assert answer.status == 202
        assert await listed(stack) == []
        async with browser.post(f"/calls/{missed}/return", data=data) as answer:
            assert answer.status == 409
            assert "正在呼出" in (await answer.json())["message"]
        async with browser.post("/calls/nothing/return", data=data) as answer:
            assert answer.status == 404
