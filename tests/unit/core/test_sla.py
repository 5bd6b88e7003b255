"""Limits of a case: which rule, when yellow, when red, pauses and extensions."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.domain.sla import CaseClock, Lamp, SlaRule, choose_rule
from core.domain.workdays import Limit, LimitType, WorkCalendar
from core.errors import NotFound, TransitionRefused
from tests.unit.core.test_workdays import CALENDAR, at

DAYS5 = Limit(LimitType.WORK_DAY, 5)
HOURS4 = Limit(LimitType.WORK_HOUR, 4)
DAY1 = Limit(LimitType.WORK_DAY, 1)
BASE = SlaRule(limit=DAYS5, sign_limit=HOURS4, contact_limit=DAY1)


def choose(*rules: SlaRule) -> SlaRule:
    return choose_rule(
        rules, case_type="投诉", category="城市管理/路灯照明", urgency="紧急", channel="PHONE"
    )


def test_the_row_with_more_conditions_wins() -> None:
    special = replace(BASE, case_type="投诉", urgency="紧急")
    assert choose(BASE, special, replace(BASE, case_type="投诉")) is special


def test_a_longer_category_wins_over_a_shorter_one() -> None:
    long = replace(BASE, category_prefix="城市管理/路灯照明")
    assert choose(replace(BASE, category_prefix="城市管理"), long) is long


def test_a_law_wins_over_everything() -> None:
    law = replace(BASE, statutory=True)
    assert choose(replace(BASE, case_type="投诉", urgency="紧急", channel="PHONE"), law) is law


def test_a_prefix_is_a_whole_level_and_not_a_part_of_a_word() -> None:
    with pytest.raises(NotFound):
        choose(replace(BASE, category_prefix="城市"))


def test_no_rule_at_all_is_said_clearly() -> None:
    with pytest.raises(NotFound, match="时限规则"):
        choose(replace(BASE, urgency="特急"))


def test_the_lamp_goes_from_green_to_yellow_to_red() -> None:
    clock = CaseClock.start(DAYS5, at("2026-11-23T10:00"), CALENDAR)
    assert clock.due_at == at("2026-11-30T18:00")
    assert clock.lamp(at("2026-11-25T10:00"), CALENDAR) is Lamp.GREEN
    assert clock.lamp(at("2026-11-30T14:00"), CALENDAR) is Lamp.YELLOW
    assert clock.lamp(at("2026-11-30T18:00"), CALENDAR) is Lamp.RED


def test_a_short_limit_is_yellow_four_working_hours_before_due_at_the_latest() -> None:
    clock = CaseClock.start(Limit(LimitType.WORK_HOUR, 8), at("2026-11-23T08:00"), CALENDAR)
    assert clock.warn_at(CALENDAR) == at("2026-11-23T14:00")


def test_an_extension_counts_from_the_old_due_instant() -> None:
    clock = CaseClock.start(DAYS5, at("2026-11-23T10:00"), CALENDAR)
    assert clock.extend(Limit(LimitType.WORK_DAY, 2), CALENDAR).due_at == at("2026-12-02T18:00")


def test_a_pause_moves_due_by_the_office_time_it_took() -> None:
    clock = CaseClock.start(Limit(LimitType.WORK_HOUR, 8), at("2026-11-23T08:00"), CALENDAR)
    paused = clock.pause(at("2026-11-23T10:00"))
    resumed = paused.resume(at("2026-11-24T10:00"), CALENDAR)
    assert resumed.due_at == at("2026-11-24T18:00")


def test_a_pause_over_a_weekend_costs_a_working_clock_nothing() -> None:
    clock = CaseClock.start(DAYS5, at("2026-11-20T18:30"), CALENDAR)
    resumed = clock.pause(at("2026-11-20T19:00")).resume(at("2026-11-22T19:00"), CALENDAR)
    assert resumed.due_at == clock.due_at


def test_a_paused_clock_does_not_turn_red() -> None:
    clock = CaseClock.start(DAYS5, at("2026-11-23T10:00"), CALENDAR).pause(at("2026-11-24T10:00"))
    assert clock.lamp(at("2027-06-01T10:00"), WorkCalendar()) is Lamp.GREEN


def test_a_stopped_clock_keeps_its_fact() -> None:
    clock = CaseClock.start(DAYS5, at("2026-11-23T10:00"), CALENDAR)
    late = clock.stop(clock.due_at + timedelta(seconds=1))
    assert late.late
    assert replace(late, exempt=True).late
    assert not clock.stop(clock.due_at).late


def test_a_clock_pauses_once_and_resumes_once() -> None:
    clock = CaseClock.start(DAYS5, at("2026-11-23T10:00"), CALENDAR)
    now: datetime = at("2026-11-24T10:00")
    with pytest.raises(TransitionRefused):
        clock.resume(now, CALENDAR)
    with pytest.raises(TransitionRefused):
        clock.pause(now).pause(now)
