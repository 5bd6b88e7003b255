"""A case as one person may see it: the only shape in which pages, API and exports get one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.domain.cases import STATUS_NAMES, CaseStatus
from core.domain.drafts import FieldValue, Span
from core.domain.masking import ContentShown, Masking, PhoneShown, RecordingShown
from core.domain.redaction import Clues

#: Fields that are persons, not matters; shown by the matrix' columns "name" and "phone".
PERSONAL_FIELDS = frozenset({"phone", "caller_name"})
_PLACE_FIELDS = frozenset({"place_text", "places"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """What one onlooker may see of a case; nothing else leaves the database.

    phone: the number, its mask, or "" when hidden. call_id: only for whom the recording opens.
    accused: only inside the centre. masking: what the onlooker may do about the rest.
    """

    id: str
    number: str | None
    status: str
    channel: str
    line_id: str | None = None
    call_id: str | None = None
    case_type: str | None = None
    category: str | None = None
    title: str = ""
    content: str = ""
    place_text: str = ""
    urgency: str = "一般"
    department: str | None = None
    caller_name: str = ""
    phone: str = ""
    confidential: bool = False
    anonymous: bool = False
    accused: str = ""
    round: int = 1
    returns: int = 0
    hops: int = 0
    urges: int = 0
    extensions: int = 0
    dispatched_at: datetime | None = None
    due_at: datetime | None = None
    public_reply: str = ""
    satisfaction_first: str | None = None
    satisfaction_final: str | None = None
    solved: str | None = None
    close_code: str | None = None
    created_by: str | None = None
    created_at: datetime
    submitted_at: datetime | None = None
    closed_at: datetime | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    masking: Masking

    @property
    def status_name(self) -> str:
        """The state in the words of the trade."""
        return STATUS_NAMES[CaseStatus(self.status)]

    @property
    def may_reveal(self) -> bool:
        """Whether a reason opens the number."""
        return self.masking.phone is PhoneShown.REVEALABLE

    @property
    def may_call_through(self) -> bool:
        """Whether the citizen may be telephoned through the platform."""
        return self.masking.call_through

    @property
    def hears_calls(self) -> bool:
        """Whether transcript and recording are for these eyes and ears at all."""
        return self.masking.recording in (RecordingShown.OWN, RecordingShown.ON_TASK)


def shown_fields(
    fields: Mapping[str, FieldValue], masking: Masking, person: Mapping[str, str], clues: Clues
) -> dict[str, FieldValue]:
    """A draft's fields through the mask. person: "phone" and "caller_name" as they are shown."""
    whole = masking.content is ContentShown.FULL
    shown: dict[str, FieldValue] = {}
    for name, value in fields.items():
        if name in PERSONAL_FIELDS:
            if person.get(name):
                shown[name] = _personal(name, value, masking, person[name])
        elif whole:
            shown[name] = value
        else:
            shown[name] = _bare(value, _masked(name, value.value, masking, clues))
    return shown


def _personal(name: str, value: FieldValue, masking: Masking, text: str) -> FieldValue:
    """The field as it stands only for whom the number is open: its sources spell it out."""
    if masking.phone is PhoneShown.FULL and text == str(value.value):
        return value
    return _bare(value, text, keep_sources=name == "phone" and masking.content is ContentShown.FULL)


def _bare(value: FieldValue, shown: object, *, keep_sources: bool = False) -> FieldValue:
    """The value alone: suggestions, choices and the words it came from may tell the rest."""
    sources: tuple[Span, ...] = ()
    if keep_sources:
        sources = tuple(replace(span, words="") for span in value.sources)
    return replace(value, value=shown, suggestion=None, choices=(), sources=sources)


def _masked(name: str, value: object, masking: Masking, clues: Clues) -> object:
    if isinstance(value, str):
        if name in _PLACE_FIELDS:
            return masking.shown_place(value, clues)
        return masking.shown_text(value, clues)
    if isinstance(value, list | tuple):
        return [_masked(name, one, masking, clues) for one in value]
    if isinstance(value, Mapping):
        return {key: _masked(name, one, masking, clues) for key, one in value.items()}
    return value
