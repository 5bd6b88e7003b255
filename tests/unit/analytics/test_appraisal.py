"""The appraisal sheet: baselines, steps, caps, floors, small numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.appraisal import Direction, EventItem, Item, appraise, score_events, score_item
from analytics.rates import Rate

TIMELY = Item("timely", Decimal(30), Decimal(98), Direction.AT_LEAST, Decimal(1), Decimal(1))
AGAIN = Item("again", Decimal(20), Decimal(5), Direction.AT_MOST, Decimal(1), Decimal(1))
SATISFIED = Item(
    "satisfied", Decimal(30), Decimal(90), Direction.AT_LEAST, Decimal(1), Decimal(1),
    floor=Decimal(85), floor_points=Decimal(5),
)  # fmt: skip


@pytest.mark.parametrize(
    ("item", "num", "deduct"),
    [
        (TIMELY, 98, 0), (TIMELY, 100, 0), (TIMELY, 97, 1), (TIMELY, 50, 30),
        (AGAIN, 5, 0), (AGAIN, 0, 0), (AGAIN, 6, 1), (AGAIN, 90, 20),
        (SATISFIED, 90, 0), (SATISFIED, 85, 5), (SATISFIED, 84, 11),
    ],
)  # fmt: skip
def test_a_gap_costs_its_steps_up_to_the_cap(item: Item, num: int, deduct: int) -> None:
    assert score_item(item, Rate.of(num, 100)).deduct == deduct


def test_a_part_of_a_step_costs_a_whole_one() -> None:
    assert score_item(TIMELY, Rate.of(979, 1000)).deduct == 1


def test_few_cases_are_not_scored() -> None:
    assert score_item(TIMELY, Rate.of(0, 9)).deduct is None
    assert score_item(TIMELY, Rate.of(0, 0)).value == "—"


def test_events_cost_their_points_up_to_their_cap() -> None:
    improper = EventItem("improper_return", Decimal("0.5"), Decimal(5))
    assert score_events(improper, 3).deduct == Decimal("1.5")
    assert score_events(improper, 30).deduct == Decimal(5)
    assert score_events(EventItem("false_closing", Decimal(3)), 4).deduct == Decimal(12)


@given(st.integers(0, 200), st.integers(0, 200))
def test_doing_better_never_costs_more(one: int, two: int) -> None:
    worse, better = sorted((one, two))
    lost = [score_item(TIMELY, Rate.of(n, 200)).deduct or 0 for n in (worse, better)]
    assert lost[0] >= lost[1]


@given(st.dictionaries(st.sampled_from(["timely", "again"]), st.integers(0, 100)))
def test_a_score_lies_between_zero_and_the_total(values: dict[str, int]) -> None:
    rates = {name: Rate.of(value, 100) for name, value in values.items()}
    events = [EventItem("leak", Decimal(10))]
    sheet = appraise([TIMELY, AGAIN], events, rates, {"leak": 99})
    assert 0 <= sheet.score <= 100
