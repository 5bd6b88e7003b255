"""The menu book: what menus.toml says, once it has been checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum

from core.domain.queues import Priority

#: The way out of every menu: the flow's exit, that is a person where one can be had.
PERSON = "person"
#: The flows every book must have.
INBOUND, CLOSED, SURVEY, CALLBACK = "inbound", "closed", "survey", "callback"
#: The smaller the number, the sooner a call is served.
ORDINARY_PRIORITY = int(Priority.ORDINARY)
#: Keys a caller can press.
KEYS = "0123456789*#"


class MenuKind(StrEnum):
    """What a menu does once its prompts were said."""

    CHOICE = "choice"  # one key chooses the next menu
    NUMBER = "number"  # keys make a number of fixed length
    LOOKUP = "lookup"  # asks for the state of a case
    URGE = "urge"  # notes that the caller presses for progress of that case
    QUEUE = "queue"  # puts the call into the line for an agent
    VOICEMAIL = "voicemail"  # records what the caller says
    RATING = "rating"  # one key is a mark for the service
    GOODBYE = "goodbye"  # says something and hangs up


class Field(StrEnum):
    """The number a NUMBER menu collects, or the question a RATING menu puts."""

    CASE_NUMBER = "case_number"
    PHONE_TAIL = "phone_tail"
    SOLVED = "solved"


@dataclass(frozen=True, slots=True)
class Menu:
    """One table of menus.toml; which of the fields matter depends on its kind."""

    menu_id: str
    kind: MenuKind
    says: tuple[str, ...] = ()
    says_wrong: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    then: str = PERSON
    otherwise: str = PERSON
    on_silence: str = PERSON
    fills: Field | None = None
    length: int = 0
    highest: int = 5
    skills: tuple[str, ...] = ()
    priority: int = ORDINARY_PRIORITY
    reason: str = "done"
    max_seconds: float = 180.0
    least_seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class Flow:
    """A way through the menus: where it starts and where every dead end leads."""

    start: str
    exit: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What keeps a call from going round for ever."""

    silence_seconds: float = 6.0
    between_keys_seconds: float = 5.0
    lookup_seconds: float = 5.0
    prompt_seconds: float = 90.0
    silences: int = 1
    wrong_keys: int = 3
    unknown_cases: int = 2
    moves: int = 30
    keys: int = 150


@dataclass(frozen=True, slots=True)
class Language:
    """A language, and the key that chooses it while another one is spoken.

    Two languages may share a key ("9, the other language"); a third needs one of its own.
    """

    code: str
    key: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class ControlKeys:
    """The keys that mean the same everywhere."""

    person: str = "0"
    repeat: str = "*"
    back: str = "#"


@dataclass(frozen=True, slots=True)
class Says:
    """The prompts that belong to no menu."""

    recording_notice: str = "recording_notice"
    language_choice: str = "language_choice"
    invalid_key: str = "invalid_key"
    no_input: str = "no_input"
    blacklisted: str = "blacklisted"
    unknown_line: str = "unknown_line"
    closed_hours: str = "closed_hours"
    closed_holiday: str = "closed_holiday"
    opens_at: str = "opens_at"
    case_status: str = "case_status"
    case_due: str = "case_due"
    case_not_found: str = "case_not_found"
    case_urged: str = "case_urged"
    apology: str = "apology_fault"
    voicemail_too_short: str = "voicemail_too_short"
    callback_opening: str = "callback_opening"
    case_number_is: str = "case_number_is"


@dataclass(frozen=True, slots=True)
class MenuBook:
    """All menus, flows and limits; only `loader` makes one, so a book is always sound."""

    menus: Mapping[str, Menu]
    flows: Mapping[str, Flow]
    languages: tuple[Language, ...]
    limits: Limits = field(default_factory=Limits)
    control: ControlKeys = field(default_factory=ControlKeys)
    says: Says = field(default_factory=Says)

    @property
    def default_language(self) -> str:
        """The language a call starts in."""
        return next(language.code for language in self.languages if language.default)

    def language_of_key(self, key: str, spoken: str) -> str | None:
        """The language a key chooses while `spoken` is spoken, or None."""
        others = (language for language in self.languages if language.code != spoken)
        return next((language.code for language in others if language.key == key), None)

    def prompt_ids(self) -> frozenset[str]:
        """Every prompt the book itself names; each must exist in every language."""
        said = {prompt for menu in self.menus.values() for prompt in menu.says}
        said |= {menu.says_wrong for menu in self.menus.values() if menu.says_wrong}
        return frozenset(said) | {getattr(self.says, field.name) for field in fields(self.says)}
