"""A draft's fields: each with a value, where it came from, and how sure we are.

The law of the draft: what a person typed always wins. A machine may fill an untouched field and
may suggest beside a touched one; it never overwrites it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class FieldOrigin(StrEnum):
    """Who set the present value."""

    MACHINE = "MACHINE"
    AGENT = "AGENT"
    CALLER = "CALLER"


#: Every field of a draft, in the order in which a form shows them.
FIELD_NAMES: tuple[str, ...] = (
    "case_type",
    "category",
    "place_text",
    "places",
    "title",
    "summary",
    "purpose",
    "occurred_at",
    "urgency",
    "department",
    "co_departments",
    "phone",
    "caller_name",
    "wants_callback",
    "confidential",
    "handling",
    "people_count",
    "amount",
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the call's audio that a value rests on.

    start_ms and end_ms count from the start of the call's recording. confidence: how sure the
    recogniser was of the words; rule: the rule or model that read the value out of them.
    """

    speaker: str
    start_ms: int
    end_ms: int
    words: str
    rule: str = ""
    confidence: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "speaker": self.speaker,
            "start_ms": self.start_ms,
            "end_ms": self.end_ms,
            "words": self.words,
            "rule": self.rule,
            "confidence": round(self.confidence, 3),
        }


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One field: its value (JSON-able), confidence 0-1, sources, origin and the machine's view.

    suggestion: what the machine would have written, where a person's value stands.
    choices: further candidates, best first, as {"value":..., "score":..., ...}.
    confirmed: a person (read-back, key) has said that it is right.
    """

    value: Any
    confidence: float = 0.0
    sources: tuple[Span, ...] = ()
    origin: FieldOrigin = FieldOrigin.MACHINE
    suggestion: Any = None
    choices: tuple[Mapping[str, Any], ...] = ()
    confirmed: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "confidence": round(self.confidence, 3),
            "sources": [span.as_json() for span in self.sources],
            "origin": self.origin.value,
            "suggestion": self.suggestion,
            "choices": [dict(choice) for choice in self.choices],
            "confirmed": self.confirmed,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "FieldValue":
        return cls(
            value=data["value"],
            confidence=float(data.get("confidence", 0.0)),
            sources=tuple(Span(**span) for span in data.get("sources", ())),
            origin=FieldOrigin(data.get("origin", "MACHINE")),
            suggestion=data.get("suggestion"),
            choices=tuple(data.get("choices", ())),
            confirmed=bool(data.get("confirmed", False)),
        )


Fields = Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True)
class Tripwire:
    """A danger that a person must see at once; nothing acts on it by itself."""

    kind: str
    label: str
    source: Span


@dataclass(frozen=True, slots=True)
class DraftSuggestion:
    """What the machine reads out of a call so far; one per matter."""

    fields: dict[str, FieldValue]
    tripwires: tuple[Tripwire, ...] = ()
    question: str = ""
    others: tuple["DraftSuggestion", ...] = field(default=())


def merge_machine(current: Fields, suggested: Fields) -> dict[str, FieldValue]:
    """The draft after a machine's suggestion: touched fields keep their value."""
    merged = dict(current)
    for name, new in suggested.items():
        old = merged.get(name)
        if old is None or old.origin is FieldOrigin.MACHINE:
            merged[name] = new
        elif old.value != new.value:
            merged[name] = replace(old, suggestion=new.value, sources=old.sources or new.sources)
    return merged


def merge_person(
    current: Fields, name: str, value: Any, *, origin: FieldOrigin
) -> dict[str, FieldValue]:
    """The draft after a person set one field; what the machine thought stays as suggestion."""
    old = current.get(name)
    kept = old.sources if old is not None and old.value == value else ()
    suggestion = None
    if old is not None:
        suggestion = old.value if old.origin is FieldOrigin.MACHINE else old.suggestion
    touched = FieldValue(
        value=value,
        confidence=1.0,
        sources=kept,
        origin=origin,
        suggestion=suggestion,
        choices=old.choices if old is not None else (),
        confirmed=True,
    )
    return {**current, name: touched}


def merge_tripwires(
    known: Sequence[Mapping[str, Any]], found: Sequence[Tripwire]
) -> list[dict[str, Any]]:
    """The warnings to show: what a person has dismissed stays so until it is said once more.

    A dismissed kind comes back only with words spoken after those that were dismissed.
    """
    closed = {wire["kind"]: wire for wire in known if wire.get("dismissed")}
    merged: list[dict[str, Any]] = []
    for wire in found:
        old = closed.pop(wire.kind, None)
        if old is not None and wire.source.start_ms <= old["source"]["end_ms"]:
            merged.append(dict(old))
            continue
        merged.append({"kind": wire.kind, "label": wire.label, "source": wire.source.as_json()})
    return merged
