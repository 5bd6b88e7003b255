"""How a search is carried out: its conditions, and how far back to look first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func, literal, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT
from sqlalchemy.ext.asyncio import AsyncSession

from core.auth import Permission
from core.clock import CITY_TIME
from core.db.repos.case_views import Sight, own_family, visible
from core.db.tables.cases import CaseRow, DepartmentRow
from core.db.tables.handling import LegRow
from core.domain.cases import FINAL
from core.domain.searches import COUNTED, Cursor, SearchQuery, pairs_of

NEWEST = (CaseRow.created_at.desc(), CaseRow.id.desc())
_NUMBER_LENGTH = 13
_FINAL = [status.value for status in FINAL]
#: So many of the newest cases are asked how common the words are.
_PROBE = 2_000
#: Words in a larger share of the cases are found by walking, rarer ones by the index of pairs.
_COMMON = 0.02
#: A first window is laid for so many times the rows that are wanted, the second is wider.
_ROOM, _WIDER = 3, 4
#: A window longer than this is no shorter than looking at everything.
_LONGEST_WINDOW = 400.0
_UNIT_PROBE = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Search:
    """A query ready to be carried out. windows: instants to look back to, None for all years."""

    sight: Sight
    query: SearchQuery
    family: Sequence[str]
    fixed: Sequence[ColumnElement[bool]]
    windows: Sequence[datetime | None]

    def conditions(self, since: datetime | None) -> list[ColumnElement[bool]]:
        """Everything that must hold within one window."""
        found = [visible(self.sight.principal, self.family, since=since), *self.fixed]
        if since is not None:
            found.append(CaseRow.created_at >= since)
        if self.query.after is not None:
            found.append(_beyond(self.query.after))
        return found

    def going_on(self, after: Cursor, windows: Sequence[datetime | None]) -> "Search":
        """The same search after this case, no narrower than before."""
        return replace(self, query=replace(self.query, after=after), windows=windows)


async def plan_search(
    session: AsyncSession, sight: Sight, query: SearchQuery, now: datetime
) -> Search:
    """Decide by how common the words are among the newest cases, and by how busy the unit is."""
    newest = query.after.created_at if query.after else now
    fixed = await _conditions(session, sight, query, now)
    share, per_day = 1.0, None
    if query.texts:
        share, per_day = await _how_common(session, query, newest)
        fixed += _like(query)
        if share < _COMMON:
            fixed.append(_has_pairs(query))
    if sight.principal.can(Permission.SEE_UNIT_CASES):
        per_day = await _unit_per_day(session, sight.principal.department_id or "", newest)
    windows = _windows(newest, share, per_day)
    family = await own_family(session, sight.principal)
    return Search(sight, query, family, fixed, windows)


def _windows(newest: datetime, share: float, per_day: float | None) -> tuple[datetime | None, ...]:
    """Back to where enough matches are expected; then wider; then everything."""
    if per_day is None or share * per_day <= 0:
        return (None,)
    days = _ROOM * COUNTED / (share * per_day)
    if days > _LONGEST_WINDOW:
        return (None,)
    return newest - timedelta(days=days), newest - timedelta(days=_WIDER * days), None


async def _unit_per_day(session: AsyncSession, department_id: str, newest: datetime) -> float:
    query = select(func.count()).where(
        LegRow.department_id == department_id,
        LegRow.dispatched_at >= newest - _UNIT_PROBE,
        LegRow.dispatched_at <= newest,
    )
    return float(await session.scalar(query) or 0) / _UNIT_PROBE.days


async def _how_common(
    session: AsyncSession, query: SearchQuery, newest: datetime
) -> tuple[float, float]:
    """The share of the newest cases that hold the words, and how many cases a day brings."""
    some = (
        select(CaseRow.created_at, and_(*_like(query)).label("holds"))
        .where(CaseRow.created_at <= newest)
        .order_by(CaseRow.created_at.desc())
        .limit(_PROBE)
        .subquery()
    )
    counted = select(
        func.count(),
        func.count().filter(some.c.holds),
        func.extract("epoch", func.max(some.c.created_at) - func.min(some.c.created_at)),
    )
    rows, holding, seconds = (await session.execute(counted)).one()
    days = max(float(seconds or 0) / 86_400, 0.01)
    return (holding / rows if rows else 0.0), max(rows / days, 0.01)


def _beyond(cursor: Cursor) -> ColumnElement[bool]:
    place = tuple_(CaseRow.created_at, CaseRow.id)
    return place < tuple_(literal(cursor.created_at), literal(cursor.case_id))


async def _conditions(
    session: AsyncSession, sight: Sight, query: SearchQuery, now: datetime
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [CaseRow.number.is_not(None)]
    if query.number:
        found.append(_numbered(query.number))
    if query.phone:
        hashed = sight.vault.fingerprint(query.phone)
        found.append(or_(CaseRow.caller_hash == hashed, CaseRow.phone_hash == hashed))
    if query.unit:
        unit = await session.get(DepartmentRow, query.unit)
        found.append(CaseRow.department == (unit.name if unit else query.unit))
    return found + _plain_conditions(query, now)


def _numbered(number: str) -> ColumnElement[bool]:
    """A beginning is a range of numbers of the same length, whatever the collation."""
    if len(number) == _NUMBER_LENGTH:
        return CaseRow.number == number
    first, last = number.ljust(_NUMBER_LENGTH, "0"), number.ljust(_NUMBER_LENGTH, "9")
    return CaseRow.number.between(first, last)


def _text_of_case() -> ColumnElement[str]:
    """Written exactly as in the index (migration 0007), or the planner does not see it."""
    space: ColumnElement[str] = literal_column("' '")
    whole = CaseRow.title.op("||")(space).op("||")(CaseRow.content)
    return whole.op("||")(space).op("||")(CaseRow.place_text)


def _has_pairs(query: SearchQuery) -> ColumnElement[bool]:
    pairs = sorted({pair for word in query.texts for pair in pairs_of(word)})
    return func.text_pairs(_text_of_case()).op("@>")(literal(pairs, ARRAY(BIGINT)))


def _like(query: SearchQuery) -> list[ColumnElement[bool]]:
    whole = func.lower(_text_of_case())
    found: list[ColumnElement[bool]] = [
        whole.contains(word, autoescape=True) for word in query.words
    ]
    if query.place:
        found.append(func.lower(CaseRow.place_text).contains(query.place, autoescape=True))
    return found


def _plain_conditions(query: SearchQuery, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.first_day:
        found.append(CaseRow.created_at >= datetime.combine(query.first_day, time.min, CITY_TIME))
    if query.last_day:
        end = query.last_day + timedelta(days=1)
        found.append(CaseRow.created_at < datetime.combine(end, time.min, CITY_TIME))
    if query.statuses:
        found.append(CaseRow.status.in_([status.value for status in query.statuses]))
    if query.case_types:
        found.append(CaseRow.case_type.in_([kind.value for kind in query.case_types]))
    if query.channel:
        found.append(CaseRow.channel == query.channel.value)
    if query.overdue:
        open_and_late = and_(CaseRow.closed_at.is_(None), CaseRow.due_at < now)
        found += [open_and_late, CaseRow.status.not_in(_FINAL)]
    return found
