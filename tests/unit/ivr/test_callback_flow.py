"""The automatic callback as the engine asks it, before any telephone."""

import pytest

from core.actions.voice_callbacks import VoiceAnswer
from ivr.menu.messages import (
    CallbackStarted,
    Enqueue,
    HandOver,
    Hangup,
    HangupReason,
    Resumed,
    SaveRating,
)
from ivr.menu.state import MenuState
from tests.unit.ivr.menu_driver import Caller

NUMBER = "2026112300042"


def called(language: str = "zh") -> Caller:
    citizen = Caller()
    citizen.tell(CallbackStarted(NUMBER, language))
    return citizen


def test_who_calls_that_it_is_recorded_and_the_case_come_before_the_question() -> None:
    citizen = called()
    assert citizen.heard == (
        "callback_opening", "recording_notice", "case_number_is", "callback_solved",
    )  # fmt: skip
    assert citizen.hears[2].values == {"number": NUMBER}
    assert {said.language for said in called("en").hears} == {"en"}


def test_two_keys_answer_and_the_call_ends_without_a_mark_for_an_agent() -> None:
    citizen = called().presses("1")
    assert citizen.heard == ("callback_rating",)
    citizen.presses("4")
    assert citizen.heard == ("survey_thanks",)
    citizen.listens()
    assert (citizen.state.solved, citizen.state.rating) == (1, 4)
    assert citizen.ordered(SaveRating) == []
    assert citizen.ordered(Hangup) == [Hangup(HangupReason.CALLBACK)]


def test_a_star_repeats_the_question_alone_and_a_wrong_key_is_told() -> None:
    citizen = called().presses("*")
    assert citizen.heard == ("callback_solved",)
    assert citizen.presses("7").heard == ("invalid_key", "callback_solved")
    assert citizen.presses("29").heard == ("survey_invalid", "callback_rating")
    assert (citizen.state.solved, citizen.state.rating) == (2, 0)


@pytest.mark.parametrize("keys", ["", "0", "#", "1", "10", "777"])
def test_whoever_does_not_answer_is_let_go_and_never_put_in_line(keys: str) -> None:
    citizen = called().presses(keys)
    for _ in range(4):
        citizen.listens().waits()
    assert citizen.is_out
    assert citizen.ordered(Enqueue) == []
    assert citizen.ordered(HandOver) == []
    assert citizen.state.rating == 0


def test_a_restart_keeps_the_first_answer_and_asks_the_second_question_again() -> None:
    citizen = called().presses("3")
    kept = Caller(state=MenuState.from_json(citizen.state.to_json()))
    kept.tell(Resumed())
    assert kept.heard == ("callback_rating",)
    kept.presses("1")
    assert (kept.state.solved, kept.state.rating) == (3, 1)
    kept.tell(Resumed())
    assert kept.ordered(SaveRating) == []


@pytest.mark.parametrize(
    ("keys", "words", "closes"),
    [
        ((1, 5), {"solved": "解决", "satisfaction": "非常满意"}, True),
        ((1, 3), {"solved": "解决", "satisfaction": "基本满意"}, True),
        ((1, 2), {"solved": "解决", "satisfaction": "不满意"}, False),
        ((2, 5), {"solved": "部分解决", "satisfaction": "非常满意"}, False),
        ((3, 1), {"solved": "未解决", "satisfaction": "非常不满意"}, False),
        ((1, 0), {"solved": "解决"}, False),
        ((0, 0), {}, False),
    ],
)
def test_only_a_solved_matter_and_a_content_citizen_close(
    keys: tuple[int, int], words: dict[str, str], closes: bool
) -> None:
    answer = VoiceAnswer(*keys)
    assert (answer.words, answer.closes) == (words, closes)
