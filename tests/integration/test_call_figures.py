"""Figures of the telephone over real rows: both views, the rolling day, missed calls."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from analytics.calls import CallFigures, call_figures, last_day, seat_figures
from core.db.engine import Database
from core.db.tables.calls import CallRow
from core.ids import new_id
from tests.fakes.clock import NOON, FakeClock

pytestmark = pytest.mark.integration
MINUTE = timedelta(minutes=1)


@pytest.fixture
def database(engine: AsyncEngine, clock: FakeClock) -> Database:
    return Database(engine, clock=clock)


def call(
    *,
    ago: timedelta = 60 * MINUTE,
    waits: float = 5,
    answered: bool = True,
    talks: float = 100,
    **rest: object,
) -> CallRow:
    """A call that joined the queue so long ago; every default is one that went well."""
    queued = NOON - ago
    over = queued + timedelta(seconds=waits)
    values: dict[str, object] = {
        "id": new_id(), "line_id": "main", "did": "12345", "state": "ENDED", "caller_sealed": "",
        "caller_hash": new_id(), "caller_mask": "", "started_at": queued - timedelta(seconds=9),
        "queued_at": queued, "answered_at": over if answered else None,
        "ended_at": over + timedelta(seconds=talks) if answered else over,
        "agent_id": "acc-agent01" if answered else None,
    }  # fmt: skip
    return CallRow(**{**values, **rest})


async def figures(database: Database, *calls: CallRow) -> CallFigures:
    async with database.work() as work:
        work.session.add_all(calls)
        await work.commit()
    async with database.sessions() as session:
        return await call_figures(session, last_day(NOON))


async def test_without_calls_every_rate_is_a_dash_and_every_mean_unknown(
    database: Database,
) -> None:
    shown = await figures(database)
    assert shown.answered.shown() == shown.soon_of_offered.shown() == "—"
    assert shown.wait_seconds is None


async def test_fifteen_seconds_are_soon_and_both_views_are_kept(database: Database) -> None:
    shown = await figures(
        database, call(waits=15), call(waits=15.1), call(waits=40, answered=False), call(waits=3)
    )
    assert shown.answered.shown() == "75.00%"
    assert shown.soon_of_answered.shown() == "66.67%"
    assert shown.soon_of_offered.shown() == "50.00%"


async def test_a_short_hang_up_is_left_out_in_the_second_view_only(database: Database) -> None:
    shown = await figures(database, call(), call(waits=4.9, answered=False))
    assert shown.answered.shown() == "50.00%"
    assert shown.answered_without_short.shown() == "100.00%"
    assert shown.called_back.shown() == "—"


async def test_the_rolling_day_begins_twenty_four_hours_ago(database: Database) -> None:
    shown = await figures(
        database,
        call(ago=timedelta(hours=24)),
        call(ago=timedelta(hours=24, seconds=1), answered=False),
        call(ago=timedelta(0), answered=False),
    )
    assert (shown.answered.num, shown.answered.den) == (1, 1)


async def test_only_calls_for_a_person_that_are_over_or_answered_are_counted(
    database: Database,
) -> None:
    shown = await figures(
        database,
        call(),
        call(queued_at=None, answered_at=None),
        call(answered=False, ended_at=None, state="QUEUED"),
        call(direction="OUTBOUND"),
    )
    assert shown.answered.den == 1


async def test_a_missed_caller_counts_as_called_back_within_half_an_hour(
    database: Database,
) -> None:
    shown = await figures(
        database,
        call(waits=60, answered=False, caller_hash="a"),
        call(ago=45 * MINUTE, caller_hash="a", direction="OUTBOUND"),
        call(waits=60, answered=False, caller_hash="b"),
        call(ago=20 * MINUTE, caller_hash="b", direction="OUTBOUND"),
        call(waits=60, answered=False, caller_hash="c"),
    )
    assert (shown.called_back.num, shown.called_back.den) == (1, 3)


async def test_means_and_surveys_are_of_answered_calls(database: Database) -> None:
    shown = await figures(
        database,
        call(waits=10, talks=100, survey_score=5),
        call(waits=20, talks=200, survey_score=2),
        call(waits=300, answered=False),
    )
    assert (shown.wait_seconds, shown.talk_seconds) == (15, 150)
    assert shown.content.shown() == "50.00%"


async def test_each_agent_has_a_line_of_their_own(database: Database) -> None:
    await figures(database, call(), call(waits=30), call(agent_id="acc-agent02"))
    async with database.sessions() as session:
        seats = await seat_figures(session, last_day(NOON))
    assert [(seat.job_number, seat.calls, seat.soon.shown()) for seat in seats] == [
        ("101", 2, "50.00%"), ("102", 1, "100.00%"),
    ]  # fmt: skip
