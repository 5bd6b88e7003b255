"""What a desk sees: the parts of its state, as they travel to the browser.

The browser's copy of these shapes (static/js/types.d.ts) is generated from this file.
Instants are ISO 8601 texts in UTC; "_ms" counts from the start of the call's recording.
"""

from typing import Literal, TypedDict


class AgentView(TypedDict):
    """The agent behind the desk and what the server holds him to be doing."""

    agent_id: str
    account: str
    job_number: str
    name: str
    state: Literal["SIGNED_OUT", "NOT_READY", "READY", "RINGING", "TALKING", "WRAP_UP"]
    reason: str
    since: str
    until: str | None
    phone: str


class QueueView(TypedDict):
    """How many callers wait, and since when the first."""

    waiting: int
    oldest_since: str | None


class PastCase(TypedDict):
    """An earlier matter of the same caller."""

    case_id: str
    case_number: str
    title: str
    status: str
    status_name: str
    open: bool
    created_at: str


class PastCall(TypedDict):
    """An earlier call from the same number."""

    call_id: str
    arrived_at: str
    line_name: str
    outcome: str


class CallerHistory(TypedDict):
    """What is known of the number that calls; open cases first."""

    cases: list[PastCase]
    calls: list[PastCall]
    open_count: int


class SourceView(TypedDict):
    """A stretch of audio a field rests on."""

    speaker: str
    start_ms: int
    end_ms: int
    words: str
    rule: str
    confidence: float


class FieldView(TypedDict):
    """One field of the draft."""

    value: object
    confidence: float
    origin: Literal["MACHINE", "AGENT", "CALLER"]
    sources: list[SourceView]
    suggestion: object
    choices: list[dict[str, object]]
    confirmed: bool


class DismissedView(TypedDict):
    """Who waved a warning off, and why."""

    by: str
    reason: str
    at: str


class TripwireView(TypedDict):
    """A danger heard in the call, to be seen at once; None: nobody has waved it off."""

    kind: str
    label: str
    source: SourceView
    dismissed: DismissedView | None


class EditView(TypedDict):
    """One change of a field by a person; by: the person's name."""

    at: str
    by: str
    before: object
    after: object
    undone: bool


class AlikeView(TypedDict):
    """Another caller's matter that may be the same, and why."""

    case_id: str
    number: str
    title: str
    category: str
    place: str
    status_name: str
    department: str
    due_at: str | None
    at: str
    reporters: int
    score: float
    reasons: list[str]
    metres: int | None
    lat: float | None
    lon: float | None
    can_join: bool


class BurstView(TypedDict):
    """Many callers with this trouble in a short time; mother_id: the case that may carry them."""

    count: int
    mother_id: str
    category: str
    place: str


class DraftView(TypedDict):
    """The case that grows while the call runs."""

    case_id: str
    matter: int
    revision: int
    status: str
    case_number: str | None
    fields: dict[str, FieldView]
    tripwires: list[TripwireView]
    question: str
    edits: dict[str, list[EditView]]
    alike: list[AlikeView]
    burst: BurstView | None
    joined_to: str | None


