"""A caller gives up waiting, keeps the place, and is phoned when it is reached."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from core.db.engine import Database
from core.db.tables.calls import CallbackRow
from core.db.tables.lines import QueueRow
from core.ids import AgentId
from routing.acd.events import Tick
from tests.fakes.asterisk import FakeAsterisk
from tests.fakes.clock import FakeClock
from tests.integration.acd_shell import Shell, make_city, running_shell, until

pytestmark = pytest.mark.integration


@pytest.fixture
async def shell(engine: AsyncEngine, clock: FakeClock) -> AsyncIterator[Shell]:
    database = Database(engine)
    await make_city(database)
    async with database.work() as work:
        await work.session.execute(update(QueueRow).values(callback_after_seconds=1))
        await work.commit()
    async with FakeAsterisk() as fake, running_shell(engine, fake, clock=clock) as running:
        running.desks.open.add(AgentId("sue"))
        yield running


async def wish(shell: Shell, clock: FakeClock) -> str:
    """A caller waits, is asked, says yes twice, and is let go; gives the callback's id."""
    caller = await shell.call_in("call-1")
    await until(lambda: "call-1" in shell.routing.exchange.state.callers)
    clock.advance(2)
    shell.routing.exchange.feed(Tick())
    talk = shell.routing.exchange.board.talk("call-1")
    await until(lambda: talk.asked == "callback")
    shell.asterisk.press(caller, "1")
    await until(lambda: talk.asked == "number")
    shell.asterisk.press(caller, "1")
    await until(lambda: caller not in shell.asterisk.world.channels)
    requested = await shell.told("CallbackRequested")
    return requested.callback_id  # type: ignore[attr-defined]


async def test_the_citizen_is_phoned_once_an_agent_is_on_the_line(
    shell: Shell, clock: FakeClock
) -> None:
    callback_id = await wish(shell, clock)
    assert (await shell.row("call-1")).state == "ENDED"
    assert not shell.asterisk.ringing()
    await shell.ready("ann")
    agent_leg = await shell.rings()
    shell.asterisk.answer(agent_leg)
    citizen = await shell.rings()
    assert shell.asterisk.world.channels[citizen].name.startswith("PJSIP/13862754310@carrier")
    shell.asterisk.answer(citizen)
    await until(lambda: shell.agent_state("ann") == "TALKING")
    bridge = shell.asterisk.world.bridges[f"call-{callback_id}"]
    assert set(bridge.channels) == {agent_leg, citizen}
    await shell.told("CallbackEnded")
    assert (await shell.row(callback_id)).channel_id == citizen


async def test_a_citizen_who_does_not_answer_is_tried_again_later(
    shell: Shell, clock: FakeClock
) -> None:
    callback_id = await wish(shell, clock)
    await shell.ready("ann")
    shell.asterisk.answer(await shell.rings())
    citizen = await shell.rings()
    shell.asterisk.ring_out(citizen)
    await until(lambda: shell.agent_state("ann") == "READY")
    await until(lambda: not shell.asterisk.world.channels)
    async with shell.database.sessions() as session:
        row = await session.get_one(CallbackRow, callback_id)
    assert row.ended_at is None
    assert row.attempts == 1
    clock.advance(301)
    shell.routing.exchange.feed(Tick())
    assert await shell.rings()
