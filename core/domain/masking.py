"""The masking matrix (domain.md 7): how much of a person each onlooker may see of a case.

One pure table: onlooker x confidential -> how name, phone, address, content and recording are
shown. Which cases somebody may see at all is a question for the database (repos.case_views).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from core.auth import GRANTS, Permission, Role
from core.domain.redaction import (
    Clues,
    redact,
    redact_strictly,
    shortened,
    surname_only,
    town_of,
)

_SHORT = 60


class Onlooker(StrEnum):
    """Through whose eyes a case is looked at."""

    OWN_AGENT = "OWN_AGENT"
    CENTRE = "CENTRE"
    UNIT = "UNIT"
    INSPECTOR = "INSPECTOR"
    LEADER = "LEADER"
    PUBLIC = "PUBLIC"


class NameShown(StrEnum):
    """How the caller's name is shown."""

    FULL = "FULL"
    SURNAME = "SURNAME"
    CONFIDENTIAL = "CONFIDENTIAL"
    NONE = "NONE"


class PhoneShown(StrEnum):
    """How the caller's phone is shown; REVEALABLE: a mask that a reason opens."""

    FULL = "FULL"
    REVEALABLE = "REVEALABLE"
    MASKED = "MASKED"
    NONE = "NONE"


class AddressShown(StrEnum):
    """How the place is shown; OBJECT: without rooms and persons."""

    FULL = "FULL"
    NEEDED = "NEEDED"
    OBJECT = "OBJECT"
    TOWN = "TOWN"
    NONE = "NONE"


class ContentShown(StrEnum):
    """How free text is shown."""

    FULL = "FULL"
    WITHOUT_CLUES = "WITHOUT_CLUES"
    STRICT = "STRICT"
    SHORT = "SHORT"
    NONE = "NONE"


class RecordingShown(StrEnum):
    """Who may hear the call."""

    OWN = "OWN"
    ON_TASK = "ON_TASK"
    ON_APPROVAL = "ON_APPROVAL"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class Masking:
    """One cell row of the matrix. call_through: may telephone through the platform, unseen."""

    name: NameShown
    phone: PhoneShown
    address: AddressShown
    content: ContentShown
    recording: RecordingShown
    call_through: bool = False

    def shown_name(self, name: str) -> str:
        """The caller's name as this onlooker sees it."""
        if self.name is NameShown.FULL:
            return name
        if self.name is NameShown.CONFIDENTIAL:
            return "保密"
        return surname_only(name) if self.name is NameShown.SURNAME else ""

    def shown_phone(self, number: str, mask: str) -> str:
        """The number, its mask, or nothing."""
        if self.phone is PhoneShown.FULL:
            return number
        return "" if self.phone is PhoneShown.NONE else mask

    def shown_place(self, place: str, clues: Clues) -> str:
        """The place, as fine as this onlooker may know it."""
        match self.address:
            case AddressShown.FULL:
                return place
            case AddressShown.NEEDED:
                return redact(place, clues)
            case AddressShown.OBJECT:
                return redact_strictly(place, clues)
            case AddressShown.TOWN:
                return town_of(redact_strictly(place, clues))
            case AddressShown.NONE:
                return ""

    def shown_text(self, text: str, clues: Clues) -> str:
        """Free text with the clues taken out that this onlooker may not have."""
        match self.content:
            case ContentShown.FULL:
                return text
            case ContentShown.WITHOUT_CLUES:
                return redact(text, clues)
            case ContentShown.STRICT:
                return redact_strictly(text, clues)
            case ContentShown.SHORT:
                return shortened(redact_strictly(text, clues), _SHORT)
            case ContentShown.NONE:
                return ""


_N, _P, _A, _C, _R = NameShown, PhoneShown, AddressShown, ContentShown, RecordingShown
_O = Onlooker

#: (onlooker, confidential) -> masking. A leader's phone is masked, so the text may not spell it.
MATRIX: Mapping[tuple[Onlooker, bool], Masking] = {
    (_O.OWN_AGENT, False): Masking(_N.FULL, _P.FULL, _A.FULL, _C.FULL, _R.OWN),
    (_O.OWN_AGENT, True): Masking(_N.CONFIDENTIAL, _P.MASKED, _A.FULL, _C.FULL, _R.OWN),
    (_O.CENTRE, False): Masking(_N.FULL, _P.REVEALABLE, _A.FULL, _C.FULL, _R.ON_TASK),
    (_O.CENTRE, True): Masking(_N.CONFIDENTIAL, _P.REVEALABLE, _A.FULL, _C.FULL, _R.ON_TASK),
    (_O.UNIT, False): Masking(
        _N.SURNAME, _P.MASKED, _A.NEEDED, _C.WITHOUT_CLUES, _R.NONE, call_through=True
    ),
    (_O.UNIT, True): Masking(_N.CONFIDENTIAL, _P.NONE, _A.OBJECT, _C.STRICT, _R.NONE),
    (_O.INSPECTOR, False): Masking(_N.NONE, _P.NONE, _A.NEEDED, _C.SHORT, _R.NONE),
    (_O.INSPECTOR, True): Masking(_N.NONE, _P.NONE, _A.OBJECT, _C.SHORT, _R.NONE),
    (_O.LEADER, False): Masking(
        _N.SURNAME, _P.MASKED, _A.TOWN, _C.WITHOUT_CLUES, _R.ON_APPROVAL
    ),
    (_O.LEADER, True): Masking(_N.CONFIDENTIAL, _P.NONE, _A.TOWN, _C.STRICT, _R.NONE),
    (_O.PUBLIC, False): Masking(_N.NONE, _P.NONE, _A.NONE, _C.NONE, _R.NONE),
    (_O.PUBLIC, True): Masking(_N.NONE, _P.NONE, _A.NONE, _C.NONE, _R.NONE),
}  # fmt: skip

ONLOOKER_OF: Mapping[Role, Onlooker] = {
    Role.AGENT: Onlooker.OWN_AGENT,
    Role.DISPATCHER: Onlooker.CENTRE,
    Role.CALLBACK: Onlooker.CENTRE,
    Role.SUPERVISOR: Onlooker.CENTRE,
    Role.TEAM_LEAD: Onlooker.CENTRE,
    Role.QA: Onlooker.CENTRE,
    Role.DIRECTOR: Onlooker.CENTRE,
    Role.UNIT_OPS: Onlooker.UNIT,
    Role.UNIT_LEAD: Onlooker.UNIT,
    Role.UNIT3: Onlooker.UNIT,
    Role.INSPECTOR: Onlooker.INSPECTOR,
    Role.LEADER: Onlooker.LEADER,
    Role.ADMIN: Onlooker.PUBLIC,
}

#: The posts that may open the identity behind a confidential case, each time with a reason.
CLEARED: frozenset[Role] = frozenset({Role.CALLBACK, Role.SUPERVISOR, Role.DIRECTOR})


def masking_for(role: Role, *, confidential: bool) -> Masking:
    """How this post sees a case; a mask can be opened only by who has the right to."""
    masking = MATRIX[ONLOOKER_OF[role], confidential]
    if masking.phone is PhoneShown.REVEALABLE and not may_reveal(role, confidential=confidential):
        return replace(masking, phone=PhoneShown.MASKED)
    return masking


def may_reveal(role: Role, *, confidential: bool) -> bool:
    """Whether a reason opens the phone (and, where kept secret, the name) to this post."""
    if Permission.REVEAL_PHONE not in GRANTS[role]:
        return False
    return role in CLEARED or not confidential
