"""When a citizen may be rung again: three attempts, two days, one of them off hours."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import CITY_TIME, city_time
from core.domain.callback_rules import EARLIEST, LATEST, PAUSE, Tried, trial_state
from core.domain.workdays import WorkCalendar

DAYS = WorkCalendar()


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=CITY_TIME).astimezone(UTC)


def test_the_first_attempt_may_be_made_at_once() -> None:
    state = trial_state([], at(23, 10), DAYS)
    assert (state.number, state.next_at, state.may_close) == (1, at(23, 10), False)


def test_nobody_is_rung_at_night_or_twice_within_an_hour() -> None:
    assert trial_state([], at(23, 22), DAYS).next_at == at(24, 8)
    again = trial_state([Tried(at(23, 10), off_hours=False)], at(23, 10, 5), DAYS)
    assert again.next_at == at(23, 11)


def test_the_last_attempt_fills_what_the_rule_still_lacks() -> None:
    same_day = [Tried(at(23, 9), off_hours=False), Tried(at(23, 11), off_hours=False)]
    state = trial_state(same_day, at(23, 15), DAYS)
    assert (state.off_hours_needed, state.another_day_needed) == (True, True)
    assert state.next_at == at(24, 12)  # the offices' noon break of another day
    evening = [Tried(at(23, 9), off_hours=False), Tried(at(23, 19), off_hours=True)]
    assert trial_state(evening, at(23, 20, 30), DAYS).next_at == at(24, 8)


@pytest.mark.parametrize(
    ("tried", "over"),
    [
        ([(23, 9, False), (23, 12, True), (24, 9, False)], True),
        ([(23, 9, False), (23, 10, False), (24, 9, False)], False),
        ([(23, 9, False), (23, 12, True), (23, 19, True)], False),
        ([(23, 9, False), (24, 19, True)], False),
    ],
)
def test_trying_is_over_after_three_attempts_on_two_days_one_off_hours(
    tried: list[tuple[int, int, bool]], over: bool
) -> None:
    rows = [Tried(at(day, hour), off_hours=off) for day, hour, off in tried]
    assert trial_state(rows, at(25, 9), DAYS).may_close is over


@given(st.lists(st.integers(0, 60 * 24 * 4), max_size=4), st.integers(60 * 24 * 4, 60 * 24 * 8))
def test_whatever_was_tried_the_next_attempt_is_decent_and_ahead(
    minutes: list[int], now: int
) -> None:
    start = at(20, 0)
    moments = [start + timedelta(minutes=one) for one in minutes]
    tried = [Tried(one, off_hours=not DAYS.is_office_time(one)) for one in moments]
    instant = start + timedelta(minutes=now)
    state = trial_state(tried, instant, DAYS)
    assert state.next_at >= instant
    assert EARLIEST <= city_time(state.next_at).time() < LATEST
    assert all(state.next_at - one >= PAUSE for one in moments)


def test_following_next_at_always_ends_the_trying() -> None:
    tried: list[Tried] = []
    now = at(23, 9)
    for _ in range(3):
        now = trial_state(tried, now, DAYS).next_at
        tried.append(Tried(now, off_hours=not DAYS.is_office_time(now)))
    assert trial_state(tried, now, DAYS).may_close
