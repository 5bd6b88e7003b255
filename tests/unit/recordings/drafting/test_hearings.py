"""Of several hearings those places count that enough of them support."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from recordings.drafting.api import CallFacts, Drafter
from recordings.drafting.hearings import agreed_mentions
from recordings.drafting.places import PlaceResolver
from recordings.drafting.transcript import CALLER, Transcript, Utterance
from tests.unit.recordings.drafting.made_city import small_city


@pytest.fixture(scope="module")
def resolver() -> PlaceResolver:
    return PlaceResolver(small_city().places)


def names(resolver: PlaceResolver, *hearings: str) -> list[str]:
    main = Utterance(CALLER, 0, 9_000, hearings[0], alternatives=hearings[1:])
    found = agreed_mentions(Transcript([main]), resolver)
    return [mention.best.place.name for mention in found if not mention.negated]


def test_a_name_that_one_hearing_of_six_wrote_is_an_invention(resolver: PlaceResolver) -> None:
    other = ("东塘镇的路灯坏了",) * 5
    assert names(resolver, "东塘镇安平路的路灯坏了", *other) == ["东塘镇"]


def test_a_name_that_the_text_lacks_is_found_in_the_others(resolver: PlaceResolver) -> None:
    others = ("住在振华路这里路灯坏了",) * 3 + ("住在真话这里路灯坏了",) * 2
    assert names(resolver, "住在真话这里路灯坏了", *others) == ["振华路"]


def test_a_carried_place_stands_inside_the_call(resolver: PlaceResolver) -> None:
    one = Utterance(CALLER, 0, 4_000, "喂你好")
    two = replace(
        one, start_ms=5_000, end_ms=9_000, text="真话", alternatives=("我在振华路这边",) * 3
    )
    call = Transcript([one, two])
    (mention,) = agreed_mentions(call, resolver)
    assert 0 <= mention.start < mention.end <= len(call.text)
    assert call.span(mention.start, mention.end, "gazetteer").start_ms >= 5_000


def test_a_mark_inside_a_name_does_not_hide_it(resolver: PlaceResolver) -> None:
    assert names(resolver, "东塘镇，振、华路的路灯坏了") == ["东塘镇", "振华路"]


def test_not_without_anything_meant_instead_rules_nothing_out(resolver: PlaceResolver) -> None:
    assert names(resolver, "不是东塘镇的，我家路灯坏了") == ["东塘镇"]
    assert names(resolver, "是西浦镇，不是东塘镇的") == ["西浦镇"]


def test_loosely_heard_names_are_offered_for_listening_again(resolver: PlaceResolver) -> None:
    assert "振华路" in resolver.possible(["我在正发路这边"])
    assert resolver.possible(["", "谢谢你们"]) == ()


def test_a_danger_that_one_hearing_missed_is_still_seen() -> None:
    drafter = Drafter.build(small_city())
    heard = "快来人，煤气管子挖断了，往外冒，有人抽烟"
    missed = Utterance(CALLER, 0, 9_000, "快来人，没去管的弯段了", alternatives=(heard,) * 3)
    got = drafter.draft([missed], CallFacts(datetime(2026, 7, 15, 12, 0)))  # noqa: DTZ001
    assert got.fields["handling"].value == "emergency"
    assert got.fields["category"].value == ["应急安全", "突发险情"]
    assert [wire.kind for wire in got.tripwires] == ["danger"]
    assert all(0 <= one.start_ms <= one.end_ms <= 9_000 for one in got.fields["handling"].sources)


def test_a_time_that_most_hearings_have_wins() -> None:
    drafter = Drafter.build(small_city())
    others = ("路灯坏了三天了",) * 3
    call = Utterance(CALLER, 0, 9_000, "路灯坏了山天乐", alternatives=others)
    got = drafter.draft([call], CallFacts(datetime(2026, 7, 15, 12, 0)))  # noqa: DTZ001
    assert got.fields["occurred_at"].value == "2026-07-12"
