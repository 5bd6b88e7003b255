"""What can happen to the ACD; each is a fact from a shell, past tense."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.agents import NotReadyReason
from core.domain.queues import Priority, QueuePolicy
from core.domain.skills import Skill
from core.ids import AgentId, CallId, OfferId, QueueId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEntered:
    """A caller stands in line; `since` is earlier than now where the place is kept."""

    call_id: CallId
    queue: QueueId
    since: datetime
    priority: int = Priority.ORDINARY
    skills: frozenset[Skill] = frozenset()
    language: str = "zh"
    number_hash: str | None = None
    offers: int = 0


@dataclass(frozen=True, slots=True)
class CallLeft:
    """The caller hung up before or while talking, or was led elsewhere."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class CallConnected:
    """Caller and agent hear each other."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class ConnectFailed:
    """The agent answered, but the two could not be joined."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class CallFinished:
    """The agent's part of the call is over."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class CallReturned:
    """The caller comes back from a failed transfer, first of all to the agent who had the call;
    or is handed to a colleague, and comes back from there if that one does not answer.
    """

    call_id: CallId
    queue: QueueId
    since: datetime
    agent_id: AgentId
    back_to: AgentId | None = None
    priority: int = Priority.ORDINARY
    offers: int = 0


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    call_id: CallId
    offer_id: OfferId


@dataclass(frozen=True, slots=True)
class OfferRefused:
    """The agent pressed decline."""

    call_id: CallId
    offer_id: OfferId


@dataclass(frozen=True, slots=True)
class OfferTimedOut:
    """The phone rang out."""

    call_id: CallId
    offer_id: OfferId


@dataclass(frozen=True, slots=True)
class OfferFailed:
    """The agent's phone could not be rung."""

    call_id: CallId
    offer_id: OfferId


@dataclass(frozen=True, slots=True)
class AgentSignedIn:
    agent_id: AgentId
    skills: frozenset[Skill] = frozenset()


@dataclass(frozen=True, slots=True)
class AgentReady:
    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class AgentNotReady:
    agent_id: AgentId
    reason: NotReadyReason = NotReadyReason.BREAK


@dataclass(frozen=True, slots=True)
class AgentSignedOut:
    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class AgentGone:
    """The desk is lost: its presence ran out."""

    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class AgentCameBack:
    """The desk is heard again."""

    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class WrapUpExtended:
    agent_id: AgentId
    by: timedelta


@dataclass(frozen=True, slots=True)
class CallbackAccepted:
    """The caller asked to be phoned back; the callback takes over the place in line."""

    call_id: CallId
    callback_id: CallId
    number_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRestored:
    """A callback that waited before the process started."""

    callback_id: CallId
    queue: QueueId
    since: datetime
    number_hash: str
    priority: int = Priority.ORDINARY
    language: str = "zh"
    tries: int = 0
    offers: int = 0
    not_before: datetime | None = None
    accepted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallbackCancelled:
    callback_id: CallId


@dataclass(frozen=True, slots=True)
class CallbackDialFailed:
    """Nobody answered, or the number could not be dialled (Q.850 cause)."""

    callback_id: CallId
    cause: int = 0


@dataclass(frozen=True, slots=True)
class AgentDials:
    """The agent's desk phones a citizen."""

    call_id: CallId
    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class PoliciesChanged:
    """The queues' policies were read (again)."""

    policies: tuple[QueuePolicy, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; whatever is due is done."""


Event = (
    CallEntered
    | CallLeft
    | CallConnected
    | ConnectFailed
    | CallFinished
    | CallReturned
    | OfferAccepted
    | OfferRefused
    | OfferTimedOut
    | OfferFailed
    | AgentSignedIn
    | AgentReady
    | AgentNotReady
    | AgentSignedOut
    | AgentGone
    | AgentCameBack
    | WrapUpExtended
    | CallbackAccepted
    | CallbackRestored
    | CallbackCancelled
    | CallbackDialFailed
    | AgentDials
    | PoliciesChanged
    | Tick
)
