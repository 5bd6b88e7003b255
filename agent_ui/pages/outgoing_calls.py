"""Phoning a citizen from a case: asked for on a page, placed by routing, followed on the page."""

from aiohttp import web

from agent_ui.i18n import mark
from agent_ui.outgoing_words import call_words
from agent_ui.pages.callback_cases import refused_step as refused_by_officer
from agent_ui.pages.unit_cases import refused_step as refused_by_unit
from agent_ui.web import deps_of, done, log_in_of, page, see_other, texts_of
from core.actions.outgoing import BROWSER_PHONE, ask_desk_call, ask_unit_call
from core.db.repos.case_views import case_row
from core.db.tables.outgoing import OutgoingRow
from core.errors import Conflict, InputRefused, NotAllowed, NotFound
from core.ids import CaseId

_DIALLING = mark("正在拨打诉求人电话，请接听您的话机")
_SHOWN = (InputRefused, NotAllowed, Conflict)


async def ask_unit(request: web.Request) -> web.StreamResponse:
    """A department's phone rings first, then the citizen; the number is never shown."""
    deps, principal = deps_of(request), log_in_of(request).principal
    data = await request.post()
    phone = str(data.get("phone", "")).strip() or BROWSER_PHONE
    try:
        async with deps.database.work() as work:
            row = await case_row(work.session, principal, request.match_info["case_id"])
            await ask_unit_call(work, CaseId(row.id), by=principal, phone=phone)
            await work.commit()
    except _SHOWN as refused:
        return await refused_by_unit(request, "call", {"phone": phone}, refused)
    raise see_other(f"/unit/cases/{row.number or row.id}#call-head")


async def ask_desk(request: web.Request) -> web.StreamResponse:
    """The officer's own desk dials."""
    deps, principal = deps_of(request), log_in_of(request).principal
    try:
        async with deps.database.work() as work:
            row = await case_row(work.session, principal, request.match_info["case_id"])
            await ask_desk_call(work, CaseId(row.id), by=principal)
            await work.commit()
    except _SHOWN as refused:
        return await refused_by_officer(request, "dial", {}, refused)
    said = texts_of(request).gettext(_DIALLING)
    raise done(f"/callbacks/{row.number or row.id}", said)


async def state(request: web.Request) -> web.StreamResponse:
    """How far one's own call has come: a piece of a page."""
    deps, principal = deps_of(request), log_in_of(request).principal
    async with deps.database.sessions() as session:
        row = await session.get(OutgoingRow, request.match_info["call_id"])
    if row is None or row.asked_by != principal.agent_id:
        raise NotFound("没有找到这通电话")
    return page(request, "callbacks/call_state.html", {"call": call_words(row, principal)})
