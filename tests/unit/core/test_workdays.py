"""Working-day arithmetic: the vectors of the domain page and the laws behind them."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import CITY_TIME
from core.domain.workdays import (
    DayKind,
    Limit,
    LimitType,
    WorkCalendar,
    due_at,
    missing_years,
    work_time_between,
)
from core.errors import InputRefused

OFF = (
    (date(2025, 1, 1), 1), (date(2025, 1, 28), 8), (date(2025, 4, 4), 3), (date(2025, 5, 1), 5),
    (date(2025, 5, 31), 3), (date(2025, 10, 1), 8), (date(2026, 1, 1), 3), (date(2026, 2, 15), 9),
    (date(2026, 4, 4), 3), (date(2026, 5, 1), 5), (date(2026, 6, 19), 3), (date(2026, 9, 25), 3),
    (date(2026, 10, 1), 7),
)  # fmt: skip
WORK = (
    date(2025, 1, 26), date(2025, 2, 8), date(2025, 4, 27), date(2025, 9, 28), date(2025, 10, 11),
    date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20),
    date(2026, 10, 10),
)  # fmt: skip
CALENDAR = WorkCalendar(
    {first + timedelta(days=n): DayKind.OFF for first, length in OFF for n in range(length)}
    | dict.fromkeys(WORK, DayKind.WORK)
)
starts = st.integers(0, 576 * 24 * 60).map(
    lambda minutes: datetime(2025, 2, 1, tzinfo=CITY_TIME) + timedelta(minutes=minutes)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY_TIME)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-09-24T10:00", 5, "2026-10-09"),
        ("2026-09-30T16:00", 5, "2026-10-13"),
        ("2026-02-13T17:00", 5, "2026-02-27"),
        ("2026-02-14T09:00", 3, "2026-02-26"),
        ("2026-05-08T20:00", 1, "2026-05-09"),
        ("2025-01-24T15:00", 5, "2025-02-07"),
        ("2026-01-03T10:00", 2, "2026-01-05"),
    ],
)
def test_working_days_end_at_close_of_business_of_the_nth_day_after(
    start: str, days: int, due: str
) -> None:
    expected = datetime.combine(date.fromisoformat(due), time(18), CITY_TIME)
    assert due_at(at(start), Limit(LimitType.WORK_DAY, days), CALENDAR) == expected


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-05-08T17:00", 4, "2026-05-09T11:00"),
        ("2026-09-24T17:30", 8, "2026-09-28T17:30"),
        ("2026-09-30T16:00", 16, "2026-10-09T16:00"),
        ("2026-02-14T11:00", 4, "2026-02-14T17:00"),
        ("2026-11-23T12:30", 4, "2026-11-23T18:00"),
        ("2026-11-21T09:00", 2, "2026-11-23T10:00"),
    ],
)
def test_working_hours_run_only_in_office_hours(start: str, hours: int, due: str) -> None:
    assert due_at(at(start), Limit(LimitType.WORK_HOUR, hours), CALENDAR) == at(due)


def test_urgent_hours_run_through_the_night_and_holidays() -> None:
    limit = Limit(LimitType.URGENT_HOUR, 24)
    assert due_at(at("2026-10-01T23:30"), limit, CALENDAR) == at("2026-10-02T23:30")


def test_natural_days_run_through_everything() -> None:
    limit = Limit(LimitType.NATURAL_DAY, 2)
    assert due_at(at("2026-10-01T09:00"), limit, CALENDAR) == at("2026-10-03T09:00")


def test_a_local_half_day_counts_only_its_worked_half() -> None:
    calendar = WorkCalendar({date(2026, 11, 24): DayKind.WORK_AM})
    limit = Limit(LimitType.WORK_HOUR, 6)
    assert due_at(at("2026-11-24T08:00"), limit, calendar) == at("2026-11-25T10:00")


def test_half_a_working_day_ends_at_noon_of_the_next_one() -> None:
    limit = Limit(LimitType.WORK_DAY, 0.5)
    assert due_at(at("2026-11-23T15:00"), limit, CALENDAR) == at("2026-11-24T12:00")


@given(starts, st.integers(1, 30))
def test_a_due_day_is_a_working_day_after_the_start(start: datetime, days: int) -> None:
    due = due_at(start, Limit(LimitType.WORK_DAY, days), CALENDAR)
    assert due.date() > start.date()
    assert CALENDAR.is_working_day(due.date())


@given(starts, st.integers(1, 80))
def test_the_office_time_up_to_the_due_instant_is_the_limit(start: datetime, hours: int) -> None:
    due = due_at(start, Limit(LimitType.WORK_HOUR, hours), CALENDAR)
    assert work_time_between(start, due, CALENDAR) == timedelta(hours=hours)


@given(starts, st.integers(1, 40), st.integers(1, 40))
def test_a_longer_limit_is_never_due_earlier(start: datetime, one: int, two: int) -> None:
    short, long = sorted((one, two))
    for kind in LimitType:
        assert due_at(start, Limit(kind, short), CALENDAR) <= due_at(
            start, Limit(kind, long), CALENDAR
        )


@pytest.mark.parametrize("value", [0, -1])
def test_a_limit_is_positive(value: int) -> None:
    with pytest.raises(InputRefused):
        Limit(LimitType.WORK_DAY, value)


def test_a_calendar_without_any_working_day_is_refused_not_searched_for_ever() -> None:
    empty = WorkCalendar(slots=())
    with pytest.raises(InputRefused):
        due_at(at("2026-11-23T09:00"), Limit(LimitType.WORK_HOUR, 1), empty)


def test_next_years_list_is_missed_from_december() -> None:
    assert list(missing_years(CALENDAR, date(2026, 11, 30))) == []
    assert list(missing_years(CALENDAR, date(2026, 12, 1))) == [2027]
