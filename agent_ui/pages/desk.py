"""The desk page: a frame that the browser's islands fill."""

from aiohttp import web
from sqlalchemy import select

from agent_ui.web import deps_of, log_in_of, page
from core.db.tables.cases import CategoryRow, DepartmentRow
from core.db.tables.people import AccountRow
from core.domain.agents import CHOOSABLE
from core.domain.cases import CaseType, Urgency


async def desk(request: web.Request) -> web.StreamResponse:
    """The page; everything that changes comes over the socket."""
    deps = deps_of(request)
    log_in = log_in_of(request)
    async with deps.database.sessions() as session:
        account = await session.get_one(AccountRow, log_in.principal.agent_id)
        categories = list(await session.scalars(select(CategoryRow).order_by(CategoryRow.position)))
        departments = list(
            await session.scalars(
                select(DepartmentRow.name)
                .where(DepartmentRow.parent_id.is_(None))
                .order_by(DepartmentRow.name)
            )
        )
    host = request.url.host or "127.0.0.1"
    scheme = "wss" if request.secure else "ws"
    values = {
        "account": account,
        "desk_url": f"{scheme}://{host}:{deps.options.desk_port}/desk",
        "case_types": [kind.value for kind in CaseType],
        "urgencies": [urgency.value for urgency in Urgency],
        "categories": [f"{row.level1}/{row.level2}" for row in categories],
        "departments": departments,
        "pause_reasons": [reason.value for reason in sorted(CHOOSABLE)],
    }
    return page(request, "desk/desk.html", values)
