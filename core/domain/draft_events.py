"""Events about drafts beside their fields: other callers, corrections, the city's knowledge."""

from dataclasses import dataclass
from typing import Any

from core.domain.event import Event


@dataclass(frozen=True, slots=True)
class SameTroubleFound(Event):
    """Other callers' matters that may be the same as a draft, best first; `burst` when many."""

    case_id: str
    call_id: str | None
    alike: tuple[dict[str, Any], ...]
    burst: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BurstNoticed(Event):
    """Many callers tell the same trouble in a short time; a mother case is proposed."""

    burst_id: str
    mother_id: str
    category: str
    place: str
    count: int
    at: str


@dataclass(frozen=True, slots=True)
class CaseJoined(Event):
    """A caller's matter was joined to an open case: one more reporter of the same trouble."""

    case_id: str
    master_id: str
    call_id: str | None
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class CorrectionDecided(Event):
    """An administrator accepted or dropped something that people had corrected."""

    correction_id: str
    state: str
    actor: str


@dataclass(frozen=True, slots=True)
class KnowledgeImported(Event):
    """Places, departments, categories or earlier cases of the city were replaced by a file."""

    kind: str
    rows: int
    actor: str
