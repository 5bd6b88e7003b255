"""Which parts of whose desk an event makes stale, and which events travel as they are. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast

from agent_ui.live.views import (
    CaptionEvent,
    CaptionView,
    DoneEvent,
    NoticeEvent,
    PartialEvent,
    RefusedEvent,
    WordView,
)
from core.domain.draft_events import CaseJoined, SameTroubleFound
from core.domain.events import (
    AgentLegLost,
    AgentStateChanged,
    CallAnswered,
    CallEnded,
    CallHeld,
    CallMuted,
    CallOffered,
    CallQueued,
    CallResumed,
    CallTransferred,
    CaptionPartial,
    CaptionsDelayed,
    CaseSubmitted,
    CommandDone,
    CommandRefused,
    DraftUpdated,
    Event,
    OfferEnded,
    OutgoingAsked,
    OutgoingChanged,
    TranscriptReplaced,
    UtteranceHeard,
)

Part = Literal["call", "agent", "drafts", "captions", "work"]
_CALL: Final[frozenset[Part]] = frozenset({"call", "agent"})

#: What has to be read anew when one of these has happened.
STALE: Mapping[type[Event], frozenset[Part]] = {
    CallOffered: _CALL,
    OfferEnded: _CALL,
    CallAnswered: _CALL,
    CallHeld: _CALL,
    CallResumed: _CALL,
    CallMuted: _CALL,
    AgentLegLost: _CALL,
    CallTransferred: _CALL,
    CallEnded: frozenset({"call", "agent", "work"}),
    AgentStateChanged: frozenset({"call", "agent", "work"}),
    TranscriptReplaced: frozenset({"captions"}),
    DraftUpdated: frozenset({"drafts", "work"}),
    CaseSubmitted: frozenset({"drafts", "work"}),
    SameTroubleFound: frozenset({"drafts"}),
    CaseJoined: frozenset({"drafts"}),
}

#: Events after which the waiting line may have another length.
QUEUE_MOVES: frozenset[type[Event]] = frozenset(
    {
        CallQueued,
        CallOffered,
        OfferEnded,
        CallAnswered,
        CallEnded,
        OutgoingAsked,
        OutgoingChanged,
    }
)

#: The engine of words that a person has written.
PERSON = "person"

#: What separates the agent from the desk's own number inside a command's id.
ID_SEPARATOR = "/"

Direct = CaptionEvent | PartialEvent | RefusedEvent | DoneEvent | NoticeEvent


@dataclass(frozen=True, slots=True)
class Touched:
    """Whom an event concerns: an agent by name, or whoever has the call."""

    agent_id: str
    call_id: str


def touched(event: Event) -> Touched:
    """Whom the event concerns."""
    return Touched(
        agent_id=getattr(event, "agent_id", None) or "",
        call_id=getattr(event, "call_id", None) or "",
    )


def direct(event: Event) -> Direct | None:
    """The event as it is sent to the desk, where nothing has to be read for it."""
    if isinstance(event, UtteranceHeard):
        return CaptionEvent(kind="caption", call_id=event.call_id, caption=_caption(event))
    if isinstance(event, CaptionPartial):
        return PartialEvent(
            kind="partial",
            call_id=event.call_id,
            speaker=event.speaker,
            start_ms=event.start_ms,
            text=event.text,
        )
    if isinstance(event, CaptionsDelayed):
        return NoticeEvent(kind="notice", code=f"captions_{event.reason}".lower())
    if isinstance(event, CommandRefused):
        return RefusedEvent(
            kind="refused",
            id=_own_id(event.command_id),
            code=event.code,
            message=event.message,
        )
    if isinstance(event, CommandDone):
        return DoneEvent(kind="done", id=_own_id(event.command_id), result=event.result)
    return None


def _caption(event: UtteranceHeard) -> CaptionView:
    return CaptionView(
        utterance_id=event.utterance_id,
        speaker=event.speaker,
        start_ms=event.start_ms,
        end_ms=event.end_ms,
        text=event.text,
        confidence=event.confidence,
        words=cast("list[WordView]", list(event.words)),
        edited=event.engine == PERSON,
        before="",
    )


def command_id(agent_id: str, own_id: str) -> str:
    """A command's identity on the bus: unique although each desk counts for itself."""
    return f"{agent_id}{ID_SEPARATOR}{own_id}"


def _own_id(full: str) -> str:
    return full.rpartition(ID_SEPARATOR)[2]