class WordView(TypedDict):
    """One word of an utterance, and how sure the recogniser is of it."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


class CaptionView(TypedDict):
    """One finished utterance; before: what was shown live, where the better pass hears other."""

    utterance_id: str
    speaker: str
    start_ms: int
    end_ms: int
    text: str
    confidence: float
    words: list[WordView]
    edited: bool
    before: str


class ThirdView(TypedDict):
    """Somebody beside caller and agent: rings, has answered, or has joined."""

    kind: str
    name: str
    target: str
    state: Literal["ringing", "answered", "joined"]
    since: str


class CallView(TypedDict):
    """The one call a desk is busy with, from the ring to the end of the wrap-up."""

    call_id: str
    offer_id: str
    direction: str
    state: Literal["IVR", "QUEUED", "OFFERED", "TALKING", "HELD", "ENDED"]
    caller_number: str
    line_name: str
    language: str
    menu_path: list[str]
    queue_name: str
    skills: list[str]
    arrived_at: str
    queued_at: str | None
    offered_at: str | None
    offer_until: str | None
    answered_at: str | None
    held_at: str | None
    ended_at: str | None
    ended_by: str
    case_id: str | None
    muted: bool
    third: ThirdView | None
    history: CallerHistory


class WorkItem(TypedDict):
    """Something this agent still owes: a parked draft or a callback."""

    kind: Literal["draft", "callback"]
    item_id: str
    call_id: str
    title: str
    since: str


class MissedView(TypedDict):
    """A caller whom nobody answered: to be phoned back with one key."""

    call_id: str
    caller_mask: str
    line_name: str
    waited_s: int
    at: str
    tries: int


class DeskView(TypedDict):
    """Everything on one desk."""

    server_time: str
    agent: AgentView
    queue: QueueView
    call: CallView | None
    captions: list[CaptionView]
    drafts: list[DraftView]
    work: list[WorkItem]
    missed: list[MissedView]


class WallAgent(TypedDict):
    """One signed-in agent on the supervisors' wall."""

    agent_id: str
    name: str
    job_number: str
    state: str
    reason: str
    since: str
    call_id: str
    call_state: str
    line_name: str
    third_kind: str


class WallFigures(TypedDict):
    """Of those who entered the line: shares are None as long as nobody has."""

    entered: int
    answered: int
    abandoned: int
    in_time: float | None
    connected: float | None
    returned: float | None


class WallView(TypedDict):
    """The whole wall. today: since midnight; day: the last 24 hours."""

    server_time: str
    waiting: int
    oldest_since: str | None
    agents: list[WallAgent]
    today: WallFigures
    day: WallFigures


class AgentEvent(TypedDict):
    """The agent's own state, whole."""

    kind: Literal["agent"]
    agent: AgentView


class QueueEvent(TypedDict):
    """The queue's figures, whole."""

    kind: Literal["queue"]
    queue: QueueView


class CallEvent(TypedDict):
    """The call, whole, or None when the desk is free again."""

    kind: Literal["call"]
    call: CallView | None


class DraftsEvent(TypedDict):
    """The drafts of the call, one a matter, whole."""

    kind: Literal["drafts"]
    drafts: list[DraftView]


class CaptionsEvent(TypedDict):
    """All captions of the call anew."""

    kind: Literal["captions"]
    captions: list[CaptionView]


class CaptionEvent(TypedDict):
    """One more finished utterance; the same one twice changes nothing."""

    kind: Literal["caption"]
    call_id: str
    caption: CaptionView


class PartialEvent(TypedDict):
    """The words of an utterance that is not finished."""

    kind: Literal["partial"]
    call_id: str
    speaker: str
    start_ms: int
    text: str


class WorkEvent(TypedDict):
    """The list of what this agent still owes, whole."""

    kind: Literal["work"]
    work: list[WorkItem]


class MissedEvent(TypedDict):
    """The list of callers to be phoned back, whole; the same for every desk."""

    kind: Literal["missed"]
    missed: list[MissedView]


class RefusedEvent(TypedDict):
    """An order of this desk that could not be carried out."""

    kind: Literal["refused"]
    id: str
    code: str
    message: str


class DoneEvent(TypedDict):
    """An order of this desk that was carried out."""

    kind: Literal["done"]
    id: str
    result: dict[str, object]


class NoticeEvent(TypedDict):
    """Something the agent should know and need not act on."""

    kind: Literal["notice"]
    code: str


DeskEvent = (
    AgentEvent
    | QueueEvent
    | CallEvent
    | DraftsEvent
    | CaptionsEvent
    | CaptionEvent
    | PartialEvent
    | WorkEvent
    | MissedEvent
    | RefusedEvent
    | DoneEvent
    | NoticeEvent
)
