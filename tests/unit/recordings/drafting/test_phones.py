"""Phone numbers are read from words and confirmed only by something else than words."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.drafting.phone_field import phone_field
from recordings.drafting.phones import NumberHeard, phones_said
from recordings.drafting.prepared import CallFacts
from recordings.drafting.transcript import Transcript, Utterance

NOON = datetime(2026, 7, 15, 12, 0)  # noqa: DTZ001
SPOKEN = "零幺二三四五六七八九"


def transcript(*lines: tuple[str, str]) -> Transcript:
    return Transcript(
        Utterance(who, i * 1000, i * 1000 + 900, t) for i, (who, t) in enumerate(lines)
    )


@given(st.from_regex(r"1[3-9]\d{9}", fullmatch=True).filter(str.isascii))
def test_a_number_said_digit_by_digit_is_read_back(number: str) -> None:
    words = "".join(SPOKEN[int(d)] for d in number)
    text = f"我电话{words[:3]}，{words[3:7]}，{words[7:]}。谢谢"
    assert phones_said(text)[0].digits == number


@pytest.mark.parametrize("text", ["我打幺二三四五", "车牌后面三位是幺七六", "一百二十块钱", ""])
def test_other_numbers_are_no_phone(text: str) -> None:
    assert phones_said(text) == []


def test_the_last_part_said_twice_does_not_spoil_the_number() -> None:
    assert phones_said("幺八零五二六，幺九九四三。对，幺九九四三。")[0].digits == "18052619943"


def test_a_number_heard_only_in_words_is_never_confirmed() -> None:
    field = phone_field(transcript(("caller", "我电话幺三八六二七五四三幺零")), CallFacts(NOON))
    assert field is not None
    assert field.value == "13862754310"
    assert not field.confirmed


def test_the_caller_id_said_is_confirmed() -> None:
    facts = CallFacts(NOON, caller_number="+8613862754310")
    field = phone_field(transcript(("caller", "我电话幺三八六二七五四三幺零")), facts)
    assert field is not None
    assert field.confirmed


def test_a_number_read_back_by_the_agent_is_confirmed() -> None:
    lines = (("caller", "幺三八六二七五四三幺零"), ("agent", "幺三八，六二七五，四三幺零，对吗"))
    field = phone_field(transcript(*lines), CallFacts(NOON))
    assert field is not None
    assert field.confirmed


def test_a_keyed_number_wins_over_every_spoken_one() -> None:
    facts = CallFacts(NOON, caller_number="13900000000", keyed_phone="13711112222")
    field = phone_field(transcript(("caller", "幺三八六二七五四三幺零")), facts)
    assert field is not None
    assert (field.value, field.confirmed) == ("13711112222", True)


def test_another_number_than_the_caller_id_is_shown_beside_it() -> None:
    facts = CallFacts(NOON, caller_number="13900000000")
    field = phone_field(transcript(("caller", "电话幺三八六二七五四三幺零")), facts)
    assert field is not None
    assert (field.value, field.confirmed) == ("13900000000", False)
    assert field.choices[0]["value"] == "13862754310"


def test_the_decoder_of_digits_is_offered_unconfirmed() -> None:
    heard = NumberHeard("13862754310", sure=True, margin=4.0, start_ms=100, end_ms=4000)
    field = phone_field(
        transcript(("caller", "电话要三八六")), CallFacts(NOON, numbers_heard=(heard,))
    )
    assert field is not None
    assert (field.value, field.confirmed) == ("13862754310", False)
