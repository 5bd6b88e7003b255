"""What the ACD wants done; imperative, carried out by the shell in this order."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.agents import AgentState, NotReadyReason
from core.domain.calls import OfferOutcome
from core.domain.outgoing import OutgoingOutcome
from core.domain.queues import CallbackEnd, VoicemailReason
from core.ids import AgentId, CallId, OfferId, QueueId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferCall:
    """Show the call at this desk and ring its phone; nobody is dialled for a callback yet."""

    call_id: CallId
    agent_id: AgentId
    offer_id: OfferId
    number: int
    ends: datetime
    callback: bool = False


@dataclass(frozen=True, slots=True)
class EndOffer:
    """The offer is over: stop ringing, take the pop away."""

    call_id: CallId
    agent_id: AgentId
    offer_id: OfferId
    outcome: OfferOutcome


@dataclass(frozen=True, slots=True)
class ConnectCall:
    """The agent's phone is answered: join it with the waiting caller."""

    call_id: CallId
    agent_id: AgentId
    offer_id: OfferId


@dataclass(frozen=True, slots=True)
class StartCallbackDial:
    """The agent is on the line: phone the citizen now."""

    callback_id: CallId
    agent_id: AgentId
    offer_id: OfferId


@dataclass(frozen=True, slots=True)
class HangUpAgent:
    """The agent's leg has nobody to talk to any more."""

    call_id: CallId
    offer_id: OfferId


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """Caller and agent talk: write down when, and who."""

    call_id: CallId
    agent_id: AgentId
    offer_id: OfferId


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAgentState:
    agent_id: AgentId
    state: AgentState
    reason: NotReadyReason | None = None
    call_id: CallId | None = None
    until: datetime | None = None
    idle_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class AnnounceWait:
    """Tell the caller the place in line, and the minutes where they can be said honestly."""

    call_id: CallId
    place: int
    minutes: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class OfferCallback:
    call_id: CallId


@dataclass(frozen=True, slots=True)
class ConfirmCallback:
    """The callback has its place: tell the caller and let go of the line."""

    call_id: CallId
    callback_id: CallId
    since: datetime


@dataclass(frozen=True, slots=True)
class RefuseCallback:
    """A callback to this number waits already."""

    call_id: CallId
    callback_id: CallId


@dataclass(frozen=True, slots=True)
class PostponeCallback:
    callback_id: CallId
    not_before: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class CloseCallback:
    callback_id: CallId
    end: CallbackEnd


@dataclass(frozen=True, slots=True)
class CloseDialled:
    """A call that a desk dialled is over before anybody talked."""

    call_id: CallId
    outcome: OutgoingOutcome


@dataclass(frozen=True, slots=True)
class SendToVoicemail:
    call_id: CallId
    queue: QueueId
    reason: VoicemailReason


Command = (
    OfferCall
    | EndOffer
    | ConnectCall
    | StartCallbackDial
    | HangUpAgent
    | RecordAnswer
    | SetAgentState
    | AnnounceWait
    | OfferCallback
    | ConfirmCallback
    | RefuseCallback
    | PostponeCallback
    | CloseCallback
    | CloseDialled
    | SendToVoicemail
)
