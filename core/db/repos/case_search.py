"""Search among the cases: by number, telephone, words, place, dates, unit, state; page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from core.auth import Permission, Principal
from core.db.repos.case_views import Sight, views_of
from core.db.repos.search_plans import NEWEST, Search, plan_search
from core.db.tables.cases import CaseRow
from core.domain.case_views import CaseView
from core.domain.masking import ContentShown, masking_for
from core.domain.searches import COUNTED, Cursor, SearchQuery
from core.errors import NotAllowed

#: How often more rows are fetched when the mask has taken too many of them away.
_MOST_FETCHES, _SPARE = 5, 10
#: The words decide which index serves: a plan made for any words serves none. A bitmap that does
#: not fit its memory makes the server read texts again.
_FOR_SEARCH = text(
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true),"
    " set_config('work_mem', '64MB', true), set_config('random_page_cost', '1.1', true),"
    " set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)"
)


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
    await session.execute(_FOR_SEARCH)
    search = await plan_search(session, sight, query, now)
    if _sees_masked(sight.principal) and query.texts:
        return await _masked_page(session, sight, search)
    keys, _ = await _keys(session, search, max(query.limit, COUNTED) + 1)
    shown = await _rows(session, keys[: query.limit])
    total = min(len(keys), COUNTED) if query.after is None else None
    after = keys[query.limit - 1].as_text() if len(keys) > query.limit else ""
    return Found(await views_of(session, sight, shown), total, len(keys) > COUNTED, after)


def check_phone_search(principal: Principal, query: SearchQuery) -> None:
    """Only who may open a number, or took the call, looks for one. Raises NotAllowed."""
    allowed = principal.can(Permission.REVEAL_PHONE) or principal.can(Permission.TAKE_CALLS)
    if query.phone and not allowed:
        raise NotAllowed("您的岗位不能按电话号码查询")


def _sees_masked(principal: Principal) -> bool:
    return masking_for(principal.role, confidential=False).content is not ContentShown.FULL


async def _masked_page(session: AsyncSession, sight: Sight, search: Search) -> Found:
    """Rows until a page of them still shows every word after masking."""
    kept: list[CaseView] = []
    query, after = search.query, search.query.after
    batch = query.limit + _SPARE
    for _ in range(_MOST_FETCHES):
        keys, windows = await _keys(session, search, batch)
        for view in await views_of(session, sight, await _rows(session, keys)):
            after = Cursor(view.created_at, view.id)
            if _still_shows(view, query):
                kept.append(view)
            if len(kept) == query.limit:
                return Found(kept, None, True, after.as_text())
        if len(keys) < batch or after is None:
            return Found(kept, None, False, "")
        search = search.going_on(after, windows)
    return Found(kept, None, True, after.as_text() if after else "")


def _still_shows(view: CaseView, query: SearchQuery) -> bool:
    shown = f"{view.title} {view.content} {view.place_text}".lower()
    place = query.place
    return all(word in shown for word in query.words) and place in view.place_text.lower()


async def _keys(
    session: AsyncSession, search: Search, limit: int
) -> tuple[list[Cursor], Sequence[datetime | None]]:
    """The newest cases that match, and the windows from the one on that had enough of them."""
    keys: list[Cursor] = []
    windows = list(search.windows)
    while windows:
        where = search.conditions(windows[0])
        query = select(CaseRow.created_at, CaseRow.id).where(*where).order_by(*NEWEST).limit(limit)
        keys = [Cursor(row[0], row[1]) for row in (await session.execute(query)).all()]
        if len(keys) == limit:
            break
        windows.pop(0)
    return keys, windows


async def _rows(session: AsyncSession, keys: Sequence[Cursor]) -> Sequence[CaseRow]:
    query = (
        select(CaseRow)
        .options(defer(CaseRow.fields, raiseload=True))
        .where(CaseRow.id.in_([key.case_id for key in keys]))
        .order_by(*NEWEST)
    )
    return (await session.scalars(query)).all()
