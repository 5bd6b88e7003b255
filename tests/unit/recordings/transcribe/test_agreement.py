"""Of several hearings the one is kept that the others agree with most."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.transcribe.agreement import agreed, distance, most_agreed
from recordings.transcribe.engine import Final

TEXTS = st.lists(st.text("路灯坏了三天", max_size=8), min_size=1, max_size=6)


def final(text: str) -> Final:
    return Final(text, 0, 1_000, 0.9)


def test_the_hearing_in_the_middle_of_the_others_is_chosen() -> None:
    assert most_agreed(["路登坏了", "路灯坏了三天", "路灯坏了"]) == 2


def test_hearings_that_stopped_in_the_middle_do_not_outvote_the_whole() -> None:
    short, whole = "你好我先讲", "你好我先讲一下经过我上周五开车到东塘镇吃喜酒"
    assert most_agreed([short, whole, short, whole + "了", short, short]) in (1, 3)


def test_of_equals_the_first_is_chosen() -> None:
    assert most_agreed(["甲乙", "甲丙"]) == 0


@given(TEXTS)
def test_an_empty_hearing_is_only_chosen_when_all_are_empty(texts: list[str]) -> None:
    chosen = texts[most_agreed(texts)]
    assert chosen or not any(texts)


def test_the_other_wordings_stay_with_the_chosen_one() -> None:
    hearings = [[final("北海路"), final("")], [final("北海中"), final("好的")],
                [final("北海路"), final("好的")]]  # fmt: skip
    first, second = agreed(hearings)
    assert (first.text, first.alternatives) == ("北海路", ("北海中", "北海路"))
    assert (second.text, second.alternatives) == ("好的", ("好的", "好的"))


@pytest.mark.parametrize(
    ("one", "other", "steps"), [("", "", 0), ("甲", "", 1), ("甲乙", "乙", 1), ("甲乙", "丙丁", 2)]
)
def test_distance_counts_single_changes(one: str, other: str, steps: int) -> None:
    assert distance(one, other) == distance(other, one) == steps
