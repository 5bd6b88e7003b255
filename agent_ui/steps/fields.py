"""What a step's form asks for, and how what was typed becomes data for the step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from enum import StrEnum
from typing import Any

from multidict import MultiMapping

from core.clock import CITY_TIME

MAX_TEXT = 20_000


class Kind(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    UNIT = "unit"
    UNITS = "units"
    CATEGORY = "category"
    TICK = "tick"
    YES_NO = "yes_no"
    DATE = "date"
    INSTANT = "instant"
    NUMBER = "number"
    REQUEST = "request"
    ORDER = "order"
    LEG = "leg"
    JOINT = "joint"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. choices: fixed values; words: what codes among them are called; of: which
    requests to offer; value: what is chosen to begin with.
    """

    name: str
    label: str
    kind: Kind = Kind.LONG
    needed: bool = True
    choices: Sequence[str] = ()
    help: str = ""
    of: str = ""
    value: str = ""
    words: Mapping[str, str] = dataclass_field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepForm:
    """The form of one step. effect: what it does, in a clerk's words; final: asks twice."""

    fields: Sequence[Field] = ()
    icon: str = "work"
    effect: str = ""
    danger: bool = False
    final: str = ""

    def field(self, name: str) -> Field | None:
        """The field of this name."""
        return next((field for field in self.fields if field.name == name), None)


def read_form(form: StepForm, data: MultiMapping[Any]) -> dict[str, Any]:
    """What was typed, as data for the step; what was left empty is left out."""
    given: dict[str, Any] = {}
    for field in form.fields:
        value = _read(field, data)
        if value not in ("", [], None):
            given[field.name] = value
    return given


def _read(field: Field, data: MultiMapping[Any]) -> object:
    if field.kind is Kind.UNITS:
        return [str(one) for one in data.getall(field.name, []) if one]
    text = str(data.get(field.name, "")).strip()
    if field.kind is Kind.TICK:
        return bool(text) or None
    if field.kind is Kind.YES_NO:
        return {"yes": True, "no": False}.get(text)
    if field.kind is Kind.INSTANT:
        return _with_zone(text)
    if field.kind is Kind.CASE:
        return "".join(text.split())
    return text


def _with_zone(text: str) -> str:
    """The city's wall clock, as an instant; what is no time goes on as it is and is refused."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=CITY_TIME).isoformat()
    except ValueError:
        return text


def missing_fields(form: StepForm, given: Mapping[str, Any]) -> list[Field]:
    """Fields that must be filled in and are not."""
    return [field for field in form.fields if field.needed and field.name not in given]
