"""Corrections: what people put in the place of what, and where an accepted one applies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.corrections import corrected, differences

HANZI = st.text(st.sampled_from("文昌路仓灯坏了东湖青石大街清"), min_size=0, max_size=12)


@pytest.mark.parametrize(
    ("heard", "meant", "pairs"),
    [
        ("我在文仓路这边", "我在文昌路这边", [("文仓路", "文昌路")]),
        ("路登坏了", "路灯坏了", [("路登坏", "路灯坏")]),
        ("在清石打街", "在青石大街", [("在清石", "在青石"), ("石打街", "石大街")]),
        ("电话是138", "电话是139", []),
        ("好", "坏", []),
        ("没有变化", "没有变化", []),
    ],
)
def test_a_corrected_caption_says_what_was_misheard(
    heard: str, meant: str, pairs: list[tuple[str, str]]
) -> None:
    assert differences(heard, meant) == pairs


@given(HANZI, HANZI)
def test_every_difference_is_really_in_both_texts(heard: str, meant: str) -> None:
    for one, other in differences(heard, meant):
        assert one in heard
        assert other in meant
        assert one != other


def test_the_longest_heard_words_are_put_right_first_and_once() -> None:
    table = {"文仓": "文昌", "文仓路": "文昌路"}
    assert corrected("文仓路和文仓", table) == [(0, 3, "文昌路"), (4, 6, "文昌")]


def test_what_already_reads_as_meant_is_left_alone() -> None:
    assert corrected("青石大街", {"石大街": "青石大街"}) == []
