"""Search among the cases: by number, telephone, words, place, dates, unit, state; page by page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from core.auth import Permission, Principal
from core.clock import CITY_TIME
from core.db.repos.case_views import Sight, may_see, views_of
from core.db.tables.cases import CaseRow, DepartmentRow
from core.domain.case_views import CaseView
from core.domain.cases import FINAL
from core.domain.masking import ContentShown, masking_for
from core.domain.searches import COUNTED, Cursor, SearchQuery, pairs_of
from core.errors import NotAllowed

_NUMBER_LENGTH = 13
_FINAL = [status.value for status in FINAL]
#: Newest first: look at the last weeks before all years, most searches end there.
_WINDOWS = (timedelta(days=31), timedelta(days=186), None)
#: How often more rows are fetched when the mask has taken too many of them away.
_MOST_FETCHES = 5


@dataclass(frozen=True, slots=True)
class Found:
    """A page of cases. total: how many there are, None when that is not told.

    counted_out: there are more than `total`. after: where the next page begins, "" at the end.
    """

    cases: list[CaseView]
    total: int | None
    counted_out: bool
    after: str


async def search_cases(
    session: AsyncSession, sight: Sight, query: SearchQuery, now: datetime
) -> Found:
    """The page of a query as this person may see it. Raises NotAllowed for a foreign telephone.

    Whoever sees texts masked finds only by what the mask leaves, and is told no totals: else a
    search for a name would answer whether it stands in a case.
    """
    check_phone_search(sight.principal, query)
    # The words decide which index serves: a plan made for any words serves none.
    await session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    conditions = await _conditions(session, sight, query, now)
    if _sees_masked(sight.principal) and query.texts:
        return await _masked_page(session, sight, query, conditions)
    rows = await _page(session, query, conditions, now)
    views = await views_of(session, sight, rows[: query.limit])
    total = await _count(session, conditions)
    return Found(views, min(total, COUNTED), total > COUNTED, _after(rows, query.limit))


def check_phone_search(principal: Principal, query: SearchQuery) -> None:
    """Only who may open a number, or took the call, looks for one. Raises NotAllowed."""
    allowed = principal.can(Permission.REVEAL_PHONE) or principal.can(Permission.TAKE_CALLS)
    if query.phone and not allowed:
        raise NotAllowed("您的岗位不能按电话号码查询")


def _sees_masked(principal: Principal) -> bool:
    return masking_for(principal.role, confidential=False).content is not ContentShown.FULL


async def _masked_page(
    session: AsyncSession,
    sight: Sight,
    query: SearchQuery,
    conditions: Sequence[ColumnElement[bool]],
) -> Found:
    """Rows until a page of them still shows every word after masking."""
    kept: list[CaseView] = []
    after = query.after
    for _ in range(_MOST_FETCHES):
        where = [*conditions, _beyond(after)] if after else conditions
        rows = (await session.scalars(_select(where, query.limit))).all()
        for row, view in zip(rows, await views_of(session, sight, rows), strict=True):
            after = Cursor(row.created_at, row.id)
            if _still_shows(view, query):
                kept.append(view)
            if len(kept) == query.limit:
                return Found(kept, None, True, after.as_text())
        if len(rows) < query.limit:
            return Found(kept, None, False, "")
    return Found(kept, None, True, after.as_text() if after else "")


def _still_shows(view: CaseView, query: SearchQuery) -> bool:
    shown = f"{view.title} {view.content} {view.place_text}".lower()
    place = query.place
    return all(word in shown for word in query.words) and place in view.place_text.lower()


async def _page(
    session: AsyncSession,
    query: SearchQuery,
    conditions: Sequence[ColumnElement[bool]],
    now: datetime,
) -> Sequence[CaseRow]:
    """One row more than a page, from the narrowest window that fills it."""
    rows: Sequence[CaseRow] = []
    for window in _windows(query):
        where = list(conditions)
        if query.after is not None:
            where.append(_beyond(query.after))
        if window is not None:
            newest = query.after.created_at if query.after else now
            where.append(CaseRow.created_at >= newest - window)
        rows = (await session.scalars(_select(where, query.limit + 1))).all()
        if len(rows) > query.limit:
            break
    return rows


def _windows(query: SearchQuery) -> Iterator[timedelta | None]:
    if query.texts and not query.first_day and not query.last_day:
        yield from _WINDOWS
    else:
        yield None


def _select(where: Sequence[ColumnElement[bool]], limit: int) -> Select[CaseRow]:
    return (
        select(CaseRow)
        .options(defer(CaseRow.fields, raiseload=True))
        .where(*where)
        .order_by(CaseRow.created_at.desc(), CaseRow.id.desc())
        .limit(limit)
    )


async def _count(session: AsyncSession, conditions: Sequence[ColumnElement[bool]]) -> int:
    some = select(literal(1)).select_from(CaseRow).where(*conditions).limit(COUNTED + 1)
    return await session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _beyond(cursor: Cursor) -> ColumnElement[bool]:
    place = tuple_(CaseRow.created_at, CaseRow.id)
    return place < tuple_(literal(cursor.created_at), literal(cursor.case_id))


def _after(rows: Sequence[CaseRow], limit: int) -> str:
    if len(rows) <= limit:
        return ""
    last = rows[limit - 1]
    return Cursor(last.created_at, last.id).as_text()


async def _conditions(
    session: AsyncSession, sight: Sight, query: SearchQuery, now: datetime
) -> list[ColumnElement[bool]]:
    conditions = [CaseRow.number.is_not(None), await may_see(session, sight.principal)]
    if query.number:
        conditions.append(_numbered(query.number))
    if query.phone:
        hashed = sight.vault.fingerprint(query.phone)
        conditions.append(or_(CaseRow.caller_hash == hashed, CaseRow.phone_hash == hashed))
    if query.unit:
        unit = await session.get(DepartmentRow, query.unit)
        conditions.append(CaseRow.department == (unit.name if unit else query.unit))
    conditions += _in_text(query)
    conditions += _plain_conditions(query, now)
    return conditions


def _numbered(number: str) -> ColumnElement[bool]:
    """A beginning is a range of numbers of the same length, whatever the collation."""
    if len(number) == _NUMBER_LENGTH:
        return CaseRow.number == number
    first, last = number.ljust(_NUMBER_LENGTH, "0"), number.ljust(_NUMBER_LENGTH, "9")
    return CaseRow.number.between(first, last)


def _in_text(query: SearchQuery) -> list[ColumnElement[bool]]:
    if not query.texts:
        return []
    # Written exactly as in the index (migration 0005), or the planner does not see it.
    space: ColumnElement[str] = literal_column("' '")
    whole = CaseRow.title.op("||")(space).op("||")(CaseRow.content)
    whole = whole.op("||")(space).op("||")(CaseRow.place_text)
    pairs = sorted({pair for word in query.texts for pair in pairs_of(word)})
    found: list[ColumnElement[bool]] = [
        func.text_pairs(whole).op("@>")(literal(pairs, ARRAY(BIGINT)))
    ]
    found += [func.lower(whole).contains(word, autoescape=True) for word in query.words]
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
