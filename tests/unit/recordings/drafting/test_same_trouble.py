"""Callers with the same trouble are found; a refusal is remembered."""

from __future__ import annotations

from datetime import datetime, timedelta

from recordings.drafting.same_trouble import Matter, best_matches, bursts, groups

START = datetime(2026, 7, 15, 8, 0)  # noqa: DTZ001


def matter(
    name: str, hours: float, place: str = "望江村", text: str = "望江村停水了", low: str = "供水"
) -> Matter:
    return Matter(name, ("公用事业", low), text, START + timedelta(hours=hours), (place,), "西浦镇")


def test_the_same_matter_at_the_same_place_is_proposed_with_reasons() -> None:
    found = best_matches(matter("b", 3), [matter("a", 0), matter("c", 0, "安平路", low="供电")])
    assert [one.id for one in found] == ["a"]
    assert any("望江村" in reason for reason in found[0].reasons)


def test_what_a_person_called_not_the_same_is_not_proposed_again() -> None:
    refused = {frozenset(("a", "b"))}
    assert best_matches(matter("b", 3), [matter("a", 0)], not_same=refused) == []
    assert len(groups([matter("a", 0), matter("b", 3)], not_same=refused)) == 2


def test_many_calls_in_a_day_are_a_burst_with_a_mother_case() -> None:
    found = bursts(groups([matter(str(i), i) for i in range(8)]))
    assert [(one.mother, one.place, len(one.ids)) for one in found] == [("0", "望江村", 8)]


def test_a_month_apart_is_another_trouble() -> None:
    assert len(groups([matter("a", 0), matter("b", 24 * 30)])) == 2
