"""What a desk may do with a running talk: third parties, emergencies, colleagues, supervisors."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.db.engine import Database
from core.db.repos.cases import drafts_of_call
from core.db.tables.outbox import AuditRow
from core.domain.commands import DeskCommand
from tests.fakes.asterisk import FakeAsterisk
from tests.integration.acd_shell import Shell, make_city, running_shell, until

pytestmark = pytest.mark.integration
CALL = "call-1"


@pytest.fixture
async def shell(engine: AsyncEngine) -> AsyncIterator[Shell]:
    await make_city(Database(engine))
    async with FakeAsterisk() as fake, running_shell(engine, fake) as running:
        yield running


async def third(shell: Shell) -> dict[str, str] | None:
    return (await shell.row(CALL)).trace.get("third")


async def refusal(shell: Shell, order_id: str) -> str:
    await until(lambda: any(e.command_id == order_id for e in shell.events("CommandRefused")))  # type: ignore[attr-defined]
    found = [e for e in shell.events("CommandRefused") if e.command_id == order_id]  # type: ignore[attr-defined]
    return str(found[0].message)  # type: ignore[attr-defined]


async def transfers(shell: Shell, number: int) -> list[str]:
    await shell.told("CallTransferred", number)
    return [e.result for e in shell.events("CallTransferred")]  # type: ignore[attr-defined]


def members(shell: Shell) -> set[str]:
    return set(shell.asterisk.world.bridges[f"call-{CALL}"].channels)


async def test_a_consultation_holds_first_and_is_found_after_a_reload(shell: Shell) -> None:
    await shell.ready("ann")
    caller, agent = await shell.talk(CALL)
    await shell.order(DeskCommand.CONSULT, "ann", CALL, target="83505001")
    seat = await shell.rings()
    assert await transfers(shell, 1) == ["ringing"]
    assert members(shell) == {agent}
    kept = await third(shell)
    assert kept is not None
    assert (kept["target"], kept["result"]) == ("83505001", "ringing")
    shell.asterisk.answer(seat)
    assert await transfers(shell, 2) == ["ringing", "answered"]
    assert members(shell) == {agent, seat}
    await shell.order(DeskCommand.THREE_WAY, "ann", CALL)
    assert (await transfers(shell, 3))[-1] == "joined"
    assert members(shell) == {caller, agent, seat}
    await shell.order(DeskCommand.END_CONSULT, "ann", CALL)
    assert (await transfers(shell, 4))[-1] == "given_up"
    assert members(shell) == {caller, agent}
    assert await third(shell) is None


async def test_a_third_party_survives_a_restart_of_routing(
    shell: Shell, engine: AsyncEngine
) -> None:
    await shell.ready("ann")
    caller, agent = await shell.talk(CALL)
    await shell.order(DeskCommand.CONSULT, "ann", CALL, target="83505001")
    seat = await shell.rings()
    shell.asterisk.answer(seat)
    await transfers(shell, 2)
    async with running_shell(engine, shell.asterisk) as again:
        assert seat in again.asterisk.world.channels
        await again.order(DeskCommand.THREE_WAY, "ann", CALL)
        await again.told("CallTransferred")
        assert members(again) == {caller, agent, seat}


async def test_an_agent_who_leaves_a_three_way_leaves_the_other_two_talking(shell: Shell) -> None:
    await shell.ready("ann")
    caller, agent = await shell.talk(CALL)
    await shell.order(DeskCommand.CONSULT, "ann", CALL, target="83505001")
    seat = await shell.rings()
    shell.asterisk.answer(seat)
    await transfers(shell, 2)
    await shell.order(DeskCommand.THREE_WAY, "ann", CALL)
    await transfers(shell, 3)
    await shell.order(DeskCommand.HANG_UP, "ann", CALL)
    await until(lambda: shell.agent_state("ann") == "WRAP_UP")
    await until(lambda: agent not in shell.asterisk.world.channels)
    assert members(shell) == {caller, seat}


async def test_an_emergency_joins_at_once_and_cannot_be_dropped_before_it_answers(
    shell: Shell,
) -> None:
    await shell.ready("ann")
    caller, agent = await shell.talk(CALL)
    await shell.order(DeskCommand.EMERGENCY, "ann", CALL, service="119")
    service = await shell.rings()
    assert members(shell) == {caller, agent}
    for kind in (DeskCommand.HANG_UP, DeskCommand.END_CONSULT, DeskCommand.TRANSFER):
        assert "尚未接通" in await refusal(shell, await shell.order(kind, "ann", CALL))
    await shell.told("DraftUpdated")
    async with shell.database.sessions() as session:
        [draft] = await drafts_of_call(session, CALL)
    assert draft.fields["urgency"]["value"] == "特急"
    shell.asterisk.answer(service)
    assert await transfers(shell, 2) == ["ringing", "joined"]
    assert members(shell) == {caller, agent, service}
    await shell.order(DeskCommand.HANG_UP, "ann", CALL)
    await until(lambda: shell.agent_state("ann") == "WRAP_UP")
    assert {caller, service} <= members(shell)


async def test_an_emergency_line_that_is_busy_is_dialled_again(shell: Shell) -> None:
    await shell.ready("ann")
    await shell.talk(CALL)
    await shell.order(DeskCommand.EMERGENCY, "ann", CALL, service="110")
    first = await shell.rings()
    shell.asterisk.hang_up(first, 17)
    await until(lambda: bool(shell.asterisk.ringing()) and shell.asterisk.ringing()[0] != first)
    second = await shell.rings()
    shell.asterisk.answer(second)
    assert (await transfers(shell, 3))[-1] == "joined"


async def test_a_call_handed_to_a_colleague_pops_up_there(shell: Shell) -> None:
    await shell.ready("ann")
    caller, agent = await shell.talk(CALL)
    await shell.ready("bob")
    await shell.order(DeskCommand.TRANSFER, "ann", CALL, target="agent:bob")
    leg = await shell.rings()
    offered = shell.events("CallOffered")[-1]
    assert offered.agent_id == "bob"  # type: ignore[attr-defined]
    shell.asterisk.answer(leg)
    await until(lambda: shell.agent_state("bob") == "TALKING")
    assert members(shell) == {caller, leg}
    assert agent not in shell.asterisk.world.channels
    assert shell.agent_state("ann") == "WRAP_UP"


async def test_a_colleague_who_does_not_answer_gives_the_call_back_to_the_same_agent(
    shell: Shell,
) -> None:
    await shell.ready("ann")
    caller, _ = await shell.talk(CALL)
    await shell.ready("bob")
    await shell.order(DeskCommand.TRANSFER, "ann", CALL, target="agent:bob")
    shell.asterisk.ring_out(await shell.rings())
    leg = await shell.rings()
    assert shell.events("CallOffered")[-1].agent_id == "ann"  # type: ignore[attr-defined]
    shell.asterisk.answer(leg)
    await until(lambda: shell.agent_state("ann") == "TALKING")
    assert members(shell) == {caller, leg}


@pytest.mark.parametrize("target", ["agent:bob", "agent:nobody", "agent:ann", "1", "abc", ""])
async def test_a_target_that_cannot_be_rung_changes_nothing(shell: Shell, target: str) -> None:
    await shell.ready("ann")
    caller, agent = await shell.talk(CALL)
    for kind in (DeskCommand.CONSULT, DeskCommand.TRANSFER):
        assert await refusal(shell, await shell.order(kind, "ann", CALL, target=target))
    assert members(shell) == {caller, agent}
    assert shell.agent_state("ann") == "TALKING"


async def test_a_muted_desk_phone_is_so_after_a_reload_too(shell: Shell) -> None:
    await shell.ready("ann")
    await shell.talk(CALL)
    await shell.order(DeskCommand.MUTE, "ann", CALL)
    await shell.told("CallMuted")
    assert (await shell.row(CALL)).trace["muted"] is True
    await shell.order(DeskCommand.UNMUTE, "ann", CALL)
    await shell.told("CallMuted", 2)
    assert (await shell.row(CALL)).trace["muted"] is False


async def test_a_supervisor_gives_a_reason_and_both_are_in_the_audit_trail(shell: Shell) -> None:
    await shell.ready("ann")
    await shell.talk(CALL)
    without = await shell.order(DeskCommand.LISTEN, "sue", CALL)
    assert "理由" in await refusal(shell, without)
    assert not shell.asterisk.ringing()
    await shell.order(DeskCommand.LISTEN, "sue", CALL, reason="新人带教")
    await shell.rings()
    await shell.order(DeskCommand.FORCE_NOT_READY, "sue", agent_id="ann", reason="休息")
    done = await shell.told("CommandDone", 3)
    assert done
    async with shell.database.sessions() as session:
        rows = (await session.scalars(select(AuditRow).where(AuditRow.actor == "sue"))).all()
    told = {row.action: row.facts for row in rows}
    assert told["monitor_call"] == {"how": "listen", "reason": "新人带教"}
    assert told["force_not_ready"] == {"reason": "休息"}


async def test_only_a_supervisor_listens_or_forces(shell: Shell) -> None:
    await shell.ready("ann", "bob")
    await shell.talk(CALL)
    listening = await shell.order(DeskCommand.LISTEN, "bob", CALL, reason="好奇")
    assert "权限" in await refusal(shell, listening)
    forcing = await shell.order(DeskCommand.FORCE_SIGN_OUT, "bob", agent_id="ann", reason="好奇")
    assert "权限" in await refusal(shell, forcing)


async def test_a_call_that_was_handed_over_stays_with_its_seat_after_a_restart(
    shell: Shell, engine: AsyncEngine
) -> None:
    await shell.ready("ann")
    caller, _ = await shell.talk(CALL)
    await shell.order(DeskCommand.CONSULT, "ann", CALL, target="83505001")
    seat = await shell.rings()
    shell.asterisk.answer(seat)
    await transfers(shell, 2)
    await shell.order(DeskCommand.TRANSFER, "ann", CALL)
    await shell.told_state("ann", "WRAP_UP")
    assert members(shell) == {caller, seat}
    async with running_shell(engine, shell.asterisk) as again:
        assert members(again) == {caller, seat}
        again.asterisk.hang_up(seat)
        await until(lambda: caller not in again.asterisk.world.channels)
        await again.told("CallEnded")
    assert (await shell.row(CALL)).state == "ENDED"
