"""How a call that nobody serves goes on."""

import pytest

from core.domain.calls import CallState
from ivr.adoption import how_to_go_on
from ivr.menu.messages import CallerFacts, Resumed, Started, SurveyStarted
from ivr.menu.state import MenuState, Phase
from tests.unit.ivr.menu_driver import LINE

BEGINNING = Started(LINE, CallerFacts())
LISTENING = MenuState(phase=Phase.LISTENING, flow="inbound", language="en")
HANDED_OVER = MenuState(phase=Phase.GONE, flow="inbound", language="en")
IN_SURVEY = MenuState(phase=Phase.LISTENING, flow="survey", language="en")


@pytest.mark.parametrize("written", [None, (CallState.IVR, "zh"), (CallState.QUEUED, "zh")])
def test_a_kept_state_is_gone_on_with(written: tuple[CallState, str] | None) -> None:
    assert how_to_go_on(LISTENING, written, BEGINNING) == (Resumed(), LISTENING)


def test_a_survey_goes_on() -> None:
    written = (CallState.SURVEY, "zh")
    assert how_to_go_on(IN_SURVEY, written, BEGINNING) == (Resumed(), IN_SURVEY)


def test_a_call_in_survey_with_an_older_state_begins_the_survey() -> None:
    for state in (LISTENING, HANDED_OVER, None):
        first, kept = how_to_go_on(state, (CallState.SURVEY, "zh"), BEGINNING)
        assert (first, kept) == (SurveyStarted("zh"), None)


def test_a_call_that_came_back_unnoticed_is_asked_for_its_mark() -> None:
    assert how_to_go_on(HANDED_OVER, None, BEGINNING) == (SurveyStarted("en"), None)


def test_a_call_of_which_nothing_is_known_begins_again() -> None:
    assert how_to_go_on(None, None, BEGINNING) == (BEGINNING, None)
    assert how_to_go_on(None, (CallState.IVR, "zh"), BEGINNING) == (BEGINNING, None)
