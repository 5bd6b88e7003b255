"""What the desk's scripts fetch beside the socket: seconds of a call, places around a point."""

import math
from typing import Final

from aiohttp import web

from agent_ui.deps import Deps
from agent_ui.playback import Listening
from agent_ui.web import address_of, deps_of, log_in_of
from core.auth import Permission, Principal
from core.db.repos.places import places_near
from core.db.tables.calls import CallRow
from core.db.tables.people import AgentRow
from core.domain.calls import Speaker
from core.errors import InputRefused, NotFound

#: A source is heard with what was said before and after it.
BEFORE_MS: Final = 2_000
AFTER_MS: Final = 1_000
_LONGEST_MS: Final = 60_000
_LATEST_MS: Final = 24 * 3_600_000
_AROUND_METRES: Final = 2_500.0
_MOST_PLACES: Final = 60
_MOST_POINTS: Final = 8
_SPEAKERS: Final = frozenset({Speaker.CALLER.value, Speaker.AGENT.value})


async def clip(request: web.Request) -> web.StreamResponse:
    """The seconds around a source as a WAV of their own."""
    deps, principal = deps_of(request), log_in_of(request).principal
    call_id = request.match_info["call_id"]
    await _check_own(deps, principal, call_id)
    speaker = request.query.get("speaker", "")
    start, end = _number(request, "start"), _number(request, "end")
    if speaker not in _SPEAKERS or end < start or end - start > _LONGEST_MS:
        raise InputRefused("没有这一段录音")
    asked = Listening(
        call_id=call_id,
        speaker=speaker,
        from_ms=max(0, start - BEFORE_MS),
        to_ms=end + AFTER_MS,
        account_id=principal.agent_id,
        address=address_of(request),
    )
    audio = await deps.clips.clip(asked)
    if audio is None:
        raise NotFound("这一段录音还听不到")
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=audio, content_type="audio/wav", headers=headers)


async def places(request: web.Request) -> web.StreamResponse:
    """Gazetteer entries around some points: "lat,lon;lat,lon"."""
    points = [_point(text) for text in request.query.get("near", "").split(";")[:_MOST_POINTS]]
    async with deps_of(request).database.sessions() as session:
        rows = await places_near(session, points, metres=_AROUND_METRES, limit=_MOST_PLACES)
    return web.json_response(
        [
            {"id": row.id, "name": row.name, "kind": row.kind, "lat": row.lat, "lon": row.lon}
            for row in rows
        ]
    )


async def _check_own(deps: Deps, principal: Principal, call_id: str) -> None:
    """The agent's own call (in hand, or answered here), or a right to hear all. Raises NotFound."""
    async with deps.database.sessions() as session:
        call = await session.get(CallRow, call_id)
        agent = await session.get(AgentRow, principal.agent_id)
    own = call is not None and (
        call.agent_id == principal.agent_id or (agent is not None and agent.call_id == call_id)
    )
    if not own and not (call is not None and principal.can(Permission.SEE_ALL_CASES)):
        raise NotFound("没有找到该通话")


def _number(request: web.Request, name: str) -> int:
    text = request.query.get(name, "")
    if not text.isascii() or not text.isdigit() or int(text) > _LATEST_MS:
        raise InputRefused("没有这一段录音")
    return int(text)


def _point(text: str) -> tuple[float, float]:
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputRefused("坐标不正确") from error
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):  # noqa: PLR2004
        raise InputRefused("坐标不正确")
    return lat, lon
