"""What a caller hears: sentences with slots, taken apart into the pieces of audio that say them."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from core.domain.cases import CaseStatus
from core.domain.spoken import SPEAKERS, NumberRules, Pieces
from core.errors import HotlineError

#: What a slot may be filled with; a slot of kind "prompt" takes the id of another sentence.
Value = int | str | time | date

_SLOT = re.compile(r"\{(\w+):(\w+)\}")
_PUNCTUATION = "，。、；：！？,.;:!? \n"
_PROMPT_SLOT = "prompt"


class PromptRefused(HotlineError):
    """A sentence that the catalogue does not hold, or a slot that was not filled properly."""

    code = "prompt_refused"


@dataclass(frozen=True)
class Say:
    """One sentence to be said: its id, what fills its slots, and its language if not the call's."""

    prompt: str
    values: Mapping[str, Value] = field(default_factory=dict)
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a sentence that is filled at run time."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of fixed words; `piece` is the stem of the file that holds it."""

    piece: str
    text: str


@dataclass(frozen=True, slots=True)
class Language:
    """How a language is spoken: its number rules and the voice that its prompts are made with."""

    code: str
    name: str
    numbers: NumberRules
    voice: str
    speed: float
    piece_speed: float  # numbers are spoken more slowly than sentences
    carrier: str  # the sentence that a piece is cut out of, with {} for it; empty: none


Template = tuple[Fragment | Slot, ...]


@dataclass(frozen=True)
class PromptBook:
    """The catalogue in memory."""

    default_language: str
    languages: Mapping[str, Language]
    templates: Mapping[str, Mapping[str, Template]]  # prompt id -> language -> what is said
    silences: Mapping[str, int]  # piece -> milliseconds
    cut_out: frozenset[str] = frozenset()  # pieces that are cut out of a carrier sentence

    def pieces(self, say: Say, language: str | None = None) -> Pieces:
        """The stems of the audio files to play, in order, in the language of `say` or the call."""
        code = self.spoken_language(say, language)
        rules = self.languages[code].numbers
        pieces: list[str] = []
        for part in self._template(say.prompt, code):
            if isinstance(part, Fragment):
                pieces.append(part.piece)
            elif part.kind == _PROMPT_SLOT:
                pieces.extend(self.pieces(Say(str(_filled(part, say.values))), code))
            else:
                pieces.extend(_speak(part, say.values, rules))
        return tuple(pieces)

    def text(self, say: Say, language: str | None = None) -> str:
        """The sentence in writing, for a transcript or a screen."""
        code = self.spoken_language(say, language)
        words: list[str] = []
        for part in self._template(say.prompt, code):
            if isinstance(part, Fragment):
                words.append(part.text)
            elif part.kind == _PROMPT_SLOT:
                words.append(self.text(Say(str(_filled(part, say.values))), code))
            else:
                words.append(_written(_filled(part, say.values)))
        return ("" if self.languages[code].numbers is NumberRules.CHINESE else " ").join(words)

    def spoken_language(self, say: Say, language: str | None = None) -> str:
        """The language that will be heard: the asked one if the catalogue has it there."""
        texts = self.templates.get(say.prompt)
        if texts is None:
            raise PromptRefused("提示语目录中没有这一条", prompt=say.prompt)
        for code in (say.language, language, self.default_language):
            if code is not None and code in self.languages and code in texts:
                return code
        raise PromptRefused("提示语没有默认语言的文字", prompt=say.prompt)

    def recordings(self, language: str) -> dict[str, str]:
        """Every piece of a language that needs audio, with its words."""
        return {
            part.piece: part.text
            for texts in self.templates.values()
            for part in texts.get(language, ())
            if isinstance(part, Fragment)
        }

    def _template(self, prompt: str, code: str) -> Template:
        return self.templates[prompt][code]


