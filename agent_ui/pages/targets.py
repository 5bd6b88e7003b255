"""The searchable list of those whom an agent may consult or hand a call to."""

from dataclasses import asdict

from aiohttp import web

from agent_ui.web import deps_of, log_in_of
from core.db.repos.targets import targets

_MOST = 30
_LONGEST_WORDS = 40


async def find(request: web.Request) -> web.StreamResponse:
    """Colleagues and departments whose name, number or duties hold the words."""
    words = request.query.get("q", "").strip()[:_LONGEST_WORDS]
    async with deps_of(request).database.sessions() as session:
        found = await targets(
            session, words, but=log_in_of(request).principal.agent_id, limit=_MOST
        )
    return web.json_response({"targets": [asdict(entry) for entry in found]})
