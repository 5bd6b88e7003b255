"""Likeness of texts: bounds, order, and the warning about replies that are all the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.legs import looks_like_a_template
from core.domain.likeness import likeness, most_alike


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_between_nothing_and_all_and_the_same_both_ways(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, other) == likeness(other, one)


def test_the_nearest_texts_come_first() -> None:
    found = most_alike(
        "人民路路灯不亮", ["河道有垃圾", "人民路灯不亮", "路灯坏了"], words=str, limit=2
    )
    assert found == ["人民路灯不亮", "路灯坏了"]


SAID = "您好，您反映的问题我单位高度重视，已安排工作人员现场核实处理，感谢您对我们工作的支持。"


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        (SAID, True),
        (SAID.replace("感谢您", "谢谢您"), True),
        ("路灯灯杆第12号变压器烧毁，已于11月23日更换，现场照明恢复。", False),
        ("", False),
    ],
)
def test_a_reply_that_was_given_before_is_noticed(text: str, warned: bool) -> None:
    assert looks_like_a_template(text, ["别的答复", SAID]) is warned


def test_fifty_long_replies_are_compared_at_once() -> None:
    """The bound that makes the warning cheap: clearly different texts are never aligned."""
    earlier = [chr(0x4E00 + n) * 2000 for n in range(50)]
    assert not looks_like_a_template("路" * 2000, earlier)
