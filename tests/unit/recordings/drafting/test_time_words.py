"""Misspelt words for times are put right in place; nothing else is touched."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.drafting.dates import times_said
from recordings.drafting.time_words import put_right

CALL = datetime(2026, 5, 19, 21, 0)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("已经一各多星期了", "已经一个多星期了"),
        ("从国情节以后", "从国庆节以后"),
        ("坐天晚上没有水", "昨天晚上没有水"),
        ("上个新期三买的", "上个星期三买的"),
    ],
)
def test_other_characters_of_the_same_sound_are_put_right(heard: str, meant: str) -> None:
    assert put_right(heard) == meant


@pytest.mark.parametrize(
    "text", ["路灯坏了三天了，没人来修。", "我在这里干了十天", "两个月没发工资", "上个月二十号", ""]
)
def test_what_is_right_stays_as_it_is(text: str) -> None:
    assert put_right(text) == text


@given(st.text("一个多星期昨天晚上路灯坏了，。12了没", max_size=40))
def test_the_length_never_changes(text: str) -> None:
    assert len(put_right(text)) == len(text)


def test_a_duration_by_sound_is_read() -> None:
    best = times_said("工地施工已经一各多星期了", CALL)[0]
    assert best.value == "2026-05-11/2026-05-19"


def test_thirty_years_as_neighbours_are_not_when_it_happened() -> None:
    best = times_said("前天他家砌围墙，我们做了三十年零居了", CALL)[0]
    assert best.value == "2026-05-17"
