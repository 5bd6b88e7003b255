"""Static files under hashed names, and the sign of life."""

from aiohttp import web

from agent_ui.web import deps_of

_FOR_EVER = "public, max-age=31536000, immutable"


async def static(request: web.Request) -> web.StreamResponse:
    """One file; its name changes with its content, so it may be kept for ever."""
    asset = deps_of(request).assets.find(request.path)
    if asset is None:
        raise web.HTTPNotFound
    headers = {"Cache-Control": _FOR_EVER, "Content-Type": asset.content_type}
    return web.FileResponse(asset.path, headers=headers)


async def alive(_request: web.Request) -> web.StreamResponse:
    """The process answers."""
    return web.Response(text="ok")
