"""The supervisors' wall: a frame that its island fills."""

from aiohttp import web

from agent_ui.web import deps_of, page


async def wall(request: web.Request) -> web.StreamResponse:
    """The page; figures and agents come over the socket."""
    host = request.url.host or "127.0.0.1"
    scheme = "wss" if request.secure else "ws"
    url = f"{scheme}://{host}:{deps_of(request).options.desk_port}/wall"
    return page(request, "wall/wall.html", {"wall_url": url})
