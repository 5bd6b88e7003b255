"""The pure decisions about a department's call to a citizen."""

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.calls import EndedBy
from core.domain.outgoing import OutgoingOutcome, OutgoingState
from core.ids import CallId
from routing.outgoing.engine import (
    Answered,
    Begun,
    Broken,
    Command,
    Dial,
    Event,
    Finish,
    Gone,
    Join,
    Line,
    Party,
    step,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PHONE, CITIZEN = Party.PHONE, Party.CITIZEN


def run(*events: Event, asked_at: datetime = NOW) -> tuple[Line, list[Command]]:
    line, said = Line(CallId("c"), asked_at), []
    for event in events:
        line, commands = step(line, event, NOW)
        said += commands
    return line, said


def outcome(*events: Event) -> OutgoingOutcome:
    line, said = run(*events)
    assert line.state is OutgoingState.OVER
    ends = [command for command in said if isinstance(command, Finish)]
    assert len(ends) == 1
    return ends[0].outcome


def test_the_citizen_is_dialled_only_once_the_department_is_on_the_line() -> None:
    _, said = run(Begun())
    assert [c.party for c in said if isinstance(c, Dial)] == [PHONE]
    _, said = run(Begun(), Answered(PHONE))
    assert [c.party for c in said if isinstance(c, Dial)] == [PHONE, CITIZEN]


def test_both_are_joined_when_the_citizen_answers() -> None:
    line, said = run(Begun(), Answered(PHONE), Answered(CITIZEN))
    assert isinstance(said[-1], Join)
    assert line.state is OutgoingState.CONNECTED


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        (17, OutgoingOutcome.CITIZEN_BUSY),
        (21, OutgoingOutcome.CITIZEN_BUSY),
        (19, OutgoingOutcome.CITIZEN_UNANSWERED),
        (0, OutgoingOutcome.CITIZEN_UNANSWERED),
        (1, OutgoingOutcome.NO_SUCH_NUMBER),
        (38, OutgoingOutcome.FAILED),
    ],
)
def test_a_citizen_who_is_not_reached_ends_the_call_with_its_reason(
    cause: int, why: OutgoingOutcome
) -> None:
    assert outcome(Begun(), Answered(PHONE), Gone(CITIZEN, cause)) is why


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        (17, OutgoingOutcome.PHONE_BUSY),
        (19, OutgoingOutcome.PHONE_UNANSWERED),
        (20, OutgoingOutcome.FAILED),
    ],
)
def test_a_department_that_does_not_answer_costs_the_citizen_no_ring(
    cause: int, why: OutgoingOutcome
) -> None:
    assert outcome(Begun(), Gone(PHONE, cause)) is why
    assert not any(isinstance(c, Dial) and c.party is CITIZEN for c in run(Begun())[1])


def test_a_department_that_hangs_up_while_the_citizen_rings_gave_up() -> None:
    assert outcome(Begun(), Answered(PHONE), Gone(PHONE)) is OutgoingOutcome.GIVEN_UP


@pytest.mark.parametrize(("party", "by"), [(PHONE, EndedBy.AGENT), (CITIZEN, EndedBy.CALLER)])
def test_whoever_hangs_up_first_ends_the_talk(party: Party, by: EndedBy) -> None:
    _, said = run(Begun(), Answered(PHONE), Answered(CITIZEN), Gone(party))
    assert said[-1] == Finish(OutgoingOutcome.TALKED, by)


def test_a_request_that_lay_too_long_rings_nobody() -> None:
    _, said = run(Begun(), asked_at=NOW - timedelta(minutes=5))
    assert said == [Finish(OutgoingOutcome.EXPIRED, EndedBy.SYSTEM)]


def test_late_news_about_a_call_that_is_over_changes_nothing() -> None:
    over, _ = run(Begun(), Broken())
    for event in (Begun(), Answered(CITIZEN), Gone(PHONE), Broken()):
        assert step(over, event, NOW) == (over, [])
