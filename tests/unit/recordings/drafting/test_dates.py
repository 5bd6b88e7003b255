"""Times are read relative to the moment of the call."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.drafting.dates import times_said
from recordings.drafting.numbers import write_number

CALL = datetime(2026, 7, 15, 16, 30)  # noqa: DTZ001  a Wednesday; callers' times have no zone


def said(text: str) -> str:
    found = times_said(text, CALL)
    return found[0].value if found else ""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("路灯坏了三天了", "2026-07-12"),
        ("昨天夜里十一点左右", "2026-07-14T23:00"),
        ("今天上午九点，嗯，九点二十左右", "2026-07-15T09:20"),
        ("就是刚刚，半个小时之前", "2026-07-15T16:00"),
        ("上周五下午三点", "2026-07-10T15:00"),
        ("从礼拜天开始的", "2026-07-12"),
        ("从五月份干到现在没发钱", "2026-05/2026-07"),
        ("最近半个月河水发黑", "2026-06-30/2026-07-15"),
        ("上个月开始加盖", "2026-06"),
        ("前天他家砌围墙", "2026-07-13"),
        ("从过年到现在", "2026-02-17/2026-07-15"),
        ("现在正在烧", "2026-07-15T16:30"),
        ("昨天半夜两点", "2026-07-15T02:00"),
    ],
)
def test_usual_ways_of_saying_when(text: str, value: str) -> None:
    assert said(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "每天早上五点到八点",
        "三天之内给我答复",
        "我今年四十六岁",
        "做了三十年邻居",
        "差一点掉进去",
    ],
)
def test_what_is_no_occurrence_is_left_alone(text: str) -> None:
    assert said(text) == ""


@given(st.integers(min_value=1, max_value=6))
def test_a_number_of_days_is_counted_back(days: int) -> None:
    assert (
        said(f"停水停了{write_number(days)}天了")
        == (CALL - timedelta(days=days)).date().isoformat()
    )


@given(st.integers(min_value=0, max_value=11), st.integers(min_value=1, max_value=59))
def test_a_clock_time_of_this_morning_is_read_back(hour: int, minute: int) -> None:
    text = f"今天上午{write_number(hour)}点{write_number(minute)}分出的事"
    assert said(text) == f"2026-07-15T{hour:02d}:{minute:02d}"


@given(st.text(alphabet="今昨天上下午点半三五个月年从到了没坏，。0123456789", max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    for one in times_said(text, CALL):
        assert 0 <= one.start < one.end <= len(text)


def test_last_week_without_a_day_is_the_whole_week() -> None:
    assert times_said("上个星期突然关门了", CALL)[0].value == "2026-07-06/2026-07-12"
