"""What people have corrected: an administrator sees it, accepts it or drops it."""

from aiohttp import web

from agent_ui.web import deps_of, log_in_of, page, see_other
from core.actions.corrections import decide_correction
from core.actions.same_trouble import decide_burst
from core.db.repos.corrections import corrections
from core.db.repos.same_trouble import new_bursts
from core.db.tables.cases import CaseRow
from core.domain.corrections import CorrectionState
from core.errors import InputRefused


async def proposals(request: web.Request) -> web.StreamResponse:
    """Proposals first, then what was decided."""
    async with deps_of(request).database.sessions() as session:
        rows = list(await corrections(session))
    order = [state.value for state in CorrectionState]
    rows.sort(key=lambda row: (order.index(row.state), -row.count))
    waiting = sum(row.state == CorrectionState.PROPOSED.value for row in rows)
    return page(request, "admin/learning.html", {"rows": rows, "waiting": waiting})


async def decide(request: web.Request) -> web.StreamResponse:
    """Accept or drop one of them."""
    deps, principal = deps_of(request), log_in_of(request).principal
    data = await request.post()
    try:
        state = CorrectionState(str(data.get("state", "")))
    except ValueError as error:
        raise InputRefused("请选择采用或不采用") from error
    async with deps.database.work() as work:
        key = request.match_info["correction_id"]
        await decide_correction(work, key, state, actor=principal.agent_id)
        await work.commit()
    raise see_other("/admin/learning")


async def bursts(request: web.Request) -> web.StreamResponse:
    """Many callers with one trouble: what nobody has decided about yet."""
    async with deps_of(request).database.sessions() as session:
        rows = await new_bursts(session)
        mothers = {row.mother_id: await session.get(CaseRow, row.mother_id) for row in rows}
    return page(request, "admin/bursts.html", {"rows": rows, "mothers": mothers})


async def decide_about_burst(request: web.Request) -> web.StreamResponse:
    """Take the proposed mother case, or wave the warning off."""
    deps, principal = deps_of(request), log_in_of(request).principal
    data = await request.post()
    async with deps.database.work() as work:
        await decide_burst(
            work,
            request.match_info["burst_id"],
            confirmed=data.get("verdict") == "confirm",
            actor=principal.agent_id,
        )
        await work.commit()
    raise see_other("/supervision/bursts")
