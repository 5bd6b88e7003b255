"""The dispatcher's worklists: the pool, returns, requests, conferences, tasks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, TypedDict

from aiohttp import web
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_ui.i18n import mark
from agent_ui.web import deps_of, log_in_of, page
from agent_ui.worklist import ROWS_A_PAGE, Paging, Row, page_number, paging, rows_of
from core.clock import city_time
from core.db.repos import worklists
from core.db.repos.case_history import names_of_units
from core.db.repos.case_views import Sight, visible_cases
from core.db.tables.cases import CaseRow
from core.domain.cases import CaseStatus
from routing.api import Suggestion, suggestions_for_many

_S = CaseStatus
#: The dispatcher's lists that are made of cases: address, name, what it is for, states.
LISTS: Final[Mapping[str, tuple[str, str, tuple[CaseStatus, ...]]]] = {
    "/dispatch": (mark("待派遣"), mark("特急在前，等得久的在前"), (_S.PENDING_ANALYSE,)),
    "/dispatch/returns": (
        mark("退单待审"), mark("双方理由都看过再裁定，时限一直在走"), (_S.RETURN_REVIEW,),
    ),
    "/dispatch/conferences": (mark("疑难会商"), mark("会商决定有约束力"), (_S.CONSULT,)),
    "/dispatch/tasks": (
        mark("核实核查"), mark("监督员现场核实和核查"), (_S.PENDING_VERIFY, _S.PENDING_CHECK),
    ),
    "/dispatch/waiting": (mark("待补充"), mark("等受理岗联系诉求人补充"), (_S.PENDING_INFO,)),
    "/dispatch/paused": (
        mark("挂账与调解"), mark("时限暂停的工单"), (_S.SUSPENDED, _S.MEDIATION),
    ),
}  # fmt: skip
REQUESTS: Final = "/dispatch/requests"
#: What departments ask for and the centre rules on.
REQUEST_KINDS: Final = (
    "EXTENSION",
    "SUSPENSION",
    "UNREASONABLE",
    "TERMINATION",
    "REOPEN",
    "APPEAL",
)


async def cases(request: web.Request) -> web.StreamResponse:
    """One of the lists of cases; which one, its address says."""
    deps, principal = deps_of(request), log_in_of(request).principal
    name, about, states = LISTS[request.path]
    async with deps.database.sessions() as session:
        sight = Sight(principal, deps.vault)
        shown = await list_values(request, session, sight, worklists.in_states(*states))
        values = {
            **shown, "name": name, "about": about, "tabs": await tabs(session),
            "here": request.path, "hints": await _hints(session, shown["rows"], deps.clock.now()),
        }  # fmt: skip
    return page(request, "dispatch/list.html", values)


async def _hints(
    session: AsyncSession, rows: Sequence[Row], now: datetime
) -> Mapping[str, Suggestion]:
    """Who should act on each case that waits in the pool."""
    pool = [row.case.id for row in rows if row.case.status == _S.PENDING_ANALYSE.value]
    cases = (await session.scalars(worklists.by_ids(pool))).all() if pool else []
    found = await suggestions_for_many(session, cases, city_time(now).date())
    return {key: hints[0] for key, hints in found.items() if hints}


async def requests(request: web.Request) -> web.StreamResponse:
    """Extensions, suspensions, unreasonable demands and appeals to rule on."""
    deps, principal = deps_of(request), log_in_of(request).principal
    async with deps.database.sessions() as session:
        asked = await worklists.open_requests(session, REQUEST_KINDS)
        query = worklists.by_ids([row.case_id for row, _ in asked])
        cases = await visible_cases(session, Sight(principal, deps.vault), query)
        rows = {row.case.id: row for row in await rows_of(session, cases, deps.clock.now())}
        values = {
            "asked": [(row, unit, rows[row.case_id]) for row, unit in asked if row.case_id in rows],
            "tabs": await tabs(session),
            "units": await names_of_units(session),
            "now": deps.clock.now(),
        }
    return page(request, "dispatch/requests.html", values)


class ListValues(TypedDict):
    """What the worklist template takes."""

    rows: list[Row]
    paging: Paging
    total: int


async def list_values(
    request: web.Request, session: AsyncSession, sight: Sight, query: Select[CaseRow]
) -> ListValues:
    """One page of a list of cases, as the worklist template takes it."""
    now = deps_of(request).clock.now()
    total = await worklists.count(session, query)
    place = paging(request, total)
    start = (min(page_number(request), place.last) - 1) * ROWS_A_PAGE
    cases = await visible_cases(session, sight, query.offset(start).limit(ROWS_A_PAGE))
    return {"rows": await rows_of(session, cases, now), "paging": place, "total": total}


async def tabs(session: AsyncSession) -> Sequence[tuple[str, str, int]]:
    """The dispatcher's lists with how much waits in each."""
    waiting = await worklists.count_by_state(session)
    lists = [
        (address, name, sum(waiting.get(state.value, 0) for state in states))
        for address, (name, _, states) in LISTS.items()
    ]
    asked = len(await worklists.open_requests(session, REQUEST_KINDS))
    return [*lists[:2], (REQUESTS, mark("待审申请"), asked), *lists[2:]]
