"""The messages of a desk about its drafts, captions and other callers' cases."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from agent_ui.live.message import CallMessage

Handling = Literal["dispatch", "answered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditDraft(CallMessage):
    """What the agent typed into one field of the draft."""

    type: ClassVar[str] = "edit_draft"
    case_id: str = ""
    field: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitDraft(CallMessage):
    """Turn the draft into a case and give it its number."""

    type: ClassVar[str] = "submit_draft"
    case_id: str
    handling: Handling = "dispatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoEdit(CallMessage):
    """Take this person's latest change of a field back."""

    type: ClassVar[str] = "undo_edit"
    case_id: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosePlace(CallMessage):
    """This candidate is the place that the caller means."""

    type: ClassVar[str] = "choose_place"
    case_id: str
    place_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissTripwire(CallMessage):
    """A warning that was looked at and does not hold; wire: its kind."""

    type: ClassVar[str] = "dismiss_tripwire"
    case_id: str
    wire: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCaption(CallMessage):
    """What was really said."""

    type: ClassVar[str] = "edit_caption"
    utterance_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinCase(CallMessage):
    """The caller reports what is an open case already."""

    type: ClassVar[str] = "join_case"
    case_id: str
    master_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSame(CallMessage):
    """The proposed case is another trouble; it is not to be proposed again."""

    type: ClassVar[str] = "not_same"
    case_id: str
    other_id: str


DRAFT_MESSAGES = (
    EditDraft, SubmitDraft, UndoEdit, ChoosePlace, DismissTripwire, EditCaption, JoinCase, NotSame,
)  # fmt: skip
