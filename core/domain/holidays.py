"""Reads a list of days off and working weekend days, as it is published or typed."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from core.domain.workdays import DayKind
from core.errors import InputRefused

DAY_WORDS: Mapping[str, DayKind] = {
    "休": DayKind.OFF,
    "班": DayKind.WORK,
    "上午班": DayKind.WORK_AM,
    "下午班": DayKind.WORK_PM,
}
_MOST_DAYS = 400
_PARTS = 3
NamedDay = tuple[DayKind, str]


def read_days(text: str) -> dict[date, NamedDay]:
    """Days of a list: lines like "2027-01-01 休 元旦", or JSON with days[{date, isOffDay, name}].

    Raises InputRefused, naming the line that cannot be read.
    """
    entries = list(_from_json(text) if text.lstrip().startswith("{") else _from_lines(text))
    if not entries:
        raise InputRefused("没有读到任何日期", fields=["text"])
    if len(entries) > _MOST_DAYS:
        raise InputRefused("一次最多导入四百天", fields=["text"])
    return dict(entries)


def _from_lines(text: str) -> Iterator[tuple[date, NamedDay]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        parts = line.split(maxsplit=_PARTS - 1)
        if len(parts) != _PARTS or parts[1] not in DAY_WORDS:
            raise InputRefused(
                f"第 {number} 行应为“日期 休/班/上午班/下午班 名称”", fields=["text"]
            )
        yield _day(parts[0], f"第 {number} 行"), (DAY_WORDS[parts[1]], parts[2].strip())


def _from_json(text: str) -> Iterator[tuple[date, NamedDay]]:
    try:
        days = json.loads(text)["days"]
        rows = [(entry["date"], entry["isOffDay"], entry["name"]) for entry in days]
    except (ValueError, KeyError, TypeError) as error:
        raise InputRefused("不是有效的节假日 JSON", fields=["text"]) from error
    for number, (day, is_off, name) in enumerate(rows, 1):
        kind = DayKind.OFF if is_off is True else DayKind.WORK
        yield _day(day, f"第 {number} 项"), (kind, str(name)[:50])


def _day(value: Any, where: str) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise InputRefused(f"{where}的日期不正确", fields=["text"]) from error
