"""What somebody looks for among the cases, read from a form, a saved view or the API; pure."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from core.domain.cases import CaseStatus, CaseType, Channel
from core.errors import InputRefused
from core.vault import normalise_phone

DEFAULT_ROWS, MOST_ROWS = 50, 100
#: Beyond so many, the answer says "more than"; counting on would cost more than it tells.
COUNTED = 100
_MOST_WORDS, _LONGEST_WORD = 6, 40
_SHORTEST_WORD = 2
_NUMBER = re.compile(r"20\d{2,11}")
_PHONE = re.compile(r"(?:\+?86|0086)?[ -]?(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}[ -]?\d{7,8})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins: after this case."""

    created_at: datetime
    case_id: str

    def as_text(self) -> str:
        raw = f"{self.created_at.isoformat()}|{self.case_id}"
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    @classmethod
    def from_text(cls, text: str) -> "Cursor":
        """Raises InputRefused for a cursor that is not ours."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
            instant, case_id = raw.split("|")
            created_at = datetime.fromisoformat(instant)
        except (ValueError, binascii.Error) as error:
            raise InputRefused("翻页位置无效，请重新查询") from error
        if created_at.tzinfo is None:
            raise InputRefused("翻页位置无效，请重新查询")
        return cls(created_at, case_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """Every condition must hold; an empty one says nothing. words: each must occur.

    number: whole or its beginning; phone: only whole; unit: the department's id.
    """

    number: str = ""
    phone: str = ""
    words: tuple[str, ...] = ()
    place: str = ""
    first_day: date | None = None
    last_day: date | None = None
    unit: str = ""
    statuses: tuple[CaseStatus, ...] = ()
    case_types: tuple[CaseType, ...] = ()
    channel: Channel | None = None
    overdue: bool = False
    after: Cursor | None = None
    limit: int = DEFAULT_ROWS

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that is looked for in free text."""
        return (*self.words, self.place) if self.place else self.words

    def to_keep(self) -> dict[str, Any]:
        """As a saved view keeps it: without a telephone number and without a page."""
        kept: dict[str, Any] = {
            "number": self.number,
            "words": " ".join(self.words),
            "place": self.place,
            "first_day": self.first_day.isoformat() if self.first_day else "",
            "last_day": self.last_day.isoformat() if self.last_day else "",
            "unit": self.unit,
            "status": [status.value for status in self.statuses],
            "case_type": [kind.value for kind in self.case_types],
            "channel": self.channel.value if self.channel else "",
            "overdue": "1" if self.overdue else "",
        }
        return {name: value for name, value in kept.items() if value}


def read_query(given: Mapping[str, Any]) -> SearchQuery:
    """The query of a form. `q` is one box for number, telephone or words. Raises InputRefused."""
    box = _box(_text(given, "q"))
    number = _text(given, "number") or box.number
    if number and not re.fullmatch(r"\d{4,13}", number):
        raise InputRefused("工单编号应为 4 到 13 位数字")
    phone = normalise_phone(_text(given, "phone")) or box.phone
    query = SearchQuery(
        number=number,
        phone=phone,
        words=(*_words(_text(given, "words")), *box.words),
        place=_word(_text(given, "place")),
        first_day=_day(given, "first_day"),
        last_day=_day(given, "last_day"),
        unit=_text(given, "unit"),
        statuses=tuple(_status(text) for text in _many(given, "status")),
        case_types=tuple(_case_type(text) for text in _many(given, "case_type")),
        channel=_channel(_text(given, "channel")),
        overdue=_text(given, "overdue") in {"1", "true", "on"},
        after=Cursor.from_text(_text(given, "after")) if _text(given, "after") else None,
        limit=_limit(_text(given, "limit")),
    )
    if query.first_day and query.last_day and query.first_day > query.last_day:
        raise InputRefused("起始日期不能晚于截止日期")
    return query


def next_page(query: SearchQuery, last: Cursor) -> SearchQuery:
    """The same query after this case."""
    return replace(query, after=last)


def pairs_of(word: str) -> list[int]:
    """The neighbouring characters of a word as the index holds them (migration 0007)."""
    plain = word.lower()
    return sorted(
        {
            ord(one) << 21 | ord(following)
            for one, following in pairwise(plain)
            if one != " " and following != " "
        }
    )


def _box(text: str) -> SearchQuery:
    """What the one box means: a number, a telephone, else words."""
    if _NUMBER.fullmatch(text):
        return SearchQuery(number=text)
    if _PHONE.fullmatch(text):
        return SearchQuery(phone=normalise_phone(text))
    return SearchQuery(words=_words(text))


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    return str(value).strip() if value is not None else ""


def _many(given: Mapping[str, Any], name: str) -> Iterable[str]:
    """All values of a name: a multi-dict, a list, or words with commas."""
    getall = getattr(given, "getall", None)
    values = getall(name, []) if getall is not None else given.get(name) or []
    texts = [values] if isinstance(values, str) else list(values)
    return [part.strip() for text in texts for part in str(text).split(",") if part.strip()]


def _words(text: str) -> tuple[str, ...]:
    words = tuple(_word(word) for word in text.split())
    if len(words) > _MOST_WORDS:
        raise InputRefused("查询词过多，请不要超过六个")
    return words


def _word(word: str) -> str:
    if word and len(word) < _SHORTEST_WORD:
        raise InputRefused("每个查询词至少两个字")
    if len(word) > _LONGEST_WORD:
        raise InputRefused("查询词过长，请缩短到四十个字以内")
    return word.lower()


def _day(given: Mapping[str, Any], name: str) -> date | None:
    text = _text(given, name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputRefused("日期格式应为 年-月-日", field=name) from error


def _status(text: str) -> CaseStatus:
    try:
        return CaseStatus(text)
    except ValueError as error:
        raise InputRefused("没有这种工单状态", field="status") from error


def _case_type(text: str) -> CaseType:
    try:
        return CaseType(text)
    except ValueError as error:
        raise InputRefused("没有这种诉求类型", field="case_type") from error


def _channel(text: str) -> Channel | None:
    if not text:
        return None
    try:
        return Channel(text)
    except ValueError as error:
        raise InputRefused("没有这种受理渠道", field="channel") from error


def _limit(text: str) -> int:
    if not text:
        return DEFAULT_ROWS
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_ROWS:
        raise InputRefused("每页行数应在 1 到 100 之间", field="limit")
    return int(text)
