"""Automatic callbacks: whom the machine rings and what it writes; fake Asterisk, real database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions.rules import change_rule
from core.actions.voice_callbacks import (
    ANSWERED,
    VoiceAnswer,
    claim_voice_callback,
    finish_voice_callback,
)
from core.asterisk.ari_client import AriClient
from core.auth import Role
from core.db.engine import Database
from core.db.tables.calls import CallRow
from core.db.tables.cases import CaseEventRow, CaseRow
from core.db.tables.handling import CallbackAttemptRow
from core.db.tables.lines import HolidayRow
from core.db.tables.outgoing import OutgoingRow
from core.domain.calls import EndedBy
from core.domain.cases import CaseStatus
from core.domain.outgoing import OutgoingOutcome
from core.ids import CallId
from ivr.line_book import LineBook
from ivr.menu.engine import MenuEngine
from ivr.records import DatabaseRecords
from ivr.session import MenuParts
from ivr.stasis_app import StasisApp, Surroundings
from ivr.voice_callbacks import VoiceCallbacks
from tests.fakes.asterisk import FakeAsterisk
from tests.fakes.clock import FakeClock
from tests.support.city import build_city, make_case, person
from tests.unit.ivr.menu_driver import shipped_book
from tests.unit.ivr.menu_house import PROMPTS as PROMPT_FILES
from tests.unit.ivr.menu_house import (
    VAULT,
    HandTimers,
    MemoryCases,
    MemoryStates,
    PromptSounds,
    until,
)

pytestmark = pytest.mark.integration
MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, ten o'clock in the city
PHONE = "13862754310"
HOUR = timedelta(hours=1, minutes=1)


@pytest.fixture
async def database(engine: AsyncEngine) -> Database:
    made = Database(engine, clock=FakeClock(MORNING))
    async with made.work() as work:
        await build_city(work)
        await change_rule(work, "voice_callback", True, by=person(Role.ADMIN))
        await work.commit()
    return made


async def add_case(
    database: Database, *, phone: str = PHONE, number: str = "2026112300001", **fields: Any
) -> str:
    async with database.work() as work:
        case = make_case(work, CaseStatus.PENDING_CALLBACK)
        case.number, case.caller_sealed = number, VAULT.seal(phone)
        case.caller_hash, case.caller_mask = VAULT.fingerprint(phone), "138****4310"
        for name, value in fields.items():
            setattr(case, name, value)
        await work.commit()
        return case.id


async def claim(database: Database) -> str | None:
    async with database.work() as work:
        row = await claim_voice_callback(work)
        await work.commit()
        return row.case_id if row is not None else None


async def finish(
    database: Database, outcome: OutgoingOutcome, answer: VoiceAnswer | None = None
) -> str:
    """End the call that is open; gives its id."""
    async with database.work() as work:
        query = select(OutgoingRow.id).where(OutgoingRow.ended_at.is_(None))
        call_id = (await work.session.scalars(query)).one()
        await finish_voice_callback(
            work, CallId(call_id), outcome, ended_by=EndedBy.SYSTEM, answer=answer
        )
        await work.commit()
    return call_id


async def attempts(database: Database) -> list[CallbackAttemptRow]:
    async with database.sessions() as session:
        query = select(CallbackAttemptRow).order_by(CallbackAttemptRow.at)
        return list((await session.scalars(query)).all())


async def case_of(database: Database, case_id: str) -> CaseRow:
    async with database.sessions() as session:
        return await session.get_one(CaseRow, case_id)


def advance(database: Database, by: timedelta) -> None:
    assert isinstance(database.clock, FakeClock)
    database.clock.advance(by)


# --- whom ------------------------------------------------------------------------------------


async def test_nobody_is_rung_until_the_rule_is_switched_on(database: Database) -> None:
    await add_case(database)
    async with database.work() as work:
        await change_rule(work, "voice_callback", False, by=person(Role.ADMIN))
        await work.commit()
    assert await claim(database) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"confidential": True},
        {"case_type": "举报"},
        {"accused": "某单位"},
        {"anonymous": True},
        {"caller_sealed": ""},
        {"fields": {"wants_callback": {"value": False}}},
        {"status": CaseStatus.CLOSED.value},
        {"status": CaseStatus.HANDLING.value},
    ],
)
async def test_these_cases_are_left_to_people(database: Database, fields: dict[str, Any]) -> None:
    await add_case(database, **fields)
    assert await claim(database) is None


@pytest.mark.parametrize("fields", [{}, {"fields": {"wants_callback": {"value": True}}}])
async def test_an_ordinary_case_is_rung_about(database: Database, fields: dict[str, Any]) -> None:
    case_id = await add_case(database, **fields)
    assert await claim(database) == case_id


@pytest.mark.parametrize("hours", [-3, 12, 24 * 5])
async def test_nobody_is_rung_out_of_office_hours(engine: AsyncEngine, hours: int) -> None:
    database = Database(engine, clock=FakeClock(MORNING + timedelta(hours=hours)))
    async with database.work() as work:
        await build_city(work)
        await change_rule(work, "voice_callback", True, by=person(Role.ADMIN))
        await work.commit()
    await add_case(database)
    assert await claim(database) is None


async def test_nobody_is_rung_on_a_day_off(database: Database) -> None:
    await add_case(database)
    async with database.work() as work:
        work.session.add(HolidayRow(day=MORNING.date(), kind="OFF", name="假日"))
        await work.commit()
    assert await claim(database) is None


async def test_two_claims_at_once_place_one_call(database: Database) -> None:
    await add_case(database)
    await add_case(database, phone="13700000001", number="2026112300002")
    found = await asyncio.gather(claim(database), claim(database), return_exceptions=True)
    assert len([one for one in found if isinstance(one, str)]) == 1
    async with database.sessions() as session:
        assert len((await session.scalars(select(OutgoingRow))).all()) == 1


async def test_a_case_in_somebody_elses_hands_is_passed_over(database: Database) -> None:
    first = await add_case(database)
    other = await add_case(database, phone="13700000001", number="2026112300002")
    async with database.work() as work:
        await work.session.get(CaseRow, first, with_for_update=True)
        assert await claim(database) == other


# --- how often -------------------------------------------------------------------------------


async def test_a_citizen_of_two_cases_is_not_rung_twice_in_an_hour(database: Database) -> None:
    await add_case(database)
    second = await add_case(database, number="2026112300002")
    assert await claim(database) is not None
    await finish(database, OutgoingOutcome.CITIZEN_UNANSWERED)
    assert await claim(database) is None
    advance(database, HOUR)
    assert await claim(database) in {second, (await attempts(database))[0].case_id}


async def test_two_attempts_count_and_the_last_is_left_to_a_person(database: Database) -> None:
    case_id = await add_case(database)
    for _ in range(2):
        assert await claim(database) == case_id
        await finish(database, OutgoingOutcome.CITIZEN_BUSY)
        advance(database, HOUR)
    advance(database, 2 * HOUR)  # past the noon break
    assert [(one.connected, one.by) for one in await attempts(database)] == [(False, "system")] * 2
    assert await claim(database) is None
    assert (await case_of(database, case_id)).status == CaseStatus.PENDING_CALLBACK


async def test_a_fault_of_ours_is_no_attempt_at_the_citizen(database: Database) -> None:
    case_id = await add_case(database)
    await claim(database)
    await finish(database, OutgoingOutcome.FAILED)
    assert await attempts(database) == []
    assert (await case_of(database, case_id)).status == CaseStatus.PENDING_CALLBACK


# --- what was answered -----------------------------------------------------------------------


async def test_solved_and_content_closes_the_case(database: Database) -> None:
    case_id = await add_case(database)
    await claim(database)
    call_id = await finish(database, OutgoingOutcome.TALKED, VoiceAnswer(1, 4))
    case = await case_of(database, case_id)
    assert (case.status, case.close_code, case.satisfaction_final, case.solved) == (
        CaseStatus.CLOSED, "已解决", "满意", "解决",
    )  # fmt: skip
    (attempt,) = await attempts(database)
    assert (attempt.connected, attempt.call_id) == (True, call_id)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (VoiceAnswer(3, 1), "未解决，非常不满意"),
        (VoiceAnswer(1, 2), "解决，不满意"),
        (VoiceAnswer(2, 5), "部分解决，非常满意"),
        (VoiceAnswer(1, 0), "解决"),
        (VoiceAnswer(), "未按键"),
    ],
)
async def test_any_other_answer_is_noted_and_waits_for_the_officer(
    database: Database, answer: VoiceAnswer, said: str
) -> None:
    case_id = await add_case(database)
    await claim(database)
    await finish(database, OutgoingOutcome.TALKED, answer)
    case = await case_of(database, case_id)
    assert (case.status, case.round) == (CaseStatus.PENDING_CALLBACK, 1)
    async with database.sessions() as session:
        query = select(CaseEventRow).where(CaseEventRow.action == ANSWERED)
        assert said in (await session.scalars(query)).one().note
    (attempt,) = await attempts(database)
    assert (attempt.connected, attempt.satisfaction) == (True, answer.words.get("satisfaction"))
    advance(database, HOUR)
    assert await claim(database) is None  # who has answered is not asked by a machine again


async def test_an_officer_who_was_faster_is_not_overruled(database: Database) -> None:
    case_id = await add_case(database)
    await claim(database)
    async with database.work() as work:
        case = await work.session.get_one(CaseRow, case_id)
        case.status = CaseStatus.REASSIGNED.value
        await work.commit()
    await finish(database, OutgoingOutcome.TALKED, VoiceAnswer(1, 5))
    assert (await case_of(database, case_id)).status == CaseStatus.REASSIGNED
    assert await attempts(database) == []


# --- on the telephone ------------------------------------------------------------------------


@dataclass
class Menus:
    """The process of the menus with its loop turned by hand."""

    asterisk: FakeAsterisk
    voice: VoiceCallbacks
    states: MemoryStates

    async def rings(self) -> str:
        await until(lambda: bool(self.asterisk.ringing()))
        return self.asterisk.ringing()[0]

    async def answers(self, channel: str) -> None:
        """The citizen picks up; the dialplan records and gives the call back."""
        self.asterisk.answer(channel)
        await until(lambda: (channel, "voice-leg", "s") in self.asterisk.world.dialplan)
        call_id = channel.removesuffix("-voice")
        self.asterisk.world.enter(
            self.asterisk.world.channels[channel], "ivr", ("callback", call_id)
        )
        await self.plays(channel)

    async def plays(self, channel: str) -> str:
        def playing() -> list[str]:
            found = self.asterisk.world.channels.get(channel)
            return found.playing if found else []

        await until(lambda: bool(playing()))
        return playing()[-1]


@asynccontextmanager
async def menus(
    database: Database, asterisk: FakeAsterisk, states: MemoryStates
) -> AsyncIterator[Menus]:
    asterisk.world.plays_end_at_once = False
    ari = AriClient(url=asterisk.url, user=asterisk.user, password=asterisk.password, app="ivr")
    parts = MenuParts(
        engine=MenuEngine(shipped_book()),
        records=DatabaseRecords(database, VAULT),
        cases=MemoryCases(),
        states=states,
        clock=database.clock,
        later=HandTimers().later,
    )
    voice = VoiceCallbacks(database, VAULT, ari, states)
    sounds = PromptSounds(PROMPT_FILES)
    app = StasisApp(Surroundings(ari, sounds, VAULT, LineBook, voice), parts)
    async with ari, asyncio.TaskGroup() as group:
        tasks = [group.create_task(ari.run()), group.create_task(app.run())]
        await asyncio.wait_for(ari.wait_connected(), 5)
        yield Menus(asterisk, voice, states)
        for task in tasks:
            task.cancel()


async def ended(database: Database) -> OutgoingRow:
    """Wait until the only call is written as over."""
    async with asyncio.timeout(8):
        while True:
            async with database.sessions() as session:
                row = (await session.scalars(select(OutgoingRow))).one()
            if row.ended_at is not None:
                return row
            await asyncio.sleep(0.01)


async def test_a_citizen_who_presses_keys_is_rung_asked_and_the_case_closed(
    database: Database,
) -> None:
    case_id = await add_case(database)
    async with FakeAsterisk() as asterisk, menus(database, asterisk, MemoryStates()) as house:
        round_of_calls = asyncio.ensure_future(house.voice.once())
        channel = await house.rings()
        assert asterisk.world.channels[channel].name.startswith(f"PJSIP/{PHONE}@carrier")
        await house.answers(channel)
        first = await house.plays(channel)
        asterisk.press(channel, "1")
        await until(lambda: asterisk.world.channels[channel].playing[-1:] not in ([], [first]))
        second = await house.plays(channel)
        asterisk.press(channel, "5")
        await until(lambda: asterisk.world.channels[channel].playing[-1:] not in ([], [second]))
        asterisk.finish_playback(await house.plays(channel))
        assert await asyncio.wait_for(round_of_calls, 8)
        row = await ended(database)
    assert (row.kind, row.outcome) == ("MACHINE", "TALKED")
    case = await case_of(database, case_id)
    assert (case.status, case.satisfaction_final) == (CaseStatus.CLOSED, "非常满意")
    async with database.sessions() as session:
        call = await session.get_one(CallRow, row.id)
    assert (call.direction, call.state, call.survey_score) == ("OUTBOUND", "ENDED", None)
    assert call.answered_at is not None


async def test_a_citizen_who_hangs_up_half_way_leaves_the_first_answer(database: Database) -> None:
    case_id = await add_case(database)
    async with FakeAsterisk() as asterisk, menus(database, asterisk, MemoryStates()) as house:
        round_of_calls = asyncio.ensure_future(house.voice.once())
        channel = await house.rings()
        await house.answers(channel)
        first = await house.plays(channel)
        asterisk.press(channel, "3")
        await until(lambda: asterisk.world.channels[channel].playing[-1:] not in ([], [first]))
        asterisk.hang_up(channel)
        assert await asyncio.wait_for(round_of_calls, 8)
        await ended(database)
    case = await case_of(database, case_id)
    assert (case.status, case.solved) == (CaseStatus.PENDING_CALLBACK, "未解决")


@pytest.mark.parametrize(
    ("cause", "outcome", "counted"),
    [(19, "CITIZEN_UNANSWERED", 1), (17, "CITIZEN_BUSY", 1), (38, "FAILED", 0)],
)
async def test_a_citizen_who_is_not_reached_counts_as_an_attempt(
    database: Database, cause: int, outcome: str, counted: int
) -> None:
    await add_case(database)
    async with FakeAsterisk() as asterisk, menus(database, asterisk, MemoryStates()) as house:
        round_of_calls = asyncio.ensure_future(house.voice.once())
        asterisk.hang_up(await house.rings(), cause)
        assert await asyncio.wait_for(round_of_calls, 8)
    assert (await ended(database)).outcome == outcome
    assert len(await attempts(database)) == counted


async def test_a_killed_process_loses_no_answer_that_was_given(database: Database) -> None:
    case_id, states = await add_case(database), MemoryStates()
    async with FakeAsterisk() as asterisk:
        async with menus(database, asterisk, states) as house:
            round_of_calls = asyncio.ensure_future(house.voice.once())
            channel = await house.rings()
            await house.answers(channel)
            first = await house.plays(channel)
            asterisk.press(channel, "2")
            await until(lambda: asterisk.world.channels[channel].playing[-1:] not in ([], [first]))
            round_of_calls.cancel()
        asterisk.hang_up(channel)
        async with menus(database, asterisk, states) as house:
            assert not await house.voice.once()
    assert (await ended(database)).outcome == "TALKED"
    assert (await case_of(database, case_id)).solved == "部分解决"
