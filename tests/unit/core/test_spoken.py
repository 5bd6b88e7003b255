"""Numbers, case numbers, times and dates come out as the right pieces in each language."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.spoken import (
    PAUSE,
    NumberRules,
    group_figures,
    group_phone,
    speak_clock,
    speak_count,
    speak_date,
    speak_groups,
    speak_number,
)

ZH, EN = NumberRules.CHINESE, NumberRules.ENGLISH


@pytest.mark.parametrize(
    ("number", "rules", "pieces"),
    [
        (0, ZH, "num_0"),
        (10, ZH, "num_10"),
        (23, ZH, "num_20 num_3"),
        (100, ZH, "num_1 num_100"),
        (105, ZH, "num_1 num_100 num_0 num_5"),
        (112, ZH, "num_1 num_100 num_1 num_12"),
        (1020, ZH, "num_1 num_1000 num_0 num_20"),
        (2345, EN, "num_2 num_1000 num_3 num_100 num_40 num_5"),
        (19, EN, "num_19"),
        (12345, EN, "num_1 num_2 num_3 num_4 num_5"),
        (11, NumberRules.DIGITS, "num_1 num_1"),
    ],
)
def test_a_number_is_built_as_its_language_builds_it(
    number: int, rules: NumberRules, pieces: str
) -> None:
    assert " ".join(speak_number(number, rules)) == pieces


def test_two_of_something_is_another_word_in_mandarin() -> None:
    assert speak_count(2, ZH) == ("count_2",)
    assert speak_count(2, EN) == ("num_2",)


def test_a_case_number_is_read_in_groups_of_three_and_four() -> None:
    assert group_figures("2026112300018") == ("2026", "112", "300", "018")


@given(st.text("0123456789", min_size=3, max_size=30).filter(lambda text: len(text) != 5))
def test_no_group_is_longer_than_four_or_shorter_than_three(text: str) -> None:
    groups = group_figures(text)
    assert "".join(groups) == text
    assert {len(group) for group in groups} <= {3, 4}


def test_a_mobile_number_is_grouped_as_people_say_it() -> None:
    assert group_phone("15406273895") == ("154", "0627", "3895")
    assert group_phone("051388886666") == ("0513", "8888", "6666")


def test_one_is_yao_in_a_number_read_figure_by_figure() -> None:
    assert speak_groups(("15", "1"), ZH) == ("digit_1", "num_5", PAUSE, "digit_1")
    assert speak_groups(("15",), EN) == ("num_1", "num_5")


def test_a_time_of_day_is_said_on_the_twelve_hour_clock() -> None:
    assert speak_clock(time(8, 30), ZH) == ("clock_morning", "num_8", "clock_hour", "clock_half")
    assert speak_clock(time(14, 0), ZH) == ("clock_afternoon", "count_2", "clock_hour")
    assert speak_clock(time(9, 5), EN) == ("num_9", "num_0", "num_5", "clock_morning")
    assert speak_clock(time(0, 0), EN) == ("num_12", "clock_morning")


def test_a_date_names_its_weekday() -> None:
    assert speak_date(date(2026, 11, 30), ZH) == (
        "month_11",
        "num_30",
        "date_day",
        PAUSE,
        "weekday_1",
    )


@given(st.integers(-5, 20_000), st.sampled_from(list(NumberRules)))
def test_every_number_can_be_spoken(number: int, rules: NumberRules) -> None:
    assert speak_number(number, rules)
