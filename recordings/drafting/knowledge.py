"""What a city tells the drafting: its places, departments, matters and earlier cases."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import InputRefused


class KnowledgeRefused(InputRefused):
    """A knowledge file that cannot be used; says which line and column."""

    code = "knowledge_refused"


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the gazetteer. parent is the name of the town or city it lies in."""

    id: str
    name: str
    kind: str
    parent: str = ""
    lat: float | None = None
    lon: float | None = None
    aliases: tuple[str, ...] = ()
    pinyin: tuple[str, ...] = ()
    desc: str = ""
    in_jurisdiction: bool = True
    grid: str = ""


@dataclass(frozen=True, slots=True)
class Department:
    """Who may have to act, and the words its matters are told in."""

    name: str
    kind: str = ""
    duties: str = ""
    categories: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PastCase:
    """An earlier case, as far as drafting learns from it."""

    id: str
    text: str
    case_type: str = ""
    category: tuple[str, str] = ("", "")
    department: str = ""
    place: str = ""
    town: str = ""
    lat: float | None = None
    lon: float | None = None
    created_at: datetime | None = None
    status: str = ""


@dataclass(frozen=True)
class Knowledge:
    """Everything about one city, as data."""

    places: tuple[Place, ...] = ()
    departments: tuple[Department, ...] = ()
    taxonomy: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    history: tuple[PastCase, ...] = ()

    @property
    def categories(self) -> tuple[tuple[str, str], ...]:
        return tuple((top, low) for top, lows in self.taxonomy.items() for low in lows)


def load_knowledge(folder: Path) -> Knowledge:
    """Read gazetteer, departments, taxonomy and history of a folder; a missing file is empty."""
    return Knowledge(
        places=read_gazetteer(_text(folder / "gazetteer.json"), "gazetteer.json"),
        departments=read_departments(_text(folder / "departments.json"), "departments.json"),
        taxonomy=read_taxonomy(_text(folder / "taxonomy.json"), "taxonomy.json"),
        history=read_history(_text(folder / "history.jsonl"), "history.jsonl"),
    )


def read_gazetteer(text: str, source: str = "gazetteer") -> tuple[Place, ...]:
    """Places of a JSON list or of JSON lines."""
    return tuple(_place(row, where) for row, where in _rows(text, source))


def read_departments(text: str, source: str = "departments") -> tuple[Department, ...]:
    """Departments of a JSON list or of JSON lines."""
    return tuple(_department(row, where) for row, where in _rows(text, source))


def read_taxonomy(text: str, source: str = "taxonomy") -> dict[str, tuple[str, ...]]:
    """Level one -> its level two names."""
    if not text.strip():
        return {}
    data = _parse(text, source, 0)
    if not isinstance(data, dict):
        raise _refused(source, 1, 1, "应为“一级类别: [二级类别]”的对象")
    for top, lows in data.items():
        if not isinstance(lows, list) or not all(isinstance(low, str) for low in lows):
            line, column = _find(text, top)
            raise _refused(source, line, column, f"“{top}”需要二级类别名称的列表")
    return {top: tuple(lows) for top, lows in data.items()}


def read_history(text: str, source: str = "history") -> tuple[PastCase, ...]:
    """Earlier cases, one JSON object a line."""
    return tuple(_past_case(row, where) for row, where in _rows(text, source))


@dataclass(frozen=True, slots=True)
class _Where:
    """A row's place in its file, to name it in an error."""

    source: str
    line: int

    def need(self, row: Mapping[str, Any], name: str, kind: type) -> Any:
        value = row.get(name)
        if not isinstance(value, kind) or value == "":
            raise _refused(self.source, self.line, 1, f"缺少“{name}”或类型不对")
        return value

    def words(self, row: Mapping[str, Any], name: str) -> tuple[str, ...]:
        value = row.get(name) or []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise _refused(self.source, self.line, 1, f"“{name}”应为文字列表")
        return tuple(value)

    def degrees(self, row: Mapping[str, Any], name: str, limit: float) -> float | None:
        value = row.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > limit:
            raise _refused(self.source, self.line, 1, f"“{name}”不是经纬度：{value!r}")
        return float(value)


def _place(row: Mapping[str, Any], where: _Where) -> Place:
    return Place(
        id=str(where.need(row, "id", str)),
        name=where.need(row, "name", str),
        kind=where.need(row, "kind", str),
        parent=row.get("parent") or "",
        lat=where.degrees(row, "lat", 90),
        lon=where.degrees(row, "lon", 180),
        aliases=where.words(row, "aliases"),
        pinyin=where.words(row, "pinyin"),
        desc=row.get("desc") or "",
        in_jurisdiction=bool(row.get("in_jurisdiction", True)),
        grid=row.get("grid") or "",
    )


def _department(row: Mapping[str, Any], where: _Where) -> Department:
    return Department(
        name=where.need(row, "name", str),
        kind=row.get("kind") or "",
        duties=row.get("duties") or "",
        categories=where.words(row, "categories"),
        keywords=where.words(row, "keywords"),
    )


def _past_case(row: Mapping[str, Any], where: _Where) -> PastCase:
    category = where.words(row, "category")
    created = row.get("created_at")
    try:
        created_at = datetime.fromisoformat(created) if created else None
    except (TypeError, ValueError) as error:
        raise _refused(where.source, where.line, 1, f"“created_at”不是时间：{error}") from error
    return PastCase(
        id=str(where.need(row, "id", str)),
        text=where.need(row, "text", str),
        case_type=row.get("case_type") or "",
        category=(category[0], category[1]) if len(category) > 1 else ("", ""),
        department=row.get("department") or "",
        place=row.get("place") or "",
        town=row.get("town") or "",
        lat=where.degrees(row, "lat", 90),
        lon=where.degrees(row, "lon", 180),
        created_at=created_at,
        status=row.get("status") or "",
    )


def _rows(text: str, source: str) -> Iterable[tuple[Mapping[str, Any], _Where]]:
    if not text.strip():
        return []
    if text.lstrip().startswith("["):
        return _list_rows(text, source)
    return _line_rows(text, source)


def _list_rows(text: str, source: str) -> Iterable[tuple[Mapping[str, Any], _Where]]:
    """Rows of a JSON list, decoded one by one so that each knows its line."""
    _parse(text, source, 0)
    decoder = json.JSONDecoder()
    at = text.index("[") + 1
    line, counted = 1, 0
    while True:
        while text[at] in " \t\r\n,":
            at += 1
        if text[at] == "]":
            return
        line += text.count("\n", counted, at)
        counted = at
        row, at = decoder.raw_decode(text, at)
        if not isinstance(row, dict):
            raise _refused(source, line, 1, "应为一个对象")
        yield row, _Where(source, line)


def _line_rows(text: str, source: str) -> Iterable[tuple[Mapping[str, Any], _Where]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            row = _parse(line, source, number - 1)
            if not isinstance(row, dict):
                raise _refused(source, number, 1, "应为一个对象")
            yield row, _Where(source, number)


def _parse(text: str, source: str, lines_before: int) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _refused(source, lines_before + error.lineno, error.colno, error.msg) from error


def _find(text: str, word: str) -> tuple[int, int]:
    at = max(0, text.find(word))
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _refused(source: str, line: int, column: int, why: str) -> KnowledgeRefused:
    message = f"{source} 第 {line} 行第 {column} 列：{why}"
    return KnowledgeRefused(message, source=source, line=line, column=column)
