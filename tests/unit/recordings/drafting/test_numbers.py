"""Chinese numerals are read as they are said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.drafting.numbers import numbers_in, read_number, write_number


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_what_is_written_out_is_read_back(value: int) -> None:
    assert read_number(write_number(value)) == value


@pytest.mark.parametrize(
    ("words", "value"),
    [("两千八百", 2800), ("一百五", 150), ("一万六千", 16000), ("两万五", 25000),
     ("二〇二六", 2026),
     ("十二", 12), ("1万", 10000), ("三十", 30), ("一千零五", 1005), ("5", 5), ("八十", 80)],
)  # fmt: skip
def test_usual_ways_of_saying_a_number_are_read(words: str, value: float) -> None:
    assert read_number(words) == value


@pytest.mark.parametrize("words", ["", "好多", "abc", "点"])
def test_what_is_no_number_is_not_read(words: str) -> None:
    assert read_number(words) is None


def test_a_rough_number_is_marked() -> None:
    assert [(n.value, n.rough) for n in numbers_in("三十多个人，两户")] == [(30, True), (2, False)]
