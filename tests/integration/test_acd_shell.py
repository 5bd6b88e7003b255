"""Routing against a fake Asterisk and a real database: from the line to the survey."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions.calls import end_call
from core.db.engine import Database
from core.db.tables.lines import QueueRow
from core.db.tables.people import AccountRow
from core.domain.calls import EndedBy
from core.domain.commands import DeskCommand
from core.domain.events import CallOffered, OfferEnded
from core.domain.skills import Skill
from core.ids import AgentId, CallId, QueueId
from tests.fakes.asterisk import FakeAsterisk
from tests.integration.acd_shell import Shell, make_city, running_shell, until

pytestmark = pytest.mark.integration


@pytest.fixture
async def asterisk_fake() -> AsyncIterator[FakeAsterisk]:
    async with FakeAsterisk() as fake:
        fake.world.apps["ivr"] = True
        yield fake


@pytest.fixture
async def shell(engine: AsyncEngine, asterisk_fake: FakeAsterisk) -> AsyncIterator[Shell]:
    await make_city(Database(engine))
    async with running_shell(engine, asterisk_fake) as running:
        yield running


async def test_a_call_pops_rings_and_is_joined_with_the_agent(shell: Shell) -> None:
    await shell.ready("ann")
    caller, leg = await shell.talk("call-1")
    offered = await shell.told("CallOffered")
    assert isinstance(offered, CallOffered)
    assert (offered.call_id, offered.agent_id) == ("call-1", "ann")
    assert set(shell.asterisk.world.bridges["call-call-1"].channels) == {caller, leg}
    row = await shell.row("call-1")
    assert (row.state, row.agent_id, row.agent_channel_id) == ("TALKING", "ann", leg)


async def test_the_desk_is_told_before_the_phone_rings(shell: Shell) -> None:
    told_first: list[bool] = []
    shell.asterisk.world.on_ring = lambda _: told_first.append(bool(shell.events("CallOffered")))
    await shell.ready("ann")
    await shell.call_in("call-1")
    await shell.rings()
    assert told_first == [True]


async def test_after_the_agent_hangs_up_the_caller_is_asked_for_a_score(shell: Shell) -> None:
    await shell.ready("ann")
    caller, _ = await shell.talk("call-1")
    await shell.order(DeskCommand.HANG_UP, "ann", "call-1")
    await until(lambda: shell.asterisk.world.channels[caller].app == "ivr")
    await until(lambda: shell.agent_state("ann") == "WRAP_UP")
    await until(lambda: not shell.asterisk.world.bridges)
    await shell.order(DeskCommand.FINISH_WRAP_UP, "ann")
    await shell.told_state("ann", "READY", 2)  # written, not only decided
    assert (await shell.row("call-1")).state == "SURVEY"


async def test_a_caller_who_hangs_up_frees_the_agent_and_every_leg(shell: Shell) -> None:
    await shell.ready("ann")
    caller, _ = await shell.talk("call-1")
    shell.asterisk.hang_up(caller)
    await shell.told("CallEnded")
    await until(lambda: not shell.asterisk.world.channels)
    await until(lambda: not shell.asterisk.world.bridges)
    assert (await shell.row("call-1")).ended_by == "CALLER"
    assert shell.agent_state("ann") == "WRAP_UP"


async def test_a_declined_call_goes_to_the_next_agent(shell: Shell) -> None:
    await shell.ready("ann", "bob")
    await shell.call_in("call-1")
    first = await shell.rings()
    shell.asterisk.hang_up(first, cause=17)
    ended = await shell.told("OfferEnded")
    assert isinstance(ended, OfferEnded)
    assert (ended.agent_id, ended.outcome) == ("ann", "REFUSED")
    second = await shell.rings()
    shell.asterisk.answer(second)
    await until(lambda: shell.agent_state("bob") == "TALKING")
    assert shell.agent_state("ann") == "NOT_READY"


async def test_a_phone_that_is_not_there_costs_no_call(shell: Shell) -> None:
    await shell.ready("ann", "bob")
    shell.asterisk.world.online.discard("agent-ann")
    await shell.call_in("call-1")
    leg = await shell.rings()
    assert shell.asterisk.world.channels[leg].variables["AGENT_ID"] == "bob"
    assert shell.agent_state("ann") == "NOT_READY"


async def test_a_caller_who_leaves_while_it_rings_takes_the_offer_away(shell: Shell) -> None:
    await shell.ready("ann")
    caller = await shell.call_in("call-1")
    await shell.rings()
    shell.asterisk.hang_up(caller)
    await until(lambda: not shell.asterisk.world.channels)
    assert shell.agent_state("ann") == "READY"
    ended = await shell.told("OfferEnded")
    assert isinstance(ended, OfferEnded)
    assert ended.outcome == "CALLER_LEFT"


async def test_hold_and_resume_take_the_caller_out_of_the_bridge_and_back(shell: Shell) -> None:
    await shell.ready("ann")
    caller, leg = await shell.talk("call-1")
    bridge = shell.asterisk.world.bridges["call-call-1"]
    await shell.order(DeskCommand.HOLD, "ann", "call-1")
    await shell.told("CallHeld")
    assert bridge.channels == [leg]
    assert shell.asterisk.world.channels[caller].moh
    await shell.order(DeskCommand.RESUME, "ann", "call-1")
    await shell.told("CallResumed")
    assert set(bridge.channels) == {caller, leg}


async def test_an_order_about_somebody_elses_call_is_refused(shell: Shell) -> None:
    await shell.ready("ann", "bob")
    await shell.talk("call-1")
    await shell.order(DeskCommand.HANG_UP, "bob", "call-1")
    await shell.told("CommandRefused")
    assert shell.agent_state("ann") == "TALKING"


async def test_an_unknown_order_is_refused_and_the_next_one_is_carried_out(shell: Shell) -> None:
    await shell.order("dance", "ann")
    await shell.told("CommandRefused")
    await shell.ready("ann")


async def test_a_lost_browser_phone_keeps_the_caller_until_it_is_back(shell: Shell) -> None:
    await shell.ready("ann")
    caller, leg = await shell.talk("call-1")
    shell.asterisk.hang_up(leg, cause=44)
    await shell.told("AgentLegLost")
    await until(lambda: shell.asterisk.world.channels[caller].moh)
    await shell.order(DeskCommand.REATTACH, "ann", "call-1")
    again = await shell.rings()
    shell.asterisk.answer(again)
    await shell.told("CallAnswered", 2)
    assert set(shell.asterisk.world.bridges["call-call-1"].channels) == {caller, again}
    assert shell.agent_state("ann") == "TALKING"


async def test_twenty_calls_at_once_are_all_answered(shell: Shell) -> None:
    await shell.ready("ann", "bob", "cat")
    for number in range(20):
        await shell.call_in(f"call-{number}")
    for number in range(20):
        leg = await shell.rings()
        agent = shell.asterisk.world.channels[leg].variables["AGENT_ID"]
        shell.asterisk.answer(leg)
        await until(lambda agent=agent: shell.agent_state(agent) == "TALKING")
        await shell.told("CallAnswered", number + 1)
        talk = shell.routing.exchange.state.agents[agent].call_id
        await shell.order(DeskCommand.HANG_UP, agent, talk)
        await until(lambda agent=agent: shell.agent_state(agent) == "WRAP_UP")
        await shell.order(DeskCommand.FINISH_WRAP_UP, agent)
        await until(lambda agent=agent: shell.agent_state(agent) != "WRAP_UP")
    assert len(shell.events("CallAnswered")) == 20


async def test_a_consulted_seat_meets_the_caller_and_takes_over(shell: Shell) -> None:
    await shell.ready("ann")
    caller, leg = await shell.talk("call-1")
    await shell.order(DeskCommand.CONSULT, "ann", "call-1", target="83505001")
    seat = await shell.rings()
    shell.asterisk.answer(seat)
    bridge = shell.asterisk.world.bridges["call-call-1"]
    await until(lambda: set(bridge.channels) == {leg, seat})
    await shell.order(DeskCommand.THREE_WAY, "ann", "call-1")
    await until(lambda: set(bridge.channels) == {leg, seat, caller})
    await shell.order(DeskCommand.TRANSFER, "ann", "call-1")
    await until(lambda: set(bridge.channels) == {seat, caller})
    await until(lambda: shell.agent_state("ann") == "WRAP_UP")
    shell.asterisk.hang_up(caller)
    await until(lambda: not shell.asterisk.world.channels)


async def test_a_blind_transfer_that_nobody_answers_comes_back_to_the_agent(shell: Shell) -> None:
    await shell.ready("ann")
    caller, _ = await shell.talk("call-1")
    await shell.order(DeskCommand.TRANSFER, "ann", "call-1", target="83505001")
    seat = await shell.rings()
    await until(lambda: shell.agent_state("ann") == "WRAP_UP")
    shell.asterisk.ring_out(seat)
    await until(lambda: shell.agent_state("ann") == "RINGING")
    again = await shell.rings()
    shell.asterisk.answer(again)
    await until(lambda: shell.agent_state("ann") == "TALKING")
    await shell.told("CallAnswered", 2)
    assert caller in shell.asterisk.world.bridges["call-call-1"].channels


async def test_an_agent_does_not_wait_for_a_caller_who_left_during_the_greeting(
    shell: Shell,
) -> None:
    await shell.ready("ann")
    await shell.call_in("call-1", comes=False)
    leg = await shell.rings()
    shell.asterisk.answer(leg)
    async with shell.database.work() as work:
        await end_call(work, CallId("call-1"), ended_by=EndedBy.CALLER)
        await work.commit()
    await until(lambda: leg not in shell.asterisk.world.channels)
    assert shell.agent_state("ann") == "READY"


async def test_a_skill_and_a_queue_that_are_edited_count_without_a_restart(shell: Shell) -> None:
    await shell.ready("ann")
    async with shell.database.work() as work:
        await work.session.execute(update(QueueRow).values(offer_seconds=7))
        await work.session.execute(
            update(AccountRow).where(AccountRow.id == "ann").values(skills={"english": 5})
        )
        await work.commit()
    await shell.routing.directory.look()
    state = shell.routing.exchange.state
    assert state.policies[QueueId("general")].offer_timeout.total_seconds() == 7
    assert Skill("english") in state.agents[AgentId("ann")].skills
    assert shell.agent_state("ann") == "READY"


async def test_a_tab_that_is_closed_while_it_rings_sends_the_call_to_the_next_agent(
    shell: Shell,
) -> None:
    await shell.ready("ann")
    await shell.ready("bob")
    await shell.call_in("call-1")
    first = await shell.rings()
    assert shell.agent_state("ann") == "RINGING"
    shell.desks.open.discard(AgentId("ann"))
    while shell.agent_state("ann") == "RINGING":
        await shell.routing.presence.look()
    await until(lambda: first not in shell.asterisk.world.channels)
    await until(lambda: shell.agent_state("bob") == "RINGING")
    assert shell.routing.exchange.state.agents[AgentId("ann")].reason == "DESK_LOST"


async def test_a_tab_that_is_closed_in_mid_talk_leaves_the_talk_on_a_desk_phone_alone(
    shell: Shell,
) -> None:
    await shell.ready("cat")
    caller, leg = await shell.talk("call-1", "cat")
    shell.desks.open.discard(AgentId("cat"))
    for _ in range(12):
        await shell.routing.presence.look()
    assert shell.agent_state("cat") == "TALKING"
    assert set(shell.asterisk.world.bridges["call-call-1"].channels) == {caller, leg}
    shell.asterisk.hang_up(caller)
    await until(lambda: shell.agent_state("cat") == "WRAP_UP")


async def test_hanging_up_a_moment_after_the_caller_is_no_mistake(shell: Shell) -> None:
    await shell.ready("ann")
    caller, _ = await shell.talk("call-1")
    shell.asterisk.hang_up(caller)
    await until(lambda: shell.routing.exchange.board.is_over(CallId("call-1")))
    await shell.order(DeskCommand.HANG_UP, "ann", "call-1")
    await shell.told("CommandDone", 2)
    assert not shell.events("CommandRefused")
