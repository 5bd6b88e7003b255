"""The lives of living.toml as plans: which steps, by whom, when, with what data."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from core.clock import CITY_TIME, city_time
from core.domain.case_actions import CaseAction
from core.domain.workdays import WorkCalendar

_FILE = Path(__file__).with_name("living.toml")
_UNITS_OF_TIME = {"m": "minutes", "h": "hours", "d": "days"}
_MORNING = time(8, 40)
_EVENING_HOUR = 17
A = CaseAction


@dataclass(frozen=True, slots=True)
class Matter:
    """What a citizen brings; {place} in the summary is filled in."""

    category: str
    type: str
    title: str
    summary: str
    answer: str = "已办理。"


@dataclass(frozen=True, slots=True)
class Deed:
    """One step. by: an account, or "unit" for the one that leads the case."""

    action: CaseAction
    by: str
    after: timedelta
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Life:
    """One kind of life; see living.toml."""

    name: str
    age: Mapping[str, int]
    deeds: tuple[Deed, ...]
    units: int = 1
    type: str = ""
    title: str = ""
    summary: str = ""
    draft: bool = False
    accused: bool = False
    needs_team: bool = False


#: The usual steps: by whom, how long after the one before, with what.
_USUAL: Mapping[CaseAction, tuple[str, str, Mapping[str, Any]]] = {
    A.DISPATCH: (
        "dispatch01", "9m",
        {"category": "@category", "lead": "@lead", "basis": "@basis", "redaction_checked": True},
    ),
    A.SIGN: ("unit", "50m", {}),
    A.NOTE_CONTACT: ("unit", "2h", {"how": "电话"}),
    A.REPLY: ("unit", "20h", {}),
    A.APPROVE_REPLY: ("callback01", "90m", {}),
    A.SATISFIED: ("callback01", "3h", {"satisfaction": "@content", "solved": "解决"}),
    A.DISSATISFIED: (
        "callback01", "3h", {"satisfaction": "不满意", "cause": "敷衍", "solved": "未解决"},
    ),
}  # fmt: skip
_REPLY: Mapping[str, Any] = {
    "demand_true": "是", "contacted": "已联系", "solved": "已解决", "handler": "经办人",
    "handling_detail": "已派人到现场处理，过程照片存档。", "public_reply": "@answer",
}  # fmt: skip


def read_lives() -> tuple[tuple[Matter, ...], tuple[Life, ...]]:
    """The matters and the lives of the file."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    matters = tuple(Matter(**entry) for entry in data["matters"])
    return matters, tuple(_life(entry) for entry in data["lives"])


def _life(entry: Mapping[str, Any]) -> Life:
    rest = {key: value for key, value in entry.items() if key not in {"path", "steps"}}
    usual = [_usual(CaseAction(word)) for word in entry.get("path", ())]
    return Life(**rest, deeds=(*usual, *(_deed(step) for step in entry.get("steps", ()))))


def _usual(action: CaseAction) -> Deed:
    by, after, given = _USUAL[action]
    return Deed(action, by, _duration(after), _REPLY if action is A.REPLY else given)


def _deed(step: Mapping[str, Any]) -> Deed:
    action = CaseAction(step["do"])
    usual = _usual(action).given if action in _USUAL else {}
    return Deed(action, step["by"], _duration(step["after"]), {**usual, **step.get("given", {})})


def _duration(text: str) -> timedelta:
    return timedelta(**{_UNITS_OF_TIME[text[-1]]: int(text[:-1])})


def begins_at(life: Life, now: datetime, days: WorkCalendar, random: Random) -> datetime:
    """When a life began: minutes ago, or in the morning some working days back."""
    if "minutes" in life.age:
        return now - timedelta(minutes=life.age["minutes"] + random.randrange(4))
    local = city_time(now)
    day = local.date() + timedelta(days=local.hour >= _EVENING_HOUR)
    for _ in range(life.age["days"]):
        day = _working_day_before(day, days)
    minutes = timedelta(minutes=random.randrange(50))
    return datetime.combine(day, _MORNING, CITY_TIME) + minutes


def _working_day_before(day: date, days: WorkCalendar) -> date:
    before = day - timedelta(days=1)
    while not days.is_working_day(before):
        before -= timedelta(days=1)
    return before


def times_of(deeds: Sequence[Deed], start: datetime, now: datetime) -> list[datetime]:
    """When each step was taken; none lies after now, and each comes after the one before."""
    at, times = start, []
    for number, deed in enumerate(deeds):
        at = min(at + deed.after, now - timedelta(minutes=len(deeds) - number))
        times.append(max(at, start))
    return times
