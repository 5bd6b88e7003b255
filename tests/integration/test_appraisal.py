"""The monthly sheet: from facts to deductions with their cases, objections, signature, lock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from analytics.sheets import sheets_of
from core.actions import appraisal
from core.actions.appraisal import SheetDraft
from core.auth import Role
from core.clock import city_time
from core.db.engine import Database
from core.db.tables.appraisal import ObjectionRow, ResultRow, SheetRow
from core.db.tables.cases import CaseEventRow
from core.db.tables.handling import CallbackAttemptRow, SuperviseRow
from core.db.tables.outbox import AuditRow, OutboxRow
from core.errors import InputRefused, NotAllowed, NotFound, TransitionRefused
from core.ids import new_id
from tests.fakes.clock import FakeClock
from tests.support.city import LAMPS, ROADS, build_city, person
from tests.support.handled import DAY, Past, asked_return, live_through

pytestmark = pytest.mark.integration
MONTH = "2026-10"
TENTH = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
CHIEF, DIRECTOR = person(Role.SUPERVISOR), person(Role.DIRECTOR)
LAMP_DESK, ROAD_DESK = person(Role.UNIT_OPS, LAMPS), person(Role.UNIT_LEAD, ROADS)
LATE = Past(at=TENTH, took=6 * DAY)


@pytest.fixture
async def database(engine: AsyncEngine, clock: FakeClock) -> Database:
    database = Database(engine, clock=clock)
    async with database.work() as work:
        await build_city(work)
        await work.commit()
    return database


async def lived(database: Database, *pasts: Past) -> list[str]:
    async with database.work() as work:
        cases = [await live_through(work, past) for past in pasts]
        await work.commit()
    return [case.id for case in cases]


async def drafted(database: Database) -> dict[str, SheetDraft]:
    drafts = await sheets_of(database, MONTH)
    async with database.work() as work:
        await appraisal.draft_sheets(work, MONTH, drafts, by=CHIEF)
        await work.commit()
    return {draft.department_id: draft for draft in drafts}


async def sheet(database: Database, unit: str = LAMPS) -> SheetRow:
    async with database.sessions() as session:
        query = select(SheetRow).where(SheetRow.department_id == unit)
        return (await session.scalars(query)).one()


async def lines(database: Database, unit: str = LAMPS) -> dict[str, ResultRow]:
    key = (await sheet(database, unit)).id
    async with database.sessions() as session:
        rows: Sequence[ResultRow] = (
            await session.scalars(select(ResultRow).where(ResultRow.sheet_id == key))
        ).all()
    return {row.code: row for row in rows}


async def in_review(database: Database, clock: FakeClock) -> None:
    await drafted(database)
    async with database.work() as work:
        await appraisal.announce_sheets(work, MONTH, by=CHIEF)
        await work.commit()
    clock.advance(timedelta(days=5))
    async with database.work() as work:
        await appraisal.review_sheets(work, MONTH, by=CHIEF)
        await work.commit()


async def test_a_late_case_costs_points_and_is_named(database: Database) -> None:
    good = [Past(at=TENTH)] * 18
    late, other = await lived(database, LATE, LATE)
    await lived(database, *good)
    draft = (await drafted(database))[LAMPS]
    timely = (await lines(database))["timely"]
    assert (timely.value, timely.gap, timely.deduct) == ("90.00%", Decimal(8), Decimal(8))
    assert set(timely.case_ids) == {late, other}
    assert draft.score == Decimal(92)


async def test_few_cases_are_not_scored_and_cost_nothing(database: Database) -> None:
    await lived(database, LATE)
    draft = (await drafted(database))[LAMPS]
    assert (await lines(database))["timely"].deduct is None
    assert draft.score == Decimal(100)
    assert (await sheet(database, ROADS)).score == Decimal(100)


async def test_an_exempted_case_leaves_the_sheet_and_is_listed_beside_it(
    database: Database,
) -> None:
    await lived(database, *[Past(at=TENTH)] * 10)
    [exempt] = await lived(database, replace(LATE, exempt=True))
    await drafted(database)
    timely = (await lines(database))["timely"]
    assert (timely.value, timely.deduct, timely.exempted) == ("100.00%", Decimal(0), [exempt])


async def test_what_happened_is_counted_one_by_one_with_its_case(database: Database) -> None:
    at = TENTH + 3 * DAY
    async with database.work() as work:
        case = await live_through(work, Past(at=TENTH))
        await asked_return(work, case, LAMPS, "REFUSED")
        await asked_return(work, case, LAMPS, "ALLOWED")
        facts = {"given": {"outcome": "不通过", "result": "灯未修"}}
        work.session.add_all(
            [
                CaseEventRow(id=new_id(), case_id=case.id, at=at, action="核查结果", actor="i",
                             from_status="PENDING_CHECK", to_status="REASSIGNED", facts=facts),
                CallbackAttemptRow(id=new_id(), case_id=case.id, round=1, attempt=1, by="c", at=at,
                                   connected=True, satisfaction="不满意", cause="未联系"),
                *(
                    SuperviseRow(id=new_id(), case_id=case.id, kind="timeout", reason="超期",
                                 department_id=LAMPS, issued_by="s", issued_at=at + n * DAY)
                    for n in range(3)
                ),
            ]
        )  # fmt: skip
        await work.commit()
    async with database.work() as work:
        given = {"department_id": LAMPS, "kind": "exposed", "words": "电视台曝光"}
        note = await appraisal.note_event(work, given, by=CHIEF)
        note.at = at
        await work.commit()
    await drafted(database)
    found = await lines(database)
    points = {code: row.deduct for code, row in found.items() if row.kind == "EVENT"}
    assert points == {
        "improper_return": Decimal("0.5"), "false_closing": Decimal(3), "not_contacted": Decimal(1),
        "exposed": Decimal(2), "supervised": Decimal(1), "supervised_again": Decimal(4),
        "knowledge_overdue": Decimal(0), "leak": Decimal(0),
    }  # fmt: skip
    assert found["supervised_again"].case_ids == [case.id, case.id]
    assert (await sheet(database)).score == Decimal("88.5")


async def test_a_second_order_in_the_next_month_is_a_second_order(database: Database) -> None:
    async with database.work() as work:
        case = await live_through(work, Past(at=TENTH))
        for month_day in (datetime(2026, 9, 20, tzinfo=UTC), TENTH):
            work.session.add(
                SuperviseRow(id=new_id(), case_id=case.id, kind="timeout", reason="超期",
                             department_id=LAMPS, issued_by="s", issued_at=month_day)
            )  # fmt: skip
        await work.commit()
    await drafted(database)
    found = await lines(database)
    assert (found["supervised"].deduct, found["supervised_again"].deduct) == (0, Decimal(2))


async def test_a_month_that_is_not_over_has_no_sheet(database: Database) -> None:
    with pytest.raises(InputRefused, match="尚未结束"):
        await sheets_of(database, "2026-11")


async def test_drafts_are_made_anew_until_they_are_announced(database: Database) -> None:
    await lived(database, *[Past(at=TENTH)] * 10)
    await drafted(database)
    await lived(database, LATE)
    await drafted(database)
    assert (await lines(database))["timely"].den == 11
    async with database.work() as work:
        await appraisal.announce_sheets(work, MONTH, by=CHIEF)
        await work.commit()
    await lived(database, LATE)
    await drafted(database)
    assert (await lines(database))["timely"].den == 11


async def test_the_window_for_objections_is_three_working_days(
    database: Database, clock: FakeClock
) -> None:
    await drafted(database)
    async with database.work() as work:
        await appraisal.announce_sheets(work, MONTH, by=CHIEF)
        await work.commit()
    until = (await sheet(database)).objection_until
    assert until is not None
    # Monday noon; the Wednesday is the test city's holiday.
    assert city_time(until).isoformat() == "2026-11-27T18:00:00+08:00"
    line = (await lines(database))["timely"]
    async with database.work() as work:
        with pytest.raises(TransitionRefused, match="尚未结束"):
            await appraisal.review_sheets(work, MONTH, by=CHIEF)
        with pytest.raises(NotFound):
            await appraisal.object_to(work, line.sheet_id, line.id, words="x", by=ROAD_DESK)
        with pytest.raises(InputRefused, match="理由"):
            await appraisal.object_to(work, line.sheet_id, line.id, words="  ", by=LAMP_DESK)
        await appraisal.object_to(work, line.sheet_id, line.id, words="不可抗力", by=LAMP_DESK)
        with pytest.raises(TransitionRefused, match="已提出过"):
            await appraisal.object_to(work, line.sheet_id, line.id, words="再来", by=LAMP_DESK)
        await work.commit()
    clock.advance(timedelta(days=5))
    other = (await lines(database))["closing"]
    async with database.work() as work:
        with pytest.raises(TransitionRefused, match="已过"):
            await appraisal.object_to(work, line.sheet_id, other.id, words="晚了", by=LAMP_DESK)


async def test_an_objection_is_ruled_on_before_the_signature_and_never_costs_more(
    database: Database, clock: FakeClock
) -> None:
    await lived(database, LATE, LATE, *[Past(at=TENTH)] * 18)
    await drafted(database)
    line = (await lines(database))["timely"]
    async with database.work() as work:
        await appraisal.announce_sheets(work, MONTH, by=CHIEF)
        await work.commit()
    async with database.work() as work:
        asked = await appraisal.object_to(work, line.sheet_id, line.id, words="台风", by=LAMP_DESK)
        await work.commit()
    clock.advance(timedelta(days=5))
    async with database.work() as work:
        await appraisal.review_sheets(work, MONTH, by=CHIEF)
        await work.commit()
    async with database.work() as work:
        with pytest.raises(TransitionRefused, match="没有裁定"):
            await appraisal.sign_sheet(work, line.sheet_id, by=DIRECTOR)
        for bad in ("9", "-1", "x", "NaN"):
            given = {"upheld": True, "reason": "台风", "deduct": bad}
            with pytest.raises(InputRefused):
                await appraisal.rule_objection(work, asked.id, given=given, by=CHIEF)
    async with database.work() as work:
        given = {"upheld": True, "reason": "台风属实", "deduct": "3"}
        await appraisal.rule_objection(work, asked.id, given=given, by=CHIEF)
        await work.commit()
    assert (await sheet(database)).score == Decimal(97)
    async with database.work() as work:
        await appraisal.sign_sheet(work, line.sheet_id, by=DIRECTOR)
        await work.commit()
    assert (await sheet(database)).state == "SIGNED"


async def test_only_the_director_signs_and_a_unit_may_do_nothing_of_it(
    database: Database, clock: FakeClock
) -> None:
    await in_review(database, clock)
    key = (await sheet(database)).id
    async with database.work() as work:
        for nobody in (CHIEF, LAMP_DESK, person(Role.LEADER), person(Role.AGENT)):
            with pytest.raises(NotAllowed):
                await appraisal.sign_sheet(work, key, by=nobody)
        with pytest.raises(NotAllowed):
            await appraisal.draft_sheets(work, MONTH, [], by=LAMP_DESK)
        with pytest.raises(NotAllowed):
            await appraisal.note_event(work, {}, by=LAMP_DESK)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE appraisal_result SET deduct = 0",
        "DELETE FROM appraisal_result",
        "UPDATE appraisal_sheet SET score = 100",
        "UPDATE appraisal_sheet SET state = 'REVIEW'",
        "UPDATE appraisal_sheet SET state = 'PUBLISHED', score = 1",
        "DELETE FROM appraisal_sheet",
        "INSERT INTO appraisal_objection"
        " (id, sheet_id, result_id, words, asked_by, asked_at, ruling)"
        " SELECT 'x', sheet_id, id, 'w', 'u', now(), '' FROM appraisal_result LIMIT 1",
    ],
)
async def test_a_signed_sheet_cannot_be_changed_even_past_the_program(
    database: Database, clock: FakeClock, change: str
) -> None:
    await in_review(database, clock)
    async with database.work() as work:
        for row in (await work.session.scalars(select(SheetRow.id))).all():
            await appraisal.sign_sheet(work, row, by=DIRECTOR)
        await work.commit()
    async with database.work() as work:
        with pytest.raises(DBAPIError, match="locked"):
            await work.session.execute(text(change))


async def test_a_signed_sheet_is_published_once_and_told(
    database: Database, clock: FakeClock
) -> None:
    await in_review(database, clock)
    key = (await sheet(database)).id
    async with database.work() as work:
        await appraisal.sign_sheet(work, key, by=DIRECTOR)
        await work.commit()
    async with database.work() as work:
        await appraisal.publish_sheet(work, key, by=DIRECTOR)
        await work.commit()
    assert (await sheet(database)).state == "PUBLISHED"
    async with database.work() as work:
        with pytest.raises(TransitionRefused, match="已发布"):
            await appraisal.publish_sheet(work, key, by=DIRECTOR)
        told = (
            await work.session.scalars(
                select(OutboxRow.payload).where(OutboxRow.kind == "AppraisalSheetChanged")
            )
        ).all()
        audited = (
            await work.session.scalars(select(AuditRow.action).where(AuditRow.entity_id == key))
        ).all()
        assert (await work.session.scalars(select(ObjectionRow))).all() == []
    mine = [payload["state"] for payload in told if payload["sheet_id"] == key]
    assert mine == ["DRAFTED", "OBJECTION", "REVIEW", "SIGNED", "PUBLISHED"]
    assert set(audited) == {"开始异议期", "进入复核", "签发", "发布"}
