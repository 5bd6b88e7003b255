"""Phoning a citizen through the hotline: from a case, or back to a caller whom nobody answered."""

from aiohttp import web

from agent_ui.web import deps_of, done, log_in_of, texts_of
from core.actions.outgoing import (
    BROWSER_PHONE,
    ask_desk_call,
    ask_return_call,
    ask_unit_call,
)
from core.auth import Permission
from core.db.tables.outgoing import OutgoingRow
from core.db.tables.people import AccountRow
from core.errors import NotAllowed, NotFound
from core.ids import CallId, CaseId


async def call_citizen(request: web.Request) -> web.StreamResponse:
    """A department's phone rings first (form field `phone`, or the account's own), or the
    callback officer's desk dials.
    """
    principal = log_in_of(request).principal
    case_id = CaseId(request.match_info["case_id"])
    phone = str((await request.post()).get("phone", "")).strip()
    async with deps_of(request).database.work() as work:
        if principal.can(Permission.SEE_UNIT_CASES):
            account = await work.session.get_one(AccountRow, principal.agent_id)
            chosen = phone or account.phone or BROWSER_PHONE
            row = await ask_unit_call(work, case_id, by=principal, phone=chosen)
        elif principal.can(Permission.CALL_BACK):
            row = await ask_desk_call(work, case_id, by=principal)
        else:
            raise NotAllowed("您没有联系市民的权限")
        await work.commit()
    return _asked(request, row, f"/cases/{case_id}")


async def return_call(request: web.Request) -> web.StreamResponse:
    """One key: the agent's desk phones the missed caller."""
    missed = CallId(request.match_info["call_id"])
    async with deps_of(request).database.work() as work:
        row = await ask_return_call(work, missed, by=log_in_of(request).principal)
        await work.commit()
    return _asked(request, row, "/desk")


async def state(request: web.Request) -> web.StreamResponse:
    """How far a call has come, for the one who asked for it."""
    async with deps_of(request).database.sessions() as session:
        row = await session.get(OutgoingRow, request.match_info["call_id"])
    if row is None or row.asked_by != log_in_of(request).principal.agent_id:
        raise NotFound("没有找到这通电话")
    return web.json_response(_view(row))


def _asked(request: web.Request, row: OutgoingRow, where: str) -> web.StreamResponse:
    if "application/json" in request.headers.get("Accept", ""):
        return web.json_response(_view(row), status=202)
    raise done(where, texts_of(request).gettext("正在呼叫，请接听您的话机"))


def _view(row: OutgoingRow) -> dict[str, object]:
    return {"call_id": row.id, "state": row.state, "outcome": row.outcome}
