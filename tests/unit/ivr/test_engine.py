"""The voice menu, key by key."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from core.domain.cases import CaseStatus
from core.domain.prompts import say
from ivr.menu.hours import OpeningHours, Span
from ivr.menu.messages import (
    Announcement,
    CallerFacts,
    CaseAnswer,
    CaseResult,
    Digit,
    Enqueue,
    HandOver,
    Hangup,
    HangupReason,
    LineFacts,
    PlaybackDone,
    Profile,
    QueryCase,
    RecordVoicemail,
    SaveRating,
    SetLanguage,
    Started,
    StopPlay,
    SurveyStarted,
    TimerFired,
    UrgeAnswer,
    UrgeCase,
    VoicemailDone,
)
from tests.unit.ivr.menu_driver import LINE, NOON, Caller

OFFICE = OpeningHours(
    spans=tuple(Span(day, time(8), time(18)) for day in range(5)),
    holidays=frozenset({date(2026, 10, 1)}),
    workdays=frozenset({date(2026, 10, 10)}),
)
OFFICE_LINE = LineFacts(line_id="12333", greeting="greeting_12333", queue="social", hours=OFFICE)
NIGHT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # 22 o'clock in the city
CASE_NUMBER = "2026112300042"


def at_case_question() -> Caller:
    return Caller().calls().presses("3" + CASE_NUMBER + "1234")


# --- the opening ----------------------------------------------------------------------------


def test_the_opening_is_greeting_notice_menu_and_the_offer_of_the_other_language() -> None:
    caller = Caller().calls()
    assert caller.hears == (
        say("greeting_12345", "zh"),
        say("recording_notice", "zh"),
        say("menu_main", "zh"),
        say("language_choice", "en"),
    )


def test_the_announcement_of_the_day_is_said_until_it_expires() -> None:
    told = Announcement("announcement_weather", until=NOON + timedelta(hours=1))
    line = LineFacts(line_id="12345", greeting="greeting_12345", queue="q", announcement=told)
    assert "announcement_weather" in Caller().calls(line).heard
    late = Caller(now=NOON + timedelta(hours=2))
    assert "announcement_weather" not in late.calls(line).heard


def test_a_blacklisted_caller_is_told_so_and_hung_up() -> None:
    blocked = CallerFacts(blocked_until=NOON + timedelta(days=1))
    caller = Caller().calls(caller=blocked)
    assert caller.heard == ("blacklisted",)
    caller.presses("0").listens()
    assert caller.last == (Hangup(HangupReason.BLOCKED),)
    assert caller.ordered(Enqueue) == []


def test_an_expired_entry_of_the_blacklist_blocks_nobody() -> None:
    caller = Caller().calls(caller=CallerFacts(blocked_until=NOON))
    assert caller.heard[0] == "greeting_12345"


def test_a_direct_line_queues_at_once_and_greets_meanwhile() -> None:
    line = LineFacts(
        line_id="12345", greeting="greeting_12345", queue="general", profile=Profile.DIRECT
    )
    caller = Caller().calls(line)
    assert caller.last[0] == Enqueue("general", (), 50, "zh", ())
    assert caller.heard == ("greeting_12345", "recording_notice")
    caller.listens()
    assert caller.last == (HandOver(),)


def test_a_number_that_is_not_ours_is_told_so_and_hung_up() -> None:
    caller = Caller()
    caller.tell(Started(None, CallerFacts()))
    assert caller.heard == ("unknown_line",)
    assert caller.listens().last == (Hangup(HangupReason.UNKNOWN_LINE),)


def test_keys_do_not_cut_the_recording_notice_of_a_direct_line() -> None:
    line = LineFacts(line_id="1", greeting="greeting_12345", queue="q", profile=Profile.DIRECT)
    assert Caller().calls(line).presses("12#0").last == ()


# --- to a person ----------------------------------------------------------------------------


def test_zero_leads_to_a_person_in_the_middle_of_the_greeting() -> None:
    caller = Caller().calls().presses("0")
    assert caller.last[:2] == (StopPlay(1), Enqueue("general", (), 50, "zh", ("main",)))


def test_who_cut_the_opening_short_still_hears_the_recording_notice() -> None:
    assert Caller().calls().presses("0").heard == ("recording_notice", "connecting_agent")
    assert Caller().calls().listens().presses("0").heard == ("connecting_agent",)


def test_silence_leads_to_a_person() -> None:
    caller = Caller().calls().listens().waits()
    assert len(caller.ordered(Enqueue)) == 1
    caller.listens()
    assert caller.last == (HandOver(),)
    assert caller.is_out


def test_three_wrong_keys_lead_to_a_person() -> None:
    caller = Caller().calls().presses("7")
    assert caller.heard[0] == "invalid_key"
    caller.presses("7")
    assert caller.ordered(Enqueue) == []
    caller.presses("7")
    assert len(caller.ordered(Enqueue)) == 1


def test_the_way_through_the_menus_travels_with_the_call() -> None:
    caller = Caller().calls().presses("21")
    assert caller.ordered(Enqueue)[0].menu_path == ("main", "complain", "complain_city")


def test_the_smaller_priority_of_line_and_caller_counts() -> None:
    line = LineFacts(line_id="1", greeting="greeting_12345", queue="q", priority=30)
    caller = Caller().calls(line, CallerFacts(priority=10)).presses("0")
    assert caller.ordered(Enqueue)[0].priority == 10


# --- keys that work everywhere ----------------------------------------------------------------


def test_star_says_the_menu_again_without_the_greeting() -> None:
    caller = Caller().calls().listens().presses("*")
    assert caller.heard == ("menu_main", "language_choice")


def test_hash_goes_back_to_the_menu_before() -> None:
    caller = Caller().calls().presses("2")
    assert caller.heard == ("menu_complain",)
    assert caller.presses("#").heard == ("menu_main", "language_choice")


def test_a_key_stops_the_prompt_that_plays() -> None:
    caller = Caller().calls().presses("1")
    assert caller.last[0] == StopPlay(1)


def test_the_end_of_a_stopped_prompt_changes_nothing() -> None:
    caller = Caller().calls().presses("1")
    before = caller.state
    assert caller.tell(PlaybackDone(1)) == ()
    assert caller.state == before


def test_an_old_clock_changes_nothing() -> None:
    caller = Caller().calls().listens().presses("1")
    before = caller.state
    assert caller.tell(TimerFired(1)) == ()
    assert caller.state == before


def test_nine_changes_the_language_and_back() -> None:
    caller = Caller().calls().presses("9")
    assert caller.last[0] == SetLanguage("en")
    assert caller.hears == (say("menu_main", "en"), say("language_choice", "zh"))
    assert caller.presses("9").last[0] == SetLanguage("zh")


def test_the_chosen_language_travels_with_the_call() -> None:
    caller = Caller().calls().presses("90")
    assert caller.ordered(Enqueue)[0].language == "en"
    assert {sentence.language for sentence in caller.hears} == {"en"}


@pytest.mark.parametrize("key", ["A", "D", "", "12", "é", "一"])
def test_what_is_no_key_is_not_heard(key: str) -> None:
    caller = Caller().calls()
    before = caller.state
    assert caller.tell(Digit(key)) == ()
    assert caller.state == before


def test_a_flood_of_keys_ends_with_a_person() -> None:
    caller = Caller().calls().presses("31*" * 400)
    assert len(caller.ordered(Enqueue)) == 1
    assert len(caller.orders) < 500


# --- progress of a case -------------------------------------------------------------------------


def test_case_number_and_phone_tail_make_a_question() -> None:
    assert at_case_question().ordered(QueryCase) == [QueryCase(CASE_NUMBER, "1234")]


def test_a_hash_after_a_full_number_means_nothing() -> None:
    caller = Caller().calls().presses("3" + CASE_NUMBER + "#" + "1234" + "#")
    assert caller.ordered(QueryCase) == [QueryCase(CASE_NUMBER, "1234")]


def test_the_state_of_the_case_is_said_with_its_due_date() -> None:
    caller = at_case_question()
    caller.tell(CaseAnswer(CaseResult.FOUND, CaseStatus.HANDLING, date(2026, 11, 30)))
    assert caller.hears == (
        say("case_status", "zh", status="status_handling"),
        say("case_due", "zh", due=date(2026, 11, 30)),
        say("case_menu", "zh"),
    )
    caller.presses("*")
    assert caller.heard == ("case_status", "case_due", "case_menu")


def test_an_unknown_case_is_asked_for_once_more_then_a_person_helps() -> None:
    caller = at_case_question()
    caller.tell(CaseAnswer(CaseResult.UNKNOWN))
    assert caller.heard == ("case_not_found", "enter_case_number")
    caller.presses(CASE_NUMBER + "9999")
    caller.tell(CaseAnswer(CaseResult.UNKNOWN))
    assert len(caller.ordered(Enqueue)) == 1


def test_a_database_that_does_not_answer_leads_to_a_person() -> None:
    caller = at_case_question().waits()
    assert "apology_fault" in caller.heard
    assert len(caller.ordered(Enqueue)) == 1


def test_too_many_questions_lead_to_a_person() -> None:
    caller = at_case_question()
    caller.tell(CaseAnswer(CaseResult.TOO_MANY))
    assert len(caller.ordered(Enqueue)) == 1


def test_a_short_number_is_wrong_and_a_bare_hash_goes_back() -> None:
    caller = Caller().calls().presses("312#")
    assert caller.heard == ("invalid_key", "enter_case_number")
    assert caller.presses("#").heard == ("menu_main", "language_choice")


def test_star_starts_the_number_again() -> None:
    caller = Caller().calls().presses("399*" + CASE_NUMBER + "1234")
    assert caller.ordered(QueryCase) == [QueryCase(CASE_NUMBER, "1234")]


def test_the_phone_tail_is_forgotten_once_it_was_used() -> None:
    caller = at_case_question()
    caller.tell(CaseAnswer(CaseResult.FOUND, CaseStatus.HANDLING))
    assert "1234" not in caller.state.to_json()


def test_a_case_can_be_pressed_for() -> None:
    caller = at_case_question()
    caller.tell(CaseAnswer(CaseResult.FOUND, CaseStatus.HANDLING))
    caller.presses("1")
    assert caller.ordered(UrgeCase) == [UrgeCase(CASE_NUMBER)]
    caller.tell(UrgeAnswer(noted=True))
    assert caller.heard == ("case_urged", "case_menu")


def test_a_press_that_could_not_be_noted_leads_to_a_person() -> None:
    caller = at_case_question()
    caller.tell(CaseAnswer(CaseResult.FOUND, CaseStatus.HANDLING))
    caller.presses("1")
    caller.tell(UrgeAnswer(noted=False))
    assert "apology_fault" in caller.heard
    assert len(caller.ordered(Enqueue)) == 1


# --- when nobody is there -------------------------------------------------------------------------


def test_out_of_hours_a_message_is_taken() -> None:
    caller = Caller(now=NIGHT).calls(OFFICE_LINE)
    assert caller.hears == (
        say("greeting_12333", "zh"),
        say("recording_notice", "zh"),
        say("closed_hours", "zh"),
        say("opens_at", "zh", at=time(8)),
        say("voicemail_instructions", "zh"),
    )
    caller.listens()
    assert caller.ordered(RecordVoicemail) == [RecordVoicemail(180.0)]
    caller.tell(VoicemailDone(12.0))
    assert caller.heard == ("voicemail_thanks",)
    caller.listens()
    assert caller.last == (Hangup(HangupReason.VOICEMAIL),)


def test_a_holiday_is_named_and_a_moved_working_day_is_open() -> None:
    holiday = Caller(now=datetime(2026, 10, 1, 2, tzinfo=UTC)).calls(OFFICE_LINE)
    assert "closed_holiday" in holiday.heard
    saturday = Caller(now=datetime(2026, 10, 10, 2, tzinfo=UTC)).calls(OFFICE_LINE)
    assert "menu_main" in saturday.heard


def test_a_line_without_hours_is_open_day_and_night() -> None:
    assert "menu_main" in Caller(now=NIGHT).calls(LINE).heard


def test_a_night_queue_takes_the_calls_out_of_hours() -> None:
    line = LineFacts(
        line_id="12333",
        greeting="greeting_12333",
        queue="social",
        hours=OFFICE,
        night_queue="general",
    )
    night = Caller(now=NIGHT).calls(line).presses("0")
    assert night.ordered(Enqueue)[0].queue == "general"
    noon = Caller().calls(line).presses("0")
    assert noon.ordered(Enqueue)[0].queue == "social"


def test_hash_goes_straight_to_the_tone() -> None:
    caller = Caller(now=NIGHT).calls(OFFICE_LINE).presses("#")
    assert caller.last[:2] == (StopPlay(1), RecordVoicemail(180.0))


def test_an_empty_message_is_asked_for_once_more() -> None:
    caller = Caller(now=NIGHT).calls(OFFICE_LINE).listens()
    caller.tell(VoicemailDone(0.5))
    assert caller.heard == ("voicemail_too_short",)
    caller.listens()
    caller.tell(VoicemailDone(0.5))
    assert caller.heard == ("voicemail_thanks",)


# --- survey ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", "12345")
def test_the_mark_is_saved_and_thanked_for(key: str) -> None:
    caller = Caller()
    caller.tell(SurveyStarted())
    assert caller.heard == ("survey_ask",)
    caller.presses(key)
    assert caller.ordered(SaveRating) == [SaveRating(int(key))]
    assert caller.heard == ("survey_thanks",)
    assert caller.listens().last == (Hangup(HangupReason.SURVEY),)


@pytest.mark.parametrize("keys", ["0", "#", "678", "999"])
def test_who_gives_no_mark_is_said_goodbye(keys: str) -> None:
    caller = Caller()
    caller.tell(SurveyStarted("en"))
    caller.presses(keys)
    assert caller.heard == ("goodbye",)
    assert caller.ordered(SaveRating) == []


def test_silence_ends_the_survey() -> None:
    caller = Caller()
    caller.tell(SurveyStarted("xx"))
    assert caller.listens().waits().heard == ("goodbye",)


# --- hang-up and restart -----------------------------------------------------------------------
