"""A department's call to a citizen as one pure function: what happened, and what to do about it.

The department's phone rings first, then the citizen's; neither learns the other's number. Each
party that goes ends the call for the other. Late news about a call that is over changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.domain.calls import EndedBy
from core.domain.outgoing import (
    FRESH_SECONDS,
    OutgoingOutcome,
    OutgoingState,
    why_not_reached,
)
from core.ids import CallId

S = OutgoingState
_BUSY = frozenset({17, 21})
_UNANSWERED = frozenset({0, 16, 18, 19})


class Party(StrEnum):
    """Who a channel belongs to."""

    PHONE = "phone"
    CITIZEN = "citizen"


@dataclass(frozen=True, slots=True)
class Line:
    """One call going out."""

    call_id: CallId
    asked_at: datetime
    state: OutgoingState = S.ASKED


# -- what can happen -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Begun:
    """Routing has taken up the request."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A party's phone is answered."""

    party: Party


@dataclass(frozen=True, slots=True)
class Gone:
    """A party hung up, did not answer or could not be dialled (Q.850 cause)."""

    party: Party
    cause: int = 16


@dataclass(frozen=True, slots=True)
class Broken:
    """The telephone system refused what was wanted."""


Event = Begun | Answered | Gone | Broken


# -- what is wanted --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dial:
    """Ring this party."""

    party: Party


@dataclass(frozen=True, slots=True)
class Ring:
    """Let the department hear that the citizen's phone rings."""


@dataclass(frozen=True, slots=True)
class Join:
    """Both are there: let them talk."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Write down how far the call has come."""

    state: OutgoingState


@dataclass(frozen=True, slots=True)
class Finish:
    """Write down how it ended, and let go of whoever is still there."""

    outcome: OutgoingOutcome
    ended_by: EndedBy


Command = Dial | Ring | Join | Progress | Finish
Step = tuple[Line, list[Command]]


def step(line: Line, event: Event, now: datetime) -> Step:
    """Apply one event."""
    if line.state is S.OVER:
        return line, []
    match event:
        case Begun():
            return _begin(line, now)
        case Answered(party):
            return _answered(line, party)
        case Gone(party, cause):
            return _gone(line, party, cause)
        case Broken():
            return _finish(line, OutgoingOutcome.FAILED, EndedBy.SYSTEM)


def _begin(line: Line, now: datetime) -> Step:
    if line.state is not S.ASKED:
        return line, []
    if now - line.asked_at > timedelta(seconds=FRESH_SECONDS):
        return _finish(line, OutgoingOutcome.EXPIRED, EndedBy.SYSTEM)
    return _go_on(line, S.PHONE_RINGS, Dial(Party.PHONE))


def _answered(line: Line, party: Party) -> Step:
    if party is Party.PHONE and line.state is S.PHONE_RINGS:
        return _go_on(line, S.CITIZEN_RINGS, Ring(), Dial(Party.CITIZEN))
    if party is Party.CITIZEN and line.state is S.CITIZEN_RINGS:
        # The talk is written down by whoever joins them, with the channels it joined.
        return replace(line, state=S.CONNECTED), [Join()]
    return line, []


def _gone(line: Line, party: Party, cause: int) -> Step:
    if line.state is S.CONNECTED:
        by = EndedBy.CALLER if party is Party.CITIZEN else EndedBy.AGENT
        return _finish(line, OutgoingOutcome.TALKED, by)
    if line.state is S.CITIZEN_RINGS and party is Party.PHONE:
        return _finish(line, OutgoingOutcome.GIVEN_UP, EndedBy.AGENT)
    if line.state is S.CITIZEN_RINGS:
        return _finish(line, why_not_reached(cause), EndedBy.SYSTEM)
    if party is Party.PHONE:
        return _finish(line, _why_no_phone(cause), EndedBy.SYSTEM)
    return line, []


def _why_no_phone(cause: int) -> OutgoingOutcome:
    if cause in _BUSY:
        return OutgoingOutcome.PHONE_BUSY
    return OutgoingOutcome.PHONE_UNANSWERED if cause in _UNANSWERED else OutgoingOutcome.FAILED


def _go_on(line: Line, state: OutgoingState, *wanted: Command) -> Step:
    return replace(line, state=state), [Progress(state), *wanted]


def _finish(line: Line, outcome: OutgoingOutcome, ended_by: EndedBy) -> Step:
    return replace(line, state=S.OVER), [Finish(outcome, ended_by)]
