"""Figures over real rows: cohorts, exclusions, what an appeal changes, and the cases behind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from analytics.drill import Behind, Side, case_ids
from analytics.figures import ALL, FigureTable, Question, figures
from analytics.kpis import KPIS, Moment, Rules
from analytics.periods import of_month
from analytics.settings import rules_in_force
from core.db.engine import Database
from core.db.tables.sides import RuleSettingRow
from core.domain.cases import CaseStatus
from tests.fakes.clock import NOON, FakeClock
from tests.support.city import LAMPS, ROADS, build_city
from tests.support.handled import DAY, HOUR, Past, asked_return, live_through

pytestmark = pytest.mark.integration
MARCH, APRIL = of_month("2026-03"), of_month("2026-04")
TENTH = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
NOW = Moment(NOON)
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


async def march(database: Database, moment: Moment = NOW, **rest: object) -> FigureTable:
    question = Question(period=MARCH, moment=moment)
    return await figures(database, replace(question, **rest))  # type: ignore[arg-type]


def shown(table: FigureTable, unit: str, *codes: str) -> list[str]:
    return [table.rate(unit, code).shown() for code in codes]


async def test_without_cases_every_rate_is_a_dash(database: Database) -> None:
    table = await march(database)
    assert {table.rate(ALL, code).shown() for code in KPIS} == {"—"}


async def test_a_unit_is_asked_only_for_its_own_cases(database: Database) -> None:
    await lived(database, Past(at=TENTH), Past(at=TENTH), LATE, Past(at=TENTH, unit=ROADS))
    table = await march(database)
    assert shown(table, LAMPS, "timely", "closing") == ["66.67%", "100.00%"]
    assert shown(table, ROADS, "timely", "closing") == ["100.00%", "100.00%"]
    assert shown(table, ALL, "timely") == ["75.00%"]


async def test_an_overdue_case_counts_when_it_is_due_and_not_before(database: Database) -> None:
    open_case = Past(at=TENTH, status=CaseStatus.HANDLING, took=None, satisfaction=None,
                     leg_status="HANDLING")  # fmt: skip
    await lived(database, open_case)
    before = await march(database, Moment(TENTH + DAY))
    assert shown(before, LAMPS, "closing", "timely") == ["—", "—"]
    after = await march(database)
    assert shown(after, LAMPS, "closing", "timely") == ["0.00%", "0.00%"]


async def test_a_case_belongs_to_one_period_also_when_it_was_closed_early(
    database: Database,
) -> None:
    """Due in April, replied in March: it is March's; late in April: it stays with its due day."""
    end = datetime(2026, 3, 29, 2, 0, tzinfo=UTC)
    await lived(database, Past(at=end), Past(at=end, took=9 * DAY))
    in_march = await march(database)
    in_april = await figures(database, Question(period=APRIL, moment=NOW))
    assert (in_march.rate(ALL, "timely").den, in_april.rate(ALL, "timely").den) == (1, 1)
    assert shown(in_march, ALL, "timely") == ["100.00%"]
    assert shown(in_april, ALL, "timely") == ["0.00%"]


async def test_returned_and_withdrawn_legs_are_nobodys_delay(database: Database) -> None:
    await lived(
        database, replace(LATE, leg_status="RETURNED"), replace(LATE, leg_status="WITHDRAWN")
    )
    table = await march(database)
    assert shown(table, LAMPS, "timely", "closing") == ["—", "—"]
    assert shown(table, LAMPS, "returns", "dispatch_right") == ["50.00%", "50.00%"]


async def test_a_reply_that_waits_for_review_counts_neither_way(database: Database) -> None:
    waiting = Past(at=TENTH, status=CaseStatus.REPLIED, took=None, satisfaction=None,
                   leg_status="REPLIED")  # fmt: skip
    await lived(database, waiting)
    assert shown(await march(database), LAMPS, "closing") == ["—"]


async def test_an_approved_appeal_leaves_the_appraisal_and_stays_a_fact(
    database: Database,
) -> None:
    await lived(database, Past(at=TENTH), replace(LATE, exempt=True))
    fact = await march(database)
    appraisal = await march(database, Moment(NOON, Rules(appraisal=True)))
    assert shown(fact, LAMPS, "timely") == ["50.00%"]
    assert shown(appraisal, LAMPS, "timely") == ["100.00%"]


async def test_satisfaction_leaves_out_who_was_not_reached_unreasonable_and_praise(
    database: Database,
) -> None:
    bad = Past(at=TENTH, satisfaction="不满意", solved="未解决")
    await lived(
        database,
        Past(at=TENTH),
        bad,
        Past(at=TENTH, satisfaction=None, solved=None, close_code="无法联系"),
        replace(bad, close_code="不合理"),
        replace(bad, case_type="表扬"),
    )
    assert shown(await march(database), LAMPS, "satisfaction") == ["50.00%"]
    taken_in = await march(database, Moment(NOON, Rules(praise_counts=True)))
    assert shown(taken_in, LAMPS, "satisfaction") == ["33.33%"]


async def test_an_allowed_request_makes_a_demand_unreasonable_and_a_refused_one_does_not(
    database: Database,
) -> None:
    bad = Past(at=TENTH, satisfaction="不满意", solved="未解决")
    async with database.work() as work:
        for verdict in ("ALLOWED", "REFUSED"):
            request = await asked_return(work, await live_through(work, bad), LAMPS, verdict)
            request.kind = "UNREASONABLE"
        await work.commit()
    assert (await march(database)).rate(LAMPS, "satisfaction").den == 1