#: What the caller is told about each state; one sentence may serve several states.
STATUS_PROMPTS: dict[CaseStatus, str] = {
    CaseStatus.DRAFT: "status_draft",
    CaseStatus.ANSWERED: "status_answered",
    CaseStatus.PENDING_INFO: "status_pending_info",
    CaseStatus.PENDING_VERIFY: "status_pending_verify",
    CaseStatus.PENDING_ANALYSE: "status_accepted",
    CaseStatus.DISPATCHED: "status_dispatched",
    CaseStatus.HANDLING: "status_handling",
    CaseStatus.RETURN_REVIEW: "status_handling",  # whose matter it is stays between departments
    CaseStatus.CONSULT: "status_consult",
    CaseStatus.MEDIATION: "status_mediation",
    CaseStatus.SUSPENDED: "status_suspended",
    CaseStatus.REPLIED: "status_replied",
    CaseStatus.PENDING_CHECK: "status_pending_check",
    CaseStatus.PENDING_CALLBACK: "status_pending_callback",
    CaseStatus.REASSIGNED: "status_reassigned",
    CaseStatus.CLOSED: "status_closed",
    CaseStatus.CLOSED_UNREASONABLE: "status_closed",
    CaseStatus.CLOSED_TERMINATED: "status_terminated",
    CaseStatus.MERGED: "status_merged",
    CaseStatus.REJECTED: "status_rejected",
    CaseStatus.VOID: "status_void",
}


def say(prompt: str, /, language: str | None = None, **values: Value) -> Say:
    """Shorthand: say("place_in_line", ahead=3)."""
    return Say(prompt, values, language)


def read_book(text: str) -> PromptBook:
    """The catalogue from the text of catalogue.toml; a mistake in it is one clear error."""
    try:
        raw = tomllib.loads(text)
        languages = {code: _language(code, row) for code, row in raw["languages"].items()}
        texts: dict[str, Mapping[str, str]] = {**raw["prompts"], **raw["pieces"]}
        silences = {str(piece): int(length) for piece, length in raw["silences"].items()}
        default = str(raw["default_language"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise PromptRefused(f"提示语目录格式不对：{error}") from error
    templates = {prompt: _templates(prompt, rows, languages) for prompt, rows in texts.items()}
    return PromptBook(default, languages, templates, silences, frozenset(raw["pieces"]))


def read_template(prompt: str, text: str) -> Template:
    """A text with {name:kind} slots; its fixed words are numbered when there is more than one."""
    parts: list[Fragment | Slot] = []
    numbered = _SLOT.search(text) is not None
    position = 0
    for match in [*_SLOT.finditer(text), None]:
        words = text[position : match.start() if match else len(text)]
        if words.strip(_PUNCTUATION):
            number = 1 + sum(isinstance(part, Fragment) for part in parts)
            piece = f"{prompt}-{number}" if numbered else prompt
            parts.append(Fragment(piece, words.lstrip(_PUNCTUATION).rstrip()))
        if match is not None:
            parts.append(_slot(prompt, *match.groups()))
            position = match.end()
    return tuple(parts)


def _slot(prompt: str, name: str, kind: str) -> Slot:
    if kind != _PROMPT_SLOT and kind not in SPEAKERS:
        raise PromptRefused("提示语变量的类别不认识", prompt=prompt, kind=kind)
    return Slot(name, kind)


def _templates(
    prompt: str, rows: Mapping[str, str], languages: Mapping[str, Language]
) -> dict[str, Template]:
    strangers = set(rows) - set(languages)
    if strangers:
        raise PromptRefused("提示语用了没有登记的语言", prompt=prompt, languages=sorted(strangers))
    return {code: read_template(prompt, text) for code, text in rows.items()}


def _language(code: str, row: Mapping[str, Any]) -> Language:
    return Language(
        code=code,
        name=str(row["name"]),
        numbers=NumberRules(row["numbers"]),
        voice=str(row["voice"]),
        speed=float(row.get("speed", 1.0)),
        piece_speed=float(row.get("piece_speed", row.get("speed", 1.0))),
        carrier=str(row.get("carrier", "")),
    )


def _filled(slot: Slot, values: Mapping[str, Value]) -> Value:
    if slot.name not in values:
        raise PromptRefused("提示语的变量没有给值", slot=slot.name)
    return values[slot.name]


def _speak(slot: Slot, values: Mapping[str, Value], rules: NumberRules) -> Pieces:
    wanted, speak = SPEAKERS[slot.kind]
    value = _filled(slot, values)
    if not isinstance(value, wanted):
        raise PromptRefused("提示语变量的类型不对", slot=slot.name, kind=slot.kind)
    return speak(value, rules)


def _written(value: Value) -> str:
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)
