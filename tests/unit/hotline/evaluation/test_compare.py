"""A draft is judged as a person would judge it."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.drafts import DraftSuggestion, FieldValue
from hotline.evaluation.compare import (
    Outcome,
    compare,
    edit_distance,
    normal,
    same_department,
    same_time,
)
from hotline.evaluation.report import summary, wilson

TRUTH: dict[str, Any] = {
    "case_type": "投诉", "category": ["城市管理", "路灯照明"], "department": "城管局",
    "handling": "ordinary", "occurrence_time": "", "phone": "13862754310",
    "places": ["振华路"], "places_spoken": ["振华路"], "extra_cases": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("got", "wanted", "same"),
    [
        ("", "", True),
        ("2026-07-12", "", False),
        ("2026-07-12T07:00", "2026-07-12T07:40", True),
        ("2026-07-12T07:00", "2026-07-12T19:00", False),
        ("2026-07-12", "2026-07-12T07:00", False),
        ("2026-07-12T07:00", "2026-07-12", True),
        ("2026-06-30/2026-07-15", "2026-07-01/2026-07-15", True),
        ("2026-05/2026-07", "2026-05/2026-06", True),
        ("2026-07-05/2026-08-04", "2026-07", True),
    ],
)
def test_times_are_compared_to_the_part_said(got: str, wanted: str, same: bool) -> None:
    assert same_time(got, wanted) is same


def test_another_citys_hotline_is_not_this_city() -> None:
    assert same_department("海丰县12345", "非本市（海丰县）")
    assert not same_department("城管局", "非本市（海丰县）")


def test_a_wrong_number_counts_as_confirmed_only_when_confirmed() -> None:
    wrong = FieldValue("13800000000", 0.5)
    got = compare(DraftSuggestion({"phone": wrong}), TRUTH, Outcome("a", "text"))
    assert not got.phone_confirmed_wrong
    sure = FieldValue("13800000000", 1.0, confirmed=True)
    got = compare(DraftSuggestion({"phone": sure}), TRUTH, Outcome("a", "text"))
    assert got.phone_confirmed_wrong


def test_places_that_were_not_said_count_as_wrong() -> None:
    places = FieldValue(["振华路", "安平路"], 0.9)
    got = compare(DraftSuggestion({"places": places}), TRUTH, Outcome("a", "text"))
    assert (got.places_hit, got.places_wanted, got.places_wrong) == (1, 1, 1)
    assert summary([got])["places_precision"] == 0.5


def test_numbers_in_words_and_in_digits_are_the_same_characters() -> None:
    assert normal("早上七点，两千八百块。") == normal("早上7点两千八百块")
    assert edit_distance("路灯坏了", "路灯换了") == 1


def test_a_share_of_nothing_is_unknown() -> None:
    assert summary([])["case_type"] is None
    assert wilson(0, 0) == [0.0, 1.0]
