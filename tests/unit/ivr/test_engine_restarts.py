"""The voice menu after an interruption: a hang-up, a restart, a second start."""

from ivr.menu.messages import (
    Enqueue,
    HandOver,
    Hangup,
    HangupReason,
    HungUp,
    PlaybackDone,
    QueryCase,
    RecordVoicemail,
    Resumed,
    SaveRating,
    StopPlay,
    SurveyStarted,
    TimerFired,
    VoicemailDone,
)
from ivr.menu.state import MenuState, Phase
from tests.unit.ivr.menu_driver import Caller
from tests.unit.ivr.test_engine import CASE_NUMBER, NIGHT, OFFICE_LINE, at_case_question


def test_after_the_caller_hung_up_nothing_is_ordered() -> None:
    caller = Caller().calls()
    caller.tell(HungUp())
    gone = caller.state
    for event in (Resumed(), PlaybackDone(1), TimerFired(1), VoicemailDone(3), HungUp()):
        assert caller.tell(event) == ()
    assert caller.presses("0123456789*#").state == gone


def test_a_restart_says_the_menu_again_without_the_greeting() -> None:
    caller = Caller().calls().listens()
    caller.tell(Resumed())
    assert caller.heard == ("menu_main", "language_choice")


def test_a_restart_while_connecting_queues_again_and_hands_over() -> None:
    caller = Caller().calls().presses("0")
    caller.tell(Resumed())
    order = Enqueue("general", (), 50, "zh", ("main",))
    assert caller.last == (StopPlay(2), order, HandOver())


def test_a_restart_asks_for_the_case_again() -> None:
    caller = at_case_question()
    caller.tell(Resumed())
    assert caller.last[0] == QueryCase(CASE_NUMBER, "1234")


def test_a_restart_after_the_mark_saves_it_again() -> None:
    caller = Caller()
    caller.tell(SurveyStarted())
    caller.presses("4").tell(Resumed())
    assert caller.last == (SaveRating(4), Hangup(HangupReason.SURVEY))


def test_a_restart_goes_on_recording_and_inviting() -> None:
    caller = Caller(now=NIGHT).calls(OFFICE_LINE)
    caller.tell(Resumed())
    assert caller.heard == ("voicemail_instructions",)
    caller.listens().tell(Resumed())
    assert caller.last[0] == RecordVoicemail(180.0)


def test_a_restart_before_the_start_waits_for_it() -> None:
    assert Caller().tell(Resumed()) == ()


def test_a_second_start_changes_nothing() -> None:
    caller = Caller().calls()
    before = caller.state
    caller.calls()
    assert caller.state == before
    assert caller.tell(SurveyStarted()) == ()


def test_a_new_state_is_new() -> None:
    assert MenuState().phase is Phase.NEW
