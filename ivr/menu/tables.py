"""Reads a TOML table field by field and tells every mistake with its file, line and place."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from core.errors import SettingWrong

Word = TypeVar("Word", bound=StrEnum)


class MenuFileWrong(SettingWrong):
    """The menu file holds a mistake; the message says in which line and what to write."""

    code = "menu_file_wrong"


@dataclass(frozen=True, slots=True)
class Source:
    """The text of the file, kept to find the line of a mistake."""

    name: str
    text: str

    def parse(self) -> dict[str, Any]:
        """The file as tables."""
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"at line (\d+)", str(error))
            line = int(place.group(1)) if place else self.text.count("\n") + 1
            raise self.wrong(line, "这一行不是合法的 TOML 写法") from error

    def wrong(self, line: int, what: str) -> MenuFileWrong:
        """The error to raise."""
        return MenuFileWrong(f"{self.name} 第 {line} 行：{what}", file=self.name, line=line)

    def line_of(self, table: str, key: str | None = None) -> int:
        """The line of a table's header, or of a key in it; 1 if it cannot be found."""
        inside, header = False, 1
        for number, line in enumerate(self.text.splitlines(), start=1):
            bare = line.split("#", 1)[0].strip()
            if bare.startswith("["):
                inside = bare.strip("[] ").replace('"', "") == table
                header = number if inside else header
            elif inside and key is not None and re.match(rf'"?{re.escape(key)}"?\s*=', bare):
                return number
        return header


@dataclass(slots=True)
class Table:
    """One table; every field must be taken before `done`, so that a misspelt one is noticed."""

    source: Source
    where: str
    raw: Mapping[str, Any]
    taken: set[str] = field(default_factory=set)

    def wrong(self, key: str | None, what: str) -> MenuFileWrong:
        """A mistake in this table."""
        return self.source.wrong(self.source.line_of(self.where, key), f"[{self.where}] {what}")

    def text(self, key: str, default: str | None = None) -> str:
        """A text field; required without a default."""
        value = self._take(key, default)
        if not isinstance(value, str) or not value:
            raise self.wrong(key, f"{key} 应当是文字")
        return value

    def maybe_text(self, key: str) -> str | None:
        """A text field that may be left out."""
        return self.text(key) if key in self.raw else None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty if left out."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            raise self.wrong(key, f'{key} 应当是文字列表，例如 ["menu_main"]')
        return tuple(value)

    def mapping(self, key: str) -> dict[str, str]:
        """A table of texts; empty if left out."""
        value = self._take(key, {})
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise self.wrong(key, f'{key} 应当写成 {{ 1 = "菜单名" }}')
        return value

    def number(self, key: str, default: float, *, least: float, most: float) -> float:
        """A number inside its limits."""
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, f"{key} 应当是数字")
        if not least <= value <= most:
            raise self.wrong(key, f"{key} 应当在 {least:g} 和 {most:g} 之间")
        return value

    def whole(self, key: str, default: int, *, least: int, most: int) -> int:
        """A whole number inside its limits."""
        value = self.number(key, default, least=least, most=most)
        if not isinstance(value, int):
            raise self.wrong(key, f"{key} 应当是整数")
        return value

    def flag(self, key: str) -> bool:
        """true or false; false if left out."""
        value = self._take(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, f"{key} 应当是 true 或 false")
        return value

    def word(self, key: str, words: type[Word], default: Word | None = None) -> Word:
        """One of a fixed set of words."""
        value = self._take(key, default)
        try:
            return words(str(value))
        except ValueError as error:
            known = "、".join(word.value for word in words)
            raise self.wrong(key, f"{key} 只能是：{known}") from error

    def tables(self, key: str) -> Iterable[tuple[str, "Table"]]:
        """The tables inside, by name."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"{key} 应当是表")
        prefix = f"{self.where}.{key}" if self.where else key
        for name, inner in value.items():
            if not isinstance(inner, dict):
                raise self.wrong(key, f"{prefix}.{name} 应当是表，写成 [{prefix}.{name}]")
            yield name, Table(self.source, f"{prefix}.{name}", inner)

    def table(self, key: str) -> "Table":
        """One table inside; an empty one if left out."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"{key} 应当是表，写成 [{key}]")
        return Table(self.source, key, value)

    def done(self) -> None:
        """Refuse whatever was not asked for."""
        for key in self.raw:
            if key not in self.taken:
                raise self.wrong(key, f"不认识的字段 {key}")

    def _take(self, key: str, default: object) -> object:
        self.taken.add(key)
        value = self.raw.get(key, default)
        if value is None:
            raise self.wrong(None, f"缺少 {key}")
        return value
