"""Rates: the seed's own figures, and the laws of rounding and comparison."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.rates import Rate, count_change, point_change


@pytest.mark.parametrize(
    ("num", "den", "shown"),
    [(13348, 13465, "99.13%"), (1715, 2274, "75.42%"), (3112, 3456, "90.05%"), (0, 0, "—")],
)
def test_published_figures_come_out_as_published(num: int, den: int, shown: str) -> None:
    assert Rate.of(num, den).shown() == shown


@pytest.mark.parametrize(
    ("now", "points", "before"),
    [("24.5", "3.2", "21.3"), ("70.2", "-3.9", "74.1"), ("99.36", "2.3", "97.06")],
)
def test_the_year_before_follows_from_the_change_in_points(
    now: str, points: str, before: str
) -> None:
    change = point_change(Rate.of(Decimal(now), 100), Rate.of(Decimal(before), 100))
    assert change == Decimal(points)


def test_counts_change_in_relative_percent() -> None:
    assert count_change(1117, 1000) == Decimal("11.70")
    assert count_change(5, 0) is None


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_a_rate_of_a_part_lies_between_nothing_and_all(part: int, rest: int) -> None:
    percent = Rate.of(part, part + rest).percent
    assert percent is not None
    assert 0 <= percent <= 100


def test_a_period_without_cases_compares_with_nothing() -> None:
    assert point_change(Rate.of(1, 2), Rate.of(0, 0)) is None
