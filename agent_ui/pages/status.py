"""How every part of the system is, for administrators."""

from aiohttp import web

from agent_ui.web import deps_of, page
from core.db.repos.corrections import speech_engines
from core.db.repos.people import agent_states


async def health(request: web.Request) -> web.StreamResponse:
    """Every part, every agent's state."""
    deps = deps_of(request)
    parts = await deps.health.look()
    async with deps.database.sessions() as session:
        states: dict[str, int] = {}
        for row in await agent_states(session):
            states[row.state] = states.get(row.state, 0) + 1
        engines = await speech_engines(session)
    values = {
        "parts": parts,
        "all_ok": all(part.ok for part in parts),
        "engines": engines,
        "states": sorted(states.items()),
        "now": deps.clock.now(),
    }
    return page(request, "status/admin.html", values)
