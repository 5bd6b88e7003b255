"""One key on the desk: phone a caller whom nobody answered."""

from aiohttp import web

from agent_ui.web import deps_of, log_in_of
from core.actions.outgoing import ask_return_call
from core.ids import CallId


async def return_call(request: web.Request) -> web.StreamResponse:
    """The agent's own phone rings, then the caller's; the desk follows it as a call."""
    missed = CallId(request.match_info["call_id"])
    async with deps_of(request).database.work() as work:
        row = await ask_return_call(work, missed, by=log_in_of(request).principal)
        await work.commit()
    return web.json_response({"call_id": row.id}, status=202)
