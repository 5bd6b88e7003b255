"""The supervision officer's worklists, and the director's view of what burns."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_ui.i18n import mark
from agent_ui.pages.dispatching import list_values
from agent_ui.pages.figures_block import figures_block
from agent_ui.web import deps_of, log_in_of, page
from agent_ui.worklist import rows_of
from core.db.repos import overview, worklists
from core.db.repos.case_views import Sight, visible_cases
from core.db.tables.cases import CaseRow

SOON: Final = timedelta(hours=24)
#: Address, name, what it is for, which cases.
LISTS: Final[Mapping[str, tuple[str, str, Callable[[datetime], Select[CaseRow]]]]] = {
    "/supervision": (
        mark("超期未办结"), mark("超期最久的在前"), worklists.overdue,
    ),
    "/supervision/due": (
        mark("24 小时内到期"), mark("最先到期的在前"),
        lambda now: worklists.due_before(now, now + SOON),
    ),
    "/supervision/cases": (
        mark("督办中的工单"), mark("督办单没有办结的工单"), lambda _now: worklists.supervised(),
    ),
    "/supervision/again": (
        mark("两次不满意"), mark("二次交办后仍不满意，须督办或会商"),
        lambda _now: worklists.dissatisfied_again(),
    ),
}  # fmt: skip
ORDERS: Final = "/supervision/orders"


async def cases(request: web.Request) -> web.StreamResponse:
    """One of the lists of cases; which one, its address says."""
    deps, principal = deps_of(request), log_in_of(request).principal
    name, about, query_of = LISTS[request.path]
    async with deps.database.sessions() as session:
        sight, now = Sight(principal, deps.vault), deps.clock.now()
        shown = await list_values(request, session, sight, query_of(now))
        values = {
            **shown, "name": name, "about": about, "tabs": await tabs(session, now),
            "here": request.path,
        }  # fmt: skip
    return page(request, "supervision/list.html", values)


async def orders(request: web.Request) -> web.StreamResponse:
    """Supervision orders that are not closed: what units answered comes first."""
    deps, principal = deps_of(request), log_in_of(request).principal
    async with deps.database.sessions() as session:
        found = await worklists.open_orders(session)
        query = worklists.by_ids([order.case_id for order, _ in found])
        shown = await visible_cases(session, Sight(principal, deps.vault), query)
        now = deps.clock.now()
        rows = {row.case.id: row for row in await rows_of(session, shown, now)}
        values = {
            "orders": [(o, unit, rows[o.case_id]) for o, unit in found if o.case_id in rows],
            "tabs": await tabs(session, now),
            "now": now,
        }
    return page(request, "supervision/orders.html", values)


async def what_burns(request: web.Request) -> web.StreamResponse:
    """The director's first page."""
    deps, principal = deps_of(request), log_in_of(request).principal
    block = await figures_block(deps, principal)
    async with deps.database.sessions() as session:
        now, sight = deps.clock.now(), Sight(principal, deps.vault)
        worst = await visible_cases(session, sight, worklists.overdue(now).limit(8))
        values = {
            "today": await overview.today(session, now),
            "units": await overview.burdens(session, now),
            "categories": await overview.hot_categories(session, now),
            "rows": await rows_of(session, worst, now),
            "block": block,
            "now": now,
        }
    return page(request, "supervision/overview.html", values)


async def tabs(session: AsyncSession, now: datetime) -> Sequence[tuple[str, str, int]]:
    """The officer's lists with how much is in each."""
    lists = [
        (address, name, await worklists.count(session, query_of(now)))
        for address, (name, _, query_of) in LISTS.items()
    ]
    return [*lists, (ORDERS, mark("督办单"), len(await worklists.open_orders(session)))]
