"""The desk gateway over real sockets, Redis and PostgreSQL."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from agent_ui.live.hub import CLOSE_SESSION_OVER
from agent_ui.live.presence import TTL_SECONDS
from core.actions import agents, calls
from core.actions.calls import Arrival, QueueEntry
from core.db.tables.people import SessionRow
from core.domain.agents import AgentState
from core.errors import Unavailable
from core.events.bus import Command
from core.ids import AgentId, CallId, OfferId
from simulator.desk import SocketDesk, session_for
from tests.support.desk import VAULT, DeskStack, desk_stack

pytestmark = pytest.mark.integration
ZHANG, LI = AgentId("id-zhangmin"), AgentId("id-liqiang")
CALL, OFFER = CallId("call-1"), OfferId("offer-1")


@pytest.fixture
async def stack(database_url: str, redis_url: str) -> AsyncIterator[DeskStack]:
    async with desk_stack(database_url, redis_url) as running:
        yield running


async def desk_of(stack: DeskStack, account: str) -> SocketDesk:
    token = await session_for(stack.database, account)
    return SocketDesk(gateway=stack.gateway, web=stack.origin, token=token)


async def ring(stack: DeskStack, agent_id: AgentId = ZHANG) -> None:
    async with stack.database.work() as work:
        await calls.open_call(work, Arrival(CALL, "main", "12345", "chan", "13862754310"), VAULT)
        await calls.queue_call(work, CALL, QueueEntry("general"))
        await calls.offer_call(work, CALL, agent_id, OFFER, seconds=20)
        ringing = agents.AgentNow(state=AgentState.RINGING, call_id=CALL)
        await agents.set_agent_state(work, agent_id, ringing)
        await work.commit()


async def first_command(stack: DeskStack) -> Command:
    async for command in stack.bus.commands(consumer="test"):
        return command
    raise AssertionError("no command")


async def raw_socket(stack: DeskStack) -> ClientConnection:
    token = await session_for(stack.database, "zhangmin")
    socket = await connect(
        stack.gateway,
        origin=stack.origin,  # type: ignore[arg-type]
        additional_headers={"Cookie": f"hotline_session={token}"},
    )
    await socket.recv()
    return socket


@pytest.mark.parametrize(
    ("origin", "cookie", "status"),
    [("https://evil.example", "good", 403), (None, "bad", 401), (None, "", 401)],
)
async def test_only_our_pages_with_a_living_log_in_are_let_in(
    stack: DeskStack, origin: str | None, cookie: str, status: int
) -> None:
    token = await session_for(stack.database, "zhangmin") if cookie == "good" else cookie
    with pytest.raises(InvalidStatus) as refused:
        await connect(
            stack.gateway,
            origin=origin or stack.origin,  # type: ignore[arg-type]
            additional_headers={"Cookie": f"hotline_session={token}"},
        )
    assert refused.value.response.status_code == status


async def test_an_administrator_has_no_desk(stack: DeskStack) -> None:
    desk = await desk_of(stack, "guanli")
    with pytest.raises(InvalidStatus):
        await desk.__aenter__()


async def test_the_pop_comes_to_the_offered_desk_and_to_no_other(stack: DeskStack) -> None:
    async with await desk_of(stack, "zhangmin") as mine, await desk_of(stack, "liqiang") as other:
        await ring(stack)
        call = await mine.until_call("OFFERED", seconds=5)
        assert call["caller_number"] == "13862754310"
        assert call["offer_id"] == OFFER
        await other.until(lambda state: state["queue"]["waiting"] == 1, seconds=5)
        assert other.state["call"] is None


async def test_another_agents_call_cannot_be_commanded_nor_probed(stack: DeskStack) -> None:
    await ring(stack)
    async with await desk_of(stack, "liqiang") as other:
        said = set()
        for call_id in (CALL, "no-such-call"):
            with pytest.raises(Unavailable) as refused:
                await other.order("hang_up", call_id=call_id)
            said.add((refused.value.message, refused.value.details["code"]))
        with pytest.raises(Unavailable):
            await other.order("edit_draft", call_id=CALL, field="title", value="x")
    assert len(said) == 1


async def test_an_order_reaches_routing_with_its_agent_and_its_number(stack: DeskStack) -> None:
    async with await desk_of(stack, "zhangmin") as desk:
        await desk.order("pause", reason="MEAL")
        command = await asyncio.wait_for(first_command(stack), 5)
    assert (command.kind, command.agent_id, command.args) == ("pause", ZHANG, {"reason": "MEAL"})
    assert command.command_id.startswith(f"{ZHANG}/")


async def test_broken_messages_are_answered_and_the_socket_stays(stack: DeskStack) -> None:
    socket = await raw_socket(stack)
    for raw in ("", "{", "[1]", '{"type":"hold"}', '{"type":"x","id":"7"}'):
        await socket.send(raw)
        answer = json.loads(await socket.recv())
        assert (answer["ok"], answer["code"]) == (False, "message_refused")
    await socket.send('{"type":"ping","id":"8"}')
    assert json.loads(await socket.recv())["type"] == "pong"
    await socket.close()


async def test_typed_words_are_kept_and_the_draft_becomes_a_case(stack: DeskStack) -> None:
    async with await desk_of(stack, "zhangmin") as desk:
        await ring(stack)
        await desk.until_call("OFFERED", seconds=5)
        made = await desk.order("edit_draft", call_id=CALL, field="summary", value="路灯不亮")
        await desk.order(
            "edit_draft", call_id=CALL, case_id=made["case_id"], field="case_type", value="投诉"
        )
        number = await desk.order("submit_draft", call_id=CALL, case_id=made["case_id"])
        assert len(str(number["case_number"])) == 13
        await desk.until(lambda state: bool(state["drafts"][0]["case_number"]), seconds=5)
    async with await desk_of(stack, "zhangmin") as again:
        assert again.state["drafts"][0]["fields"]["summary"]["origin"] == "AGENT"


async def test_a_living_desk_is_written_down_and_dies_by_itself(stack: DeskStack) -> None:
    async with await desk_of(stack, "zhangmin") as desk:
        while not (left := await stack.redis.ttl(f"presence:{ZHANG}")) > 0:
            await desk.order("open_softphone")
        assert left <= TTL_SECONDS


async def test_the_end_of_a_log_in_closes_its_desk(stack: DeskStack) -> None:
    socket = await raw_socket(stack)
    async with stack.database.work() as work:
        await work.session.execute(SessionRow.__table__.delete())
        await work.commit()
    await stack.sessions.sweep()
    with pytest.raises(ConnectionClosed) as closed:
        await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == CLOSE_SESSION_OVER
