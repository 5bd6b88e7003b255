"""A draft held against the truth of its call, field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from core.domain.drafts import DraftSuggestion
from recordings.drafting.numbers import NUMBER, read_number
from recordings.drafting.transcript import clean

HOUR = timedelta(minutes=65)
DAYS_PER_MONTH = 30.4
# An interval's beginning is only said roughly: so much of its length it may be off.
ROUGHLY = 0.2
SPOKEN_NUMBER_DIGITS = 11


@dataclass
class Outcome:
    """What was right in one call. None: the truth has nothing to compare."""

    id: str
    variant: str
    voice: str = ""
    right: dict[str, bool | None] = field(default_factory=dict)
    places_hit: int = 0
    places_wanted: int = 0
    places_wrong: int = 0
    phone_confirmed_wrong: bool = False
    emergency_missed: bool = False
    second_invented: bool = False
    edits: int = 0
    characters: int = 0
    seconds: list[float] = field(default_factory=list)
    second_pass: float | None = None
    got: dict[str, Any] = field(default_factory=dict)


def compare(suggestion: DraftSuggestion, truth: Mapping[str, Any], outcome: Outcome) -> Outcome:
    """Fill an outcome from a draft and the truth."""
    value = {name: one.value for name, one in suggestion.fields.items()}
    outcome.got = {name: value.get(name) for name in ("case_type", "category", "department",
                   "places", "phone", "handling", "occurred_at")}  # fmt: skip
    outcome.right["case_type"] = value.get("case_type") == truth["case_type"]
    outcome.right["category"] = value.get("category") == list(truth["category"])
    outcome.right["department"] = same_department(value.get("department"), truth["department"])
    outcome.right["handling"] = value.get("handling", "ordinary") == truth["handling"]
    outcome.right["occurrence_time"] = same_time(
        value.get("occurred_at") or "", truth.get("occurrence_time") or ""
    )
    outcome.emergency_missed = (
        truth["handling"] == "emergency" and value.get("handling") != "emergency"
    )
    _phone(suggestion, truth, outcome)
    _second(suggestion, truth, outcome)
    _places(suggestion, truth, outcome)
    return outcome


def _phone(suggestion: DraftSuggestion, truth: Mapping[str, Any], outcome: Outcome) -> None:
    said = truth.get("phone")
    field_value = suggestion.fields.get("phone")
    value = field_value.value if field_value else None
    outcome.right["phone_offered"] = (value == said) if said else None
    outcome.phone_confirmed_wrong = bool(field_value and field_value.confirmed and value != said)


def _second(suggestion: DraftSuggestion, truth: Mapping[str, Any], outcome: Outcome) -> None:
    wanted = truth.get("extra_cases") or []
    got = [one.fields["category"].value for one in suggestion.others if "category" in one.fields]
    if wanted:
        outcome.right["second_matter"] = all(list(one["category"]) in got for one in wanted)
    else:
        outcome.right["second_matter"] = None
        outcome.second_invented = bool(got)


def _places(suggestion: DraftSuggestion, truth: Mapping[str, Any], outcome: Outcome) -> None:
    got: list[str] = []
    for one in (suggestion, *suggestion.others):
        if "places" in one.fields:
            got += one.fields["places"].value
    wanted = set(truth.get("places_spoken") or truth.get("places") or ())
    allowed = wanted | set(truth.get("places") or ())
    for extra in truth.get("extra_cases") or ():
        allowed |= set(extra.get("places", ()))
    outcome.places_hit = len(wanted & set(got))
    outcome.places_wanted = len(wanted)
    outcome.places_wrong = len(set(got) - allowed)


def same_department(got: Any, wanted: str) -> bool:
    """Equal names; another city's hotline counts for 'not this city (X)'."""
    if got == wanted:
        return True
    other = re.match(r"非本市(?:（(.+?)）)?", wanted)
    if not other or not isinstance(got, str):
        return False
    stem = (other.group(1) or "").rstrip("市县区")
    return got.startswith(("非本市", stem)) if stem else got.startswith("非本市")


def same_time(got: str, wanted: str) -> bool:
    """Right to the part said: the hour, the day, the month, or where an interval begins."""
    if not got or not wanted:
        return got == wanted
    start, wanted_start = got.partition("/")[0], wanted.partition("/")[0]
    if "T" in wanted_start:
        if "T" not in start:
            return False
        return abs(datetime.fromisoformat(start) - datetime.fromisoformat(wanted_start)) <= HOUR
    if len(wanted_start) == len("2026-01"):
        return _months_apart(start, wanted_start) <= (1 if "/" in wanted else 0)
    if len(start) < len("2026-01-01"):
        return wanted_start.startswith(start)
    off = abs((_day(start) - _day(wanted_start)).days)
    return off <= _allowed_days(got, wanted)


def _allowed_days(got: str, wanted: str) -> int:
    """None for a single day; a part of the length for an interval."""
    longer = max((got, wanted), key=lambda value: "/" in value)
    if "/" not in longer:
        return 0
    begin, end = longer.split("/")
    if len(begin) < len("2026-01-01"):
        return round(DAYS_PER_MONTH)
    return max(1, round(ROUGHLY * (_day(end) - _day(begin)).days))


def _day(value: str) -> date:
    return date.fromisoformat(value[: len("2026-01-01")])


def _months_apart(one: str, other: str) -> int:
    a, b = ((int(v[:4]) * 12 + int(v[5:7])) for v in (one, other))
    return abs(a - b)


def normal(text: str) -> str:
    """Characters and digits only, numbers as digits, so that 五点 and 5点 are one."""

    def digits(found: re.Match[str]) -> str:
        value = read_number(found.group())
        return f"{value:.0f}" if value is not None else found.group()

    plain = clean(text).replace("幺", "一")
    plain = NUMBER.sub(digits, plain)
    return re.sub(r"[^\u4e00-\u9fff0-9a-zA-Z]", "", plain)


def edit_distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Least number of characters to put in, take out or change."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            now = row[j]
            row[j] = min(row[j] + 1, row[j - 1] + 1, before + (a != b))
            before = now
    return row[-1]
