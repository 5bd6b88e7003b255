"""Every event: what has happened, frozen, in the past tense.

Durable events are written with the row they tell of (outbox) and published after the commit.
Ephemeral ones (`EPHEMERAL`) are published at once and may be lost: nothing may depend on them.
Instants are ISO 8601 text in UTC, so that an event is plain data on every wire.
"""

from dataclasses import dataclass, field
from typing import Any

from core.domain import draft_events  # noqa: F401 - its events are in EVENTS too
from core.domain.event import Event as Event  # noqa: PLC0414 - everybody takes it from here

# -- calls ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallArrived(Event):
    """A call reached one of our lines."""

    call_id: str
    line_id: str
    did: str
    channel_id: str
    caller_mask: str
    rung: int
    at: str


@dataclass(frozen=True, slots=True)
class CallQueued(Event):
    """A call waits for a person."""

    call_id: str
    queue_id: str
    priority: int
    skills: tuple[str, ...]
    language: str
    menu_path: tuple[str, ...]
    at: str


@dataclass(frozen=True, slots=True)
class CallOffered(Event):
    """A call rings one agent; the desk pops it up before the answer."""

    call_id: str
    agent_id: str
    offer_id: str
    queued_at: str
    offered_at: str
    expires_at: str
    direction: str = "INBOUND"


@dataclass(frozen=True, slots=True)
class OfferEnded(Event):
    """The offer is over: answered, unanswered, refused, caller left, agent gone."""

    call_id: str
    agent_id: str
    offer_id: str
    outcome: str
    at: str


@dataclass(frozen=True, slots=True)
class CallAnswered(Event):
    """Caller and agent can hear each other."""

    call_id: str
    agent_id: str
    caller_channel: str
    agent_channel: str
    at: str


@dataclass(frozen=True, slots=True)
class CallHeld(Event):
    call_id: str
    agent_id: str
    at: str


@dataclass(frozen=True, slots=True)
class CallResumed(Event):
    call_id: str
    agent_id: str
    at: str


@dataclass(frozen=True, slots=True)
class CallMuted(Event):
    """The caller does not hear the agent (on), or does again."""

    call_id: str
    agent_id: str
    on: bool
    at: str


@dataclass(frozen=True, slots=True)
class AgentLegLost(Event):
    """The agent's phone vanished in mid-call; the caller is kept with music."""

    call_id: str
    agent_id: str
    at: str


@dataclass(frozen=True, slots=True)
class CallTransferred(Event):
    call_id: str
    agent_id: str
    kind: str
    target: str
    result: str
    at: str


@dataclass(frozen=True, slots=True)
class CallEnded(Event):
    """The conversation is over; final."""

    call_id: str
    agent_id: str | None
    ended_by: str
    at: str
    voicemail: bool = False


@dataclass(frozen=True, slots=True)
class SurveyAnswered(Event):
    call_id: str
    agent_id: str | None
    score: int
    at: str


@dataclass(frozen=True, slots=True)
class CallbackRequested(Event):
    """The caller hung up and keeps the place in the queue."""

    callback_id: str
    call_id: str
    queue_id: str
    at: str


@dataclass(frozen=True, slots=True)
class CallbackEnded(Event):
    callback_id: str
    call_id: str
    outcome: str
    at: str


@dataclass(frozen=True, slots=True)
class OutgoingAsked(Event):
    """Somebody wants a citizen phoned; routing places the call."""

    call_id: str
    kind: str
    case_id: str | None
    asked_by: str
    at: str


@dataclass(frozen=True, slots=True)
class OutgoingChanged(Event):
    """A call going out has come further, or is over (outcome)."""

    call_id: str
    kind: str
    case_id: str | None
    asked_by: str
    state: str
    outcome: str | None
    at: str


# -- agents --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgentStateChanged(Event):
    """An agent is now in another state; until: end of wrap-up or of an offer, if any."""

    agent_id: str
    state: str
    reason: str
    since: str
    until: str | None = None
    call_id: str | None = None


# -- speech --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UtteranceHeard(Event):
    """A stretch of speech became words (final). Times in ms from the start of the recording."""

    call_id: str
    utterance_id: str
    speaker: str
    start_ms: int
    end_ms: int
    text: str
    confidence: float
    words: tuple[dict[str, Any], ...] = ()
    engine: str = ""


@dataclass(frozen=True, slots=True)
class CaptionPartial(Event):
    """Words so far of an utterance that is still being spoken; ephemeral."""

    call_id: str
    speaker: str
    start_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class CaptionsDelayed(Event):
    """Captions cannot keep up or no engine is there; ephemeral."""

    call_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class TranscriptReplaced(Event):
    """The better pass after the call has replaced the live captions."""

    call_id: str
    engine: str
    utterances: int


@dataclass(frozen=True, slots=True)
class RecordingStored(Event):
    """An audio file of the call is complete, checked and put away."""

    call_id: str
    recording_id: str
    speaker: str
    seconds: float
    sha256: str


# -- drafts and cases ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DraftUpdated(Event):
    """Fields of a draft changed; `fields` holds only the changed ones (FieldValue.as_json)."""

    case_id: str
    call_id: str | None
    matter: int
    revision: int
    fields: dict[str, Any]
    actor: str
    tripwires: tuple[dict[str, Any], ...] = ()
    question: str = ""


@dataclass(frozen=True, slots=True)
class CaseSubmitted(Event):
    """A draft became a case and has its number."""

    case_id: str
    case_number: str
    call_id: str | None
    agent_id: str
    status: str
    at: str


@dataclass(frozen=True, slots=True)
class CaseStatusChanged(Event):
    case_id: str
    from_status: str
    to_status: str
    action: str
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class CaseNoted(Event):
    """Something was done about a case that left its state as it is: a request, an urging ..."""

    case_id: str
    status: str
    action: str
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class ClockAnnounced(Event):
    """A warning or breach of a clock; kind and subject as in the clock_alarm table."""

    case_id: str
    kind: str
    due_at: str
    at: str
    leg_id: str | None = None
    department_id: str | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class CalendarMissing(Event):
    """The list of days off of a year that is needed has not been entered."""

    year: int
    at: str


# -- figures -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AppraisalSheetChanged(Event):
    """A unit's monthly sheet was drafted, announced, objected to, ruled on, signed, published."""

    sheet_id: str
    month: str
    department_id: str
    state: str
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class ListExported(Event):
    """Somebody took a list out of the system."""

    export_id: str
    statement: str
    rows: int
    actor: str
    at: str


# -- commands from the desk ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CommandDone(Event):
    """A desk's command was carried out; ephemeral."""

    command_id: str
    agent_id: str
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CommandRefused(Event):
    """A desk's command could not be carried out, with a sentence for the agent; ephemeral."""

    command_id: str
    agent_id: str
    code: str
    message: str


EVENTS: dict[str, type[Event]] = {cls.__name__: cls for cls in Event.__subclasses__()}
EPHEMERAL: frozenset[type[Event]] = frozenset(
    {CaptionPartial, CaptionsDelayed, CommandDone, CommandRefused}
)
