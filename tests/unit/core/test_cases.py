"""Case numbers: thirteen digits that can be spoken."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.calls import STEPS, CallState, may_step
from core.domain.cases import (
    FINAL,
    STATUS_NAMES,
    CaseStatus,
    case_number,
    is_case_number,
    spoken_groups,
)
from core.errors import InputRefused

days = st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31))


@given(days, st.integers(1, 99_999))
def test_a_number_has_thirteen_digits_and_groups_of_three_or_four(day: date, n: int) -> None:
    number = case_number(day, n)
    groups = spoken_groups(number)
    assert is_case_number(number)
    assert "".join(groups) == number
    assert {len(group) for group in groups} <= {3, 4}


@pytest.mark.parametrize("sequence", [0, -1, 100_000])
def test_a_day_has_no_more_than_99999_numbers(sequence: int) -> None:
    with pytest.raises(InputRefused):
        case_number(date(2026, 1, 1), sequence)


@pytest.mark.parametrize(
    "text", ["", "123", "20261123000422", "２０２６１１２３０００４２", "2026112300a42"]
)
def test_what_is_not_thirteen_plain_digits_is_no_number(text: str) -> None:
    assert not is_case_number(text)


def test_every_status_has_a_chinese_name() -> None:
    assert set(STATUS_NAMES) == set(CaseStatus)
    assert set(CaseStatus) > FINAL


def test_an_ended_call_never_changes_again() -> None:
    assert not any(may_step(CallState.ENDED, state) for state in CallState)
    assert set(STEPS) == set(CallState)
    assert all(may_step(state, CallState.ENDED) for state in CallState if state != "ENDED")
