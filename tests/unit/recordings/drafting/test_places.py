"""Places are found by sound, ruled out when denied, and not invented."""

from __future__ import annotations

import random

import pytest

from recordings.drafting.place_wording import address, question
from recordings.drafting.places import PlaceResolver
from tests.unit.recordings.drafting.made_city import (
    SAYINGS,
    WITHOUT_PLACE,
    gazetteer,
    misheard,
    names,
    small_city,
)


@pytest.fixture(scope="module")
def resolver() -> PlaceResolver:
    return PlaceResolver(small_city().places)


def test_a_misheard_name_is_still_found_in_nine_of_ten_of_five_thousand_sentences() -> None:
    places = gazetteer(2_000)
    city = PlaceResolver(places)
    chooser = random.Random(11)  # noqa: S311
    said = [name for name in names(2_000) if len(name) >= 3]
    right = 0
    for number in range(5_000):
        name = said[number % len(said)]
        sentence = chooser.choice(SAYINGS).format(misheard(name, chooser))
        found = [m.best.place.name for m in city.mentions(sentence)]
        right += name in found[:1]
    assert right >= 4_500


def test_no_place_is_found_where_none_is_said() -> None:
    city = PlaceResolver(gazetteer(2_000))
    chooser = random.Random(12)  # noqa: S311
    for _ in range(500):
        sentence = "，".join(chooser.sample(WITHOUT_PLACE, 3)) + "。"
        assert city.mentions(sentence) == [], sentence


def test_a_misheard_name_is_found_among_fifty_thousand() -> None:
    """How fast is a row of the bench (hotline/bench/places.py)."""
    city = PlaceResolver(gazetteer(50_000))
    said = names(50_000)
    chooser = random.Random(13)  # noqa: S311
    found = 0
    for _ in range(60):
        name = chooser.choice(said)
        mentions = city.mentions(chooser.choice(SAYINGS).format(misheard(name, chooser)))
        found += name in {one.place.name for mention in mentions for one in mention.candidates}
    assert found >= 54


def test_a_place_that_the_caller_denies_is_dropped(resolver: PlaceResolver) -> None:
    found = resolver.mentions("是振华路，不是安平路啊。")
    assert [(m.best.place.name, m.negated) for m in found] == [("振华路", False), ("安平路", True)]


def test_two_roads_said_together_are_a_crossing(resolver: PlaceResolver) -> None:
    text = "东塘镇振华路跟安平路交叉口，路灯坏了"
    where = address(resolver.mentions(text), text, resolver)
    assert where.short == "振华路与安平路交叉口"
    assert where.lat == pytest.approx(31.12)


def test_two_hundred_metres_east_moves_the_point(resolver: PlaceResolver) -> None:
    text = "望江村村部往东两百米"
    where = address(resolver.mentions(text), text, resolver)
    assert where.lon is not None
    assert where.lon > 121.21
    assert where.wording.endswith("往东两百米")


def test_one_name_in_two_towns_leads_to_a_question(resolver: PlaceResolver) -> None:
    asked = question(resolver.mentions("我住在锦绣花园"), resolver)
    assert "东塘镇" in asked
    assert "西浦镇" in asked


def test_the_town_said_decides_between_two_of_one_name(resolver: PlaceResolver) -> None:
    found = resolver.mentions("西浦镇锦绣花园这里停水了")
    assert [m.best.place.id for m in found] == ["T2", "E2"]


@pytest.mark.parametrize("text", ["", "，。！", "abc 123", "\n\n", "喂喂喂喂喂喂喂喂喂喂喂喂"])
def test_noise_names_no_place(resolver: PlaceResolver, text: str) -> None:
    assert resolver.mentions(text) == []


def test_an_empty_gazetteer_finds_nothing() -> None:
    assert PlaceResolver([]).mentions("我住在振华路") == []
