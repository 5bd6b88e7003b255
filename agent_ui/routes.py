"""The whole URL table: method, address, who may, handler."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Literal

from aiohttp import web

from agent_ui.deps import LOG_IN
from agent_ui.middleware import NotLoggedIn
from agent_ui.pages import (
    cases,
    desk,
    drafts,
    files,
    home,
    login,
    preferences,
    public,
    recordings,
    status,
)
from core.auth import Permission

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Access = Literal["anybody", "logged in"] | Permission
P = Permission

TABLE: tuple[tuple[str, str, Access, Handler], ...] = (
    ("GET", "/", "logged in", home.start),
    ("GET", "/login", "anybody", login.form),
    ("POST", "/login", "anybody", login.log_in),
    ("POST", "/logout", "logged in", login.log_out),
    ("POST", "/preferences", "anybody", preferences.save),
    ("GET", "/desk", P.TAKE_CALLS, desk.desk),
    ("GET", "/cases", "logged in", cases.own),
    ("GET", "/cases/{case_id}", "logged in", cases.case),
    ("POST", "/cases/{case_id}/draft", P.TAKE_CALLS, drafts.keep),
    ("POST", "/cases/{case_id}/listens", P.LISTEN_RECORDING, recordings.start_listening),
    ("GET", "/audio/{ticket}", P.LISTEN_RECORDING, recordings.audio),
    ("GET", "/admin/status", P.SEE_HEALTH, status.health),
    ("GET", "/status", "anybody", public.form),
    ("POST", "/status", "anybody", public.look_up),
    ("GET", "/api/session", "logged in", home.session),
    ("GET", "/healthz", "anybody", files.alive),
    ("GET", "/static/{name:.+}", "anybody", files.static),
)


def add_to(app: web.Application) -> None:
    """Put every address into the application, each behind its guard."""
    for method, address, access, handler in TABLE:
        app.router.add_route(method, address, partial(_guarded, access, handler))


async def _guarded(access: Access, handler: Handler, request: web.Request) -> web.StreamResponse:
    log_in = request.get(LOG_IN)
    if access != "anybody":
        if log_in is None:
            raise NotLoggedIn("请先登录")
        if isinstance(access, Permission):
            log_in.principal.check_can(access)
    return await handler(request)