async def test_a_partly_solved_case_counts_half_or_as_the_rules_say(database: Database) -> None:
    await lived(database, Past(at=TENTH), Past(at=TENTH, solved="部分解决"))
    assert shown(await march(database), LAMPS, "solved") == ["75.00%"]
    strict = Moment(NOON, Rules(partly=Decimal(0)))
    assert shown(await march(database, strict), LAMPS, "solved") == ["50.00%"]


async def test_a_second_round_counts_against_the_unit_only_for_its_own_fault(
    database: Database,
) -> None:
    await lived(
        database,
        Past(at=TENTH),
        Past(at=TENTH, round=2, cause="敷衍"),
        Past(at=TENTH, round=2, cause="政策限制"),
        Past(at=TENTH, cause="敷衍"),
    )
    table = await march(database)
    assert shown(table, LAMPS, "second_assignment", "again", "at_once") == [
        "25.00%", "50.00%", "50.00%",
    ]  # fmt: skip


async def test_which_causes_are_the_units_fault_is_a_rule_of_the_city(database: Database) -> None:
    await lived(database, Past(at=TENTH), Past(at=TENTH, round=2, cause="政策限制"))
    async with database.work() as work:
        await work.session.merge(RuleSettingRow(name="subjective_causes", value=["政策限制"]))
        await work.commit()
    async with database.sessions() as session:
        rules = await rules_in_force(session)
    assert shown(await march(database), LAMPS, "second_assignment") == ["0.00%"]
    changed = await march(database, Moment(NOON, rules))
    assert shown(changed, LAMPS, "second_assignment") == ["50.00%"]


async def test_signing_and_contact_wait_for_their_own_limits(database: Database) -> None:
    unsigned = Past(
        at=TENTH, status=CaseStatus.DISPATCHED, took=None, satisfaction=None, leg_status="TO_SIGN",
        signed_after=None, contacted_after=None,
    )  # fmt: skip
    await lived(database, Past(at=TENTH), Past(at=TENTH, signed_after=5 * HOUR), unsigned)
    soon = await march(database, Moment(TENTH + HOUR))
    assert soon.rate(LAMPS, "signing").den == 2
    table = await march(database)
    assert shown(table, LAMPS, "signing", "response") == ["33.33%", "66.67%"]


async def test_an_improper_return_is_one_that_was_refused(database: Database) -> None:
    async with database.work() as work:
        for verdict in ("ALLOWED", "REFUSED", "CONFERENCE"):
            await asked_return(work, await live_through(work, Past(at=TENTH)), LAMPS, verdict)
        await work.commit()
    assert shown(await march(database), LAMPS, "improper_returns") == ["33.33%"]


async def test_a_category_narrows_every_figure(database: Database) -> None:
    await lived(database, LATE, Past(at=TENTH, category="交通运输/公交服务"))
    one = await march(database, category="城市管理")
    exact = await march(database, category="城市管理/路灯照明")
    other = await march(database, category="交通运输")
    assert [t.rate(ALL, "timely").shown() for t in (one, exact, other)] == [
        "0.00%", "0.00%", "100.00%",
    ]  # fmt: skip
    assert other.rate(ALL, "satisfaction").den == 1
    assert (await march(database, category="城市")).rate(ALL, "timely").shown() == "—"


async def test_the_second_view_goes_by_the_day_of_acceptance(database: Database) -> None:
    end = datetime(2026, 3, 29, 2, 0, tzinfo=UTC)
    await lived(database, Past(at=end, took=9 * DAY))
    assert (await march(database)).rate(ALL, "satisfaction").shown() == "—"
    second = await march(database, by_acceptance=True)
    assert shown(second, ALL, "timely", "satisfaction") == ["0.00%", "100.00%"]


async def test_every_figure_is_the_length_of_the_lists_behind_it(database: Database) -> None:
    await lived(
        database,
        Past(at=TENTH),
        LATE,
        Past(at=TENTH, unit=ROADS, round=2, cause="敷衍"),
        Past(at=TENTH, satisfaction="不满意", solved="未解决"),
        Past(at=TENTH, signed_after=None, took=None, leg_status="TO_SIGN", satisfaction=None,
             status=CaseStatus.DISPATCHED),
        Past(at=TENTH, leg_status="RETURNED"),
    )  # fmt: skip
    for by_acceptance in (False, True):
        question = Question(period=MARCH, moment=NOW, by_acceptance=by_acceptance)
        table = await figures(database, question)
        for unit in (ALL, LAMPS, ROADS):
            for code in KPIS:
                behind = Behind(question, code, unit)
                async with database.sessions() as session:
                    den = await case_ids(session, replace(behind, side=Side.DEN))
                    num = await case_ids(session, replace(behind, side=Side.NUM))
                    rest = await case_ids(session, replace(behind, side=Side.REST))
                rate = table.rate(unit, code)
                assert (len(num), len(den)) == (rate.num, rate.den), (unit, code)
                assert sorted([*num, *rest]) == sorted(den)


async def test_a_period_ends_before_its_last_instant(database: Database) -> None:
    await lived(database, Past(at=MARCH.end - 2 * DAY, took=2 * DAY))
    await lived(database, Past(at=MARCH.end - 2 * DAY, took=2 * DAY - timedelta(seconds=1)))
    assert (await march(database)).rate(ALL, "timely").den == 1
