"""What the menu engine is told, what it orders, and the facts it knows of line and caller."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.domain.cases import CaseStatus
from core.domain.prompts import Say
from ivr.menu.hours import OpeningHours
from ivr.menu.model import ORDINARY_PRIORITY


class Profile(StrEnum):
    """What a line does first: offer the menu, or go straight to a person."""

    MENU = "menu"
    DIRECT = "direct"


class HangupReason(StrEnum):
    """Why we, not the caller, end a call."""

    DONE = "done"
    BLOCKED = "blocked"
    UNKNOWN_LINE = "unknown_line"
    VOICEMAIL = "voicemail"
    SURVEY = "survey"
    CALLBACK = "callback"


class CaseResult(StrEnum):
    """How the question for a case ended."""

    FOUND = "found"
    UNKNOWN = "unknown"
    UNAVAILABLE = "unavailable"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Announcement:
    """The announcement of the day and until when it is said."""

    prompt_id: str
    until: datetime


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What the engine must know of the line that was dialled."""

    line_id: str
    greeting: str
    queue: str
    profile: Profile = Profile.MENU
    hours: OpeningHours | None = None  # None: day and night
    night_queue: str | None = None  # takes the calls outside the hours; None: voicemail does
    skills: tuple[str, ...] = ()
    priority: int = ORDINARY_PRIORITY
    announcement: Announcement | None = None


@dataclass(frozen=True, slots=True)
class CallerFacts:
    """What the engine must know of the caller."""

    blocked_until: datetime | None = None
    priority: int = ORDINARY_PRIORITY
    language: str | None = None


# --- events ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """A call came in on a line; None is a number that is not ours."""

    line: LineFacts | None
    caller: CallerFacts


@dataclass(frozen=True, slots=True)
class SurveyStarted:
    """The agent put the phone down; the caller is asked for a mark."""

    language: str | None = None


@dataclass(frozen=True, slots=True)
class CallbackStarted:
    """A citizen whom we phoned about this case has answered."""

    case_number: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Resumed:
    """The process was restarted, or its link to Asterisk was; whatever ran may have ended."""


@dataclass(frozen=True, slots=True)
class Digit:
    """The caller pressed a key."""

    key: str


@dataclass(frozen=True, slots=True)
class PlaybackDone:
    """All sentences of a Play were said, or could not be."""

    play: int


@dataclass(frozen=True, slots=True)
class TimerFired:
    """The clock started by StartTimer ran out."""

    timer: int


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """The answer to QueryCase."""

    result: CaseResult
    status: CaseStatus = CaseStatus.PENDING_ANALYSE
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class UrgeAnswer:
    """The answer to UrgeCase."""

    noted: bool


@dataclass(frozen=True, slots=True)
class VoicemailDone:
    """The message is complete; None when it is not known how long the caller talked."""

    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller is gone."""


Event = (
    Started
    | SurveyStarted
    | CallbackStarted
    | Resumed
    | Digit
    | PlaybackDone
    | TimerFired
    | CaseAnswer
    | UrgeAnswer
    | VoicemailDone
    | HungUp
)


# --- commands -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Play:
    """Say these sentences one after another; answer with PlaybackDone(play)."""

    play: int
    says: tuple[Say, ...]


@dataclass(frozen=True, slots=True)
class StopPlay:
    """Be quiet at once."""

    play: int


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Tell TimerFired(timer) after so many seconds; an older clock no longer matters."""

    timer: int
    seconds: float


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """The caller chose a language."""

    language: str


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Put the call in line for an agent. May be ordered again after a restart."""

    queue: str
    skills: tuple[str, ...]
    priority: int
    language: str
    menu_path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandOver:
    """The caller has heard all he must: give the channel to the part that has the agents."""


@dataclass(frozen=True, slots=True)
class QueryCase:
    """Ask for the state of a case; the phone tail proves that the caller may know."""

    case_number: str
    phone_tail: str


@dataclass(frozen=True, slots=True)
class UrgeCase:
    """Note that the caller presses for progress of this case."""

    case_number: str


@dataclass(frozen=True, slots=True)
class RecordVoicemail:
    """Record what the caller says; answer with VoicemailDone. May be ordered again."""

    max_seconds: float


@dataclass(frozen=True, slots=True)
class SaveRating:
    """The caller's mark for the service, 5 the best. May be ordered again."""

    score: int


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""

    reason: HangupReason


Command = (
    Play
    | StopPlay
    | StartTimer
    | SetLanguage
    | Enqueue
    | HandOver
    | QueryCase
    | UrgeCase
    | RecordVoicemail
    | SaveRating
    | Hangup
)
