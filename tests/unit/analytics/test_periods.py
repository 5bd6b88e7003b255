"""Periods: first instant in, last instant out, and the same days a year before."""

from datetime import date

import pytest

from analytics.periods import month_before, of_days, of_month, of_year
from core.clock import CITY_TIME, city_time
from core.errors import InputRefused


def test_a_month_ends_where_the_next_begins() -> None:
    december, january = of_month("2026-12"), of_month("2027-01")
    assert december.end == january.start
    assert city_time(january.start).isoformat() == "2027-01-01T00:00:00+08:00"
    assert december.start.tzinfo is CITY_TIME


def test_a_year_is_compared_with_the_same_days_of_the_year_before() -> None:
    assert of_year("2026").year_before() == of_year("2025")
    leap = of_days(date(2028, 2, 1), date(2028, 2, 29))
    assert leap.year_before().days == (date(2027, 2, 1), date(2027, 2, 28))


def test_a_heading_names_the_last_day_that_is_in() -> None:
    assert of_month("2026-11").shown() == "2026-11-01 — 2026-11-30"


def test_the_month_before_january_is_december() -> None:
    assert month_before("2026-01") == "2025-12"


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "0000-01", "26-1", "", "2026/11", "x"])
def test_a_month_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputRefused):
        of_month(text)


@pytest.mark.parametrize("text", ["0", "99999", "0000", "9999", "今年"])
def test_a_year_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputRefused):
        of_year(text)


def test_an_empty_or_endless_period_is_refused() -> None:
    with pytest.raises(InputRefused, match="晚于"):
        of_days(date(2026, 5, 1), date(2026, 5, 1))
    with pytest.raises(InputRefused, match="三年"):
        of_days(date(2020, 1, 1), date(2026, 1, 1))
