"""A department phones the citizen of its case through the hotline: fake Asterisk, real database."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions.outgoing import ask_unit_call
from core.auth import Principal, Role
from core.db.tables.cases import CaseEventRow, CaseRow
from core.db.tables.handling import LegRow
from core.db.tables.outgoing import OutgoingRow
from core.domain.outgoing import OutgoingOutcome
from core.errors import Conflict, HotlineError, InputRefused, NotAllowed, NotFound
from core.ids import AgentId, CaseId
from tests.fakes.asterisk import FakeAsterisk
from tests.fakes.clock import FakeClock
from tests.integration.acd_shell import VAULT, Shell, make_city, running_shell, until

pytestmark = pytest.mark.integration
CLERK = Principal(AgentId("lin"), "lin", "林工", Role.UNIT_OPS, department_id="water")
STRANGER = Principal(AgentId("wu"), "wu", "吴工", Role.UNIT_OPS, department_id="parks")
CITIZEN = "13862754310"


@pytest.fixture
async def shell(engine: AsyncEngine, clock: FakeClock) -> AsyncIterator[Shell]:
    async with FakeAsterisk() as fake, running_shell(engine, fake, clock=clock) as running:
        await make_city(running.database)
        yield running


async def make_case(
    shell: Shell, *, confidential: bool = False, status: str = "HANDLING"
) -> CaseId:
    now = shell.database.clock.now()
    async with shell.database.work() as work:
        case = CaseRow(
            id="case-1", number="2026112300001", status=status, created_at=now,
            confidential=confidential, caller_mask="138****4310",
            caller_sealed="" if confidential else VAULT.seal(CITIZEN),
            phone_sealed="" if confidential else VAULT.seal(CITIZEN),
        )  # fmt: skip
        work.session.add(case)
        await work.session.flush()
        work.session.add(
            LegRow(
                id="leg-1", case_id="case-1", department_id="water", status="HANDLING",
                limit_type="work_day", limit_value=5, dispatched_at=now,
                sign_due_at=now + timedelta(hours=4), contact_due_at=now + timedelta(days=1),
                due_at=now + timedelta(days=5), warn_at=now + timedelta(days=4),
            )
        )  # fmt: skip
        await work.commit()
    return CaseId("case-1")


async def ask(shell: Shell, case: CaseId, *, by: Principal = CLERK, phone: str = "83505001") -> str:
    async with shell.database.work() as work:
        row = await ask_unit_call(work, case, by=by, phone=phone)
        await work.commit()
        return row.id


async def outcome_of(shell: Shell, call_id: str) -> str | None:
    async with shell.database.sessions() as session:
        return (await session.get_one(OutgoingRow, call_id)).outcome


def endpoint(shell: Shell, channel_id: str) -> str:
    return shell.asterisk.world.channels[channel_id].name


def channel_of(shell: Shell, party: str) -> str:
    return next(one for one in shell.asterisk.world.channels if one.endswith(f"-out-{party}"))


async def over(shell: Shell) -> None:
    await until(lambda: any(e.state == "OVER" for e in shell.events("OutgoingChanged")))  # type: ignore[attr-defined]
    await until(lambda: not shell.asterisk.world.channels and not shell.asterisk.world.bridges)


async def test_the_department_rings_first_then_the_citizen_and_they_talk(
    shell: Shell, clock: FakeClock
) -> None:
    call_id = await ask(shell, await make_case(shell))
    phone = await shell.rings()
    assert endpoint(shell, phone).startswith("PJSIP/83505001@carrier")
    assert len(shell.asterisk.world.channels) == 1
    shell.asterisk.answer(phone)
    citizen = await shell.rings()
    assert endpoint(shell, citizen).startswith(f"PJSIP/{CITIZEN}@carrier")
    shell.asterisk.answer(citizen)
    answered = await shell.told("CallAnswered")
    assert {answered.caller_channel, answered.agent_channel} == {citizen, phone}  # type: ignore[attr-defined]
    bridge = shell.asterisk.world.bridges[f"out-{call_id}"]
    assert set(bridge.channels) == {phone, citizen}
    clock.advance(30)
    shell.asterisk.hang_up(citizen)
    await over(shell)
    assert await outcome_of(shell, call_id) == OutgoingOutcome.TALKED
    row = await shell.row(call_id)
    assert (row.direction, row.state, row.ended_by, row.case_id) == (
        "OUTBOUND", "ENDED", "CALLER", "case-1",
    )  # fmt: skip


async def test_a_long_enough_talk_is_the_first_contact_of_the_leg(
    shell: Shell, clock: FakeClock
) -> None:
    await ask(shell, await make_case(shell))
    shell.asterisk.answer(await shell.rings())
    shell.asterisk.answer(await shell.rings())
    await shell.told("CallAnswered")
    clock.advance(30)
    shell.asterisk.hang_up(channel_of(shell, "phone"))
    await over(shell)
    async with shell.database.sessions() as session:
        leg = await session.get_one(LegRow, "leg-1")
        told = (await session.scalars(select(CaseEventRow.action))).all()
    assert leg.contacted_at == clock.now()
    assert "contact_citizen" in told


async def test_a_short_talk_is_no_contact(shell: Shell) -> None:
    await ask(shell, await make_case(shell))
    shell.asterisk.answer(await shell.rings())
    shell.asterisk.answer(await shell.rings())
    await shell.told("CallAnswered")
    shell.asterisk.hang_up(channel_of(shell, "citizen"))
    await over(shell)
    async with shell.database.sessions() as session:
        assert (await session.get_one(LegRow, "leg-1")).contacted_at is None


@pytest.mark.parametrize(
    ("cause", "why"),
    [(17, "CITIZEN_BUSY"), (19, "CITIZEN_UNANSWERED"), (1, "NO_SUCH_NUMBER")],
)
async def test_a_citizen_who_is_not_reached_frees_the_department(
    shell: Shell, cause: int, why: str
) -> None:
    call_id = await ask(shell, await make_case(shell))
    shell.asterisk.answer(await shell.rings())
    shell.asterisk.hang_up(await shell.rings(), cause)
    await over(shell)
    assert await outcome_of(shell, call_id) == why


async def test_a_department_that_hangs_up_stops_the_citizens_ringing(shell: Shell) -> None:
    call_id = await ask(shell, await make_case(shell))
    phone = await shell.rings()
    shell.asterisk.answer(phone)
    await shell.rings()
    shell.asterisk.hang_up(phone)
    await over(shell)
    assert await outcome_of(shell, call_id) == "GIVEN_UP"


async def test_no_event_of_the_call_holds_the_number(shell: Shell) -> None:
    await ask(shell, await make_case(shell))
    shell.asterisk.answer(await shell.rings())
    shell.asterisk.answer(await shell.rings())
    await shell.told("CallAnswered")
    shell.asterisk.hang_up(channel_of(shell, "phone"))
    await over(shell)
    assert not any(CITIZEN in str(envelope.event) for envelope in shell.bus.published)


@pytest.mark.parametrize(
    ("by", "phone", "case", "refused"),
    [
        (STRANGER, "83505001", {}, NotFound),
        (CLERK, "not a phone", {}, InputRefused),
        (CLERK, "83505001", {"confidential": True}, NotAllowed),
        (CLERK, "83505001", {"status": "CLOSED"}, InputRefused),
    ],
)
async def test_what_may_not_be_dialled_is_refused_and_rings_nobody(
    shell: Shell, by: Principal, phone: str, case: dict[str, object], refused: type[HotlineError]
) -> None:
    case_id = await make_case(shell, **case)  # type: ignore[arg-type]
    with pytest.raises(refused):
        await ask(shell, case_id, by=by, phone=phone)
    assert not shell.events("OutgoingAsked")


async def test_one_person_has_one_call_going_out_at_a_time(shell: Shell) -> None:
    case = await make_case(shell)
    await ask(shell, case)
    with pytest.raises(Conflict):
        await ask(shell, case)


async def test_a_talk_survives_a_restart_of_routing_and_ends_in_order(
    shell: Shell, engine: AsyncEngine, clock: FakeClock
) -> None:
    call_id = await ask(shell, await make_case(shell))
    phone = await shell.rings()
    shell.asterisk.answer(phone)
    citizen = await shell.rings()
    shell.asterisk.answer(citizen)
    await shell.told("CallAnswered")
    async with running_shell(engine, shell.asterisk, clock=clock) as again:
        assert set(again.asterisk.world.bridges[f"out-{call_id}"].channels) == {phone, citizen}
        again.asterisk.hang_up(citizen)
        await over(again)
    assert await outcome_of(shell, call_id) == "TALKED"
