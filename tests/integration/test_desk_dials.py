"""An agent's desk phones a citizen: a missed caller, or the citizen of a case."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions.outgoing import ask_desk_call, ask_return_call
from core.auth import Principal, Role
from core.db.engine import Database
from core.db.tables.cases import CaseRow
from core.db.tables.outgoing import OutgoingRow
from core.domain.commands import DeskCommand
from core.errors import Conflict, InputRefused, NotAllowed
from core.ids import AgentId, CallId, CaseId
from tests.fakes.asterisk import FakeAsterisk
from tests.fakes.clock import FakeClock
from tests.integration.acd_shell import VAULT, Shell, make_city, running_shell, until

pytestmark = pytest.mark.integration
ANN = Principal(AgentId("ann"), "ann", "安", Role.AGENT)
OFFICER = Principal(AgentId("ann"), "ann", "安", Role.CALLBACK)
CITIZEN = "13862754310"


@pytest.fixture
async def shell(engine: AsyncEngine, clock: FakeClock) -> AsyncIterator[Shell]:
    await make_city(Database(engine))
    async with FakeAsterisk() as fake, running_shell(engine, fake, clock=clock) as running:
        yield running


async def missed_call(shell: Shell) -> CallId:
    """A citizen waited and hung up."""
    caller = await shell.call_in("call-1")
    await until(lambda: "call-1" in shell.routing.exchange.state.callers)
    shell.asterisk.hang_up(caller)
    await shell.told("CallEnded")
    return CallId("call-1")


async def dial(shell: Shell, missed: CallId) -> str:
    async with shell.database.work() as work:
        row = await ask_return_call(work, missed, by=ANN)
        await work.commit()
        return row.id


async def outgoing(shell: Shell, call_id: str) -> OutgoingRow:
    async with shell.database.sessions() as session:
        return await session.get_one(OutgoingRow, call_id)


async def test_one_key_phones_a_missed_caller_and_the_talk_is_a_call_like_any(
    shell: Shell,
) -> None:
    missed = await missed_call(shell)
    await shell.ready("ann")
    call_id = await dial(shell, missed)
    own = await shell.rings()
    assert shell.asterisk.world.channels[own].name.startswith("PJSIP/agent-ann")
    shell.asterisk.answer(own)
    citizen = await shell.rings()
    assert shell.asterisk.world.channels[citizen].name.startswith(f"PJSIP/{CITIZEN}@carrier")
    shell.asterisk.answer(citizen)
    await shell.told("CallAnswered")
    assert (await outgoing(shell, call_id)).state == "CONNECTED"
    await shell.order(DeskCommand.HANG_UP, "ann", call_id)
    await until(lambda: shell.agent_state("ann") == "WRAP_UP")
    await until(lambda: not shell.asterisk.world.channels)
    await shell.told("CallEnded", 2)
    row = await shell.row(call_id)
    assert (row.state, row.ended_by, row.direction) == ("ENDED", "AGENT", "OUTBOUND")
    assert (await outgoing(shell, call_id)).outcome == "TALKED"


async def test_a_citizen_who_is_busy_leaves_the_agent_ready_and_the_reason_written(
    shell: Shell,
) -> None:
    missed = await missed_call(shell)
    await shell.ready("ann")
    call_id = await dial(shell, missed)
    shell.asterisk.answer(await shell.rings())
    shell.asterisk.hang_up(await shell.rings(), 17)
    await until(lambda: shell.agent_state("ann") == "READY")
    await until(lambda: not shell.asterisk.world.channels)
    await shell.told("CallEnded", 2)
    assert (await outgoing(shell, call_id)).outcome == "CITIZEN_BUSY"


async def test_the_agent_may_give_up_while_the_citizens_phone_rings(shell: Shell) -> None:
    missed = await missed_call(shell)
    await shell.ready("ann")
    call_id = await dial(shell, missed)
    shell.asterisk.answer(await shell.rings())
    await shell.rings()
    await shell.order(DeskCommand.HANG_UP, "ann", call_id)
    await until(lambda: not shell.asterisk.world.channels)
    await shell.told("CallEnded", 2)
    assert (await outgoing(shell, call_id)).outcome == "GIVEN_UP"
    assert shell.agent_state("ann") == "READY"


async def test_the_callback_officer_phones_the_citizen_of_a_case(
    shell: Shell,
) -> None:
    await shell.ready("ann")
    async with shell.database.work() as work:
        work.session.add(
            CaseRow(
                id="case-1", number="2026112300001", status="PENDING_CALLBACK",
                created_at=shell.database.clock.now(), phone_sealed=VAULT.seal(CITIZEN),
            )
        )  # fmt: skip
        await work.session.flush()
        row = await ask_desk_call(work, CaseId("case-1"), by=OFFICER)
        await work.commit()
    shell.asterisk.answer(await shell.rings())
    citizen = await shell.rings()
    assert shell.asterisk.world.channels[citizen].name.startswith(f"PJSIP/{CITIZEN}@carrier")
    shell.asterisk.answer(citizen)
    await shell.told("CallAnswered")
    assert (await shell.row(row.id)).case_id == "case-1"


async def test_nobody_dials_from_a_closed_desk_or_in_the_middle_of_a_talk(shell: Shell) -> None:
    missed = await missed_call(shell)
    with pytest.raises(InputRefused):
        await dial(shell, missed)
    await shell.ready("ann")
    await shell.talk("call-2")
    with pytest.raises(Conflict):
        await dial(shell, missed)


async def test_an_answered_call_is_no_missed_one_and_a_case_needs_the_right(shell: Shell) -> None:
    await shell.ready("ann")
    caller, _ = await shell.talk("call-2")
    shell.asterisk.hang_up(caller)
    await until(lambda: shell.agent_state("ann") == "WRAP_UP")
    await shell.told("CallEnded")
    with pytest.raises(InputRefused):
        await dial(shell, CallId("call-2"))
    async with shell.database.work() as work:
        with pytest.raises(NotAllowed):
            await ask_desk_call(work, CaseId("case-1"), by=ANN)
