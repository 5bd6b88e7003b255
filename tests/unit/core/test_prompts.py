"""Sentences with slots become pieces of audio; mistakes in the catalogue are told clearly."""

from datetime import date

import pytest

from core.domain.cases import CaseStatus
from core.domain.prompts import (
    STATUS_PROMPTS,
    PromptBook,
    PromptRefused,
    Say,
    read_book,
    read_template,
    say,
)

CATALOGUE = """
default_language = "zh"
[languages.zh]
name = "普通话"
numbers = "chinese"
voice = "zf_test"
[languages.en]
name = "English"
numbers = "english"
voice = "af_test"
[prompts.place]
zh = "您前面，{ahead:count}，位。"
en = "Ahead of you: {ahead:count}."
[prompts.status]
zh = "工单，{status:prompt}"
[prompts.closed]
zh = "已经办结。"
en = "It is closed."
[prompts.due]
zh = "{day:date}前答复。"
[pieces.num_1]
zh = "一"
en = "one"
[silences]
pause_short = 250
"""


@pytest.fixture(scope="module")
def book() -> PromptBook:
    return read_book(CATALOGUE)


def test_the_words_around_a_slot_are_numbered_pieces(book: PromptBook) -> None:
    assert book.pieces(say("place", ahead=2), "zh") == ("place-1", "count_2", "place-2")
    assert book.pieces(say("place", ahead=2), "en") == ("place-1", "num_2")


def test_punctuation_alone_needs_no_audio(book: PromptBook) -> None:
    assert book.recordings("en")["place-1"] == "Ahead of you:"
    assert "place-2" not in book.recordings("en")


def test_a_sentence_can_hold_another_one(book: PromptBook) -> None:
    assert book.pieces(say("status", status="closed"), "zh") == ("status-1", "closed")
    assert book.text(say("status", status="closed"), "zh") == "工单，已经办结。"


def test_a_sentence_without_the_asked_language_is_said_in_the_default_one(
    book: PromptBook,
) -> None:
    assert book.pieces(say("due", day=date(2026, 1, 3)), "en")[0] == "month_1"
    assert book.spoken_language(say("due", day=date(2026, 1, 3)), "en") == "zh"


def test_a_sentence_may_insist_on_its_own_language(book: PromptBook) -> None:
    assert book.text(say("closed", "en"), "zh") == "It is closed."


@pytest.mark.parametrize(
    "wrong",
    [Say("nothing"), say("place"), say("place", ahead="2"), say("status", status="nothing")],
)
def test_what_cannot_be_said_is_refused(book: PromptBook, wrong: Say) -> None:
    with pytest.raises(PromptRefused):
        book.pieces(wrong, "zh")


@pytest.mark.parametrize(
    "change",
    [
        ('numbers = "chinese"', 'numbers = "martian"'),
        ('default_language = "zh"', ""),
        ("{ahead:count}", "{ahead:colour}"),
        ("[prompts.closed]", '[prompts.closed]\nfr = "Clos."'),
        ("[silences]", "[silences"),
    ],
)
def test_a_mistake_in_the_catalogue_is_one_clear_error(change: tuple[str, str]) -> None:
    with pytest.raises(PromptRefused):
        read_book(CATALOGUE.replace(*change))


def test_a_text_without_slots_is_one_piece() -> None:
    assert [part.piece for part in read_template("hello", "您好。")] == ["hello"]  # type: ignore[union-attr]


def test_every_state_of_a_case_has_its_sentence() -> None:
    assert set(STATUS_PROMPTS) == set(CaseStatus)
