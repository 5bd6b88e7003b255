"""The supervisors' wall: who may see it, what it shows, that it is pushed."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

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
from core.auth import hash_password
from core.db.repos.wall import service_figures
from core.db.tables.people import AccountRow
from core.domain.agents import AgentState
from core.domain.calls import EndedBy
from core.ids import AgentId, CallId, OfferId
from simulator.desk import log_in
from tests.fakes.clock import FakeClock
from tests.support.desk import PASSWORD, VAULT, DeskStack, desk_stack

pytestmark = pytest.mark.integration
MIN = AgentId("id-zhangmin")


@pytest.fixture
async def stack(database_url: str, redis_url: str, clock: FakeClock) -> AsyncIterator[DeskStack]:
    async with desk_stack(database_url, redis_url, clock=clock) as running:
        async with running.database.work() as work:
            work.session.add(
                AccountRow(
                    id="id-sue", account="sue", name="苏", role="TEAM_LEAD", job_number="900",
                    password_hash=hash_password(PASSWORD),
                )
            )  # fmt: skip
            await work.commit()
        yield running


async def open_wall(stack: DeskStack, account: str) -> ClientConnection:
    token = await log_in(stack.origin, account, PASSWORD)
    return await connect(
        stack.gateway.replace("/desk", "/wall"),
        origin=stack.origin,  # type: ignore[arg-type]
        additional_headers={"Cookie": f"hotline_session={token}"},
    )


async def next_wall(wall: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while True:
            message = json.loads(await wall.recv())
            if message["type"] == "snapshot":
                return dict(message["state"])


async def talk(stack: DeskStack, call: str, clock: FakeClock, *, waits: float) -> None:
    call_id = CallId(call)
    async with stack.database.work() as work:
        await open_call(work, Arrival(call_id, "main", "12345", "c", "13862754310"), VAULT)
        await queue_call(work, call_id, QueueEntry("general"))
        await work.commit()
    clock.advance(waits)
    async with stack.database.work() as work:
        await offer_call(work, call_id, MIN, OfferId(f"{call}.1"), seconds=9)
        await answer_call(work, call_id, MIN, agent_channel="a", bridge_id="b")
        now_is = AgentNow(state=AgentState.TALKING, call_id=call)
        await set_agent_state(work, MIN, now_is)
        await work.commit()


async def give_up(stack: DeskStack, call: str) -> None:
    call_id = CallId(call)
    async with stack.database.work() as work:
        await open_call(work, Arrival(call_id, "main", "12345", "c", "13700000001"), VAULT)
        await queue_call(work, call_id, QueueEntry("general"))
        await end_call(work, call_id, ended_by=EndedBy.CALLER)
        await work.commit()


async def test_what_moves_is_pushed_with_no_number_of_any_caller(
    stack: DeskStack, clock: FakeClock
) -> None:
    async with await open_wall(stack, "sue") as wall:
        assert (await next_wall(wall))["agents"] == []
        await talk(stack, "call-1", clock, waits=5)
        seen = await next_wall(wall)
        while not seen["agents"] or seen["agents"][0]["state"] != "TALKING":
            seen = await next_wall(wall)
    [agent] = seen["agents"]
    assert (agent["agent_id"], agent["call_id"]) == (MIN, "call-1")
    assert seen["today"]["in_time"] == 1.0
    assert "13862754310" not in str(seen)


async def test_only_those_who_may_monitor_see_the_wall(stack: DeskStack) -> None:
    with pytest.raises(InvalidStatus):
        await open_wall(stack, "zhangmin")


async def test_a_supervisors_order_reaches_routing_and_needs_the_right_shape(
    stack: DeskStack,
) -> None:
    async with await open_wall(stack, "sue") as wall:
        await next_wall(wall)
        await wall.send(json.dumps({"type": "listen", "id": "1", "call_id": "call-1"}))
        refused = json.loads(await wall.recv())
        order = {"type": "listen", "id": "2", "call_id": "call-1", "reason": "带教"}
        await wall.send(json.dumps(order))
        taken = json.loads(await wall.recv())
    assert (refused["ok"], taken["ok"]) == (False, True)
    async for command in stack.bus.commands(consumer="test"):
        assert (command.kind, command.agent_id, command.call_id) == ("listen", "id-sue", "call-1")
        assert command.args == {"reason": "带教"}
        break


async def test_the_shares_count_who_was_answered_in_time_and_who_gave_up(
    stack: DeskStack, clock: FakeClock
) -> None:
    start = clock.now() - timedelta(hours=1)
    await talk(stack, "call-1", clock, waits=10)
    await talk(stack, "call-2", clock, waits=20)
    await give_up(stack, "call-3")
    async with stack.database.sessions() as session:
        figures = await service_figures(session, start)
    assert (figures.entered, figures.answered, figures.answered_in_time, figures.abandoned) == (
        3, 2, 1, 1,
    )  # fmt: skip
