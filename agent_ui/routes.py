"""Collects the URL tables and the navigation of every area; guards each address."""

from collections.abc import Sequence
from functools import partial
from types import ModuleType

from aiohttp import web

from agent_ui.deps import LOG_IN
from agent_ui.middleware import NotLoggedIn
from agent_ui.urls import (
    admin,
    api,
    callback,
    calls_out,
    cases,
    citizen,
    desk,
    dispatch,
    figures,
    privacy,
    start,
    supervision,
    units,
)
from agent_ui.urls.base import Access, Handler, MenuEntry, Table
from core.auth import Permission, Principal

#: In the order of the navigation.
AREAS: Sequence[ModuleType] = (
    start,
    desk,
    dispatch,
    units,
    callback,
    calls_out,
    supervision,
    cases,
    figures,
    privacy,
    citizen,
    api,
    admin,
)
TABLE: Table = tuple(line for area in AREAS for line in area.TABLE)
MENU: Sequence[MenuEntry] = tuple(entry for area in AREAS for entry in area.MENU)


def menu_of(principal: Principal) -> list[tuple[str, str]]:
    """Address and name of the pages that this person's navigation shows."""
    return [(entry.address, entry.name) for entry in MENU if entry.shown_to(principal)]


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
