"""Where a log-in starts, and whether it still lives."""

from collections.abc import Mapping

from aiohttp import web

from agent_ui.web import log_in_of, see_other
from core.auth import Permission, Principal, Role

FIRST_PAGES: Mapping[Role, str] = {
    Role.DISPATCHER: "/dispatch",
    Role.SUPERVISOR: "/supervision",
    Role.DIRECTOR: "/overview",
    Role.LEADER: "/overview",
}


def start_page(principal: Principal) -> str:
    """The first page of a role."""
    if principal.can(Permission.SEE_UNIT_CASES):
        return "/unit"
    if principal.role is Role.CALLBACK:
        return "/callbacks"
    if principal.can(Permission.TAKE_CALLS):
        return "/desk"
    if principal.can(Permission.SEE_HEALTH) and not principal.can(Permission.SEE_ALL_CASES):
        return "/admin/status"
    return FIRST_PAGES.get(principal.role, "/cases")


async def start(request: web.Request) -> web.StreamResponse:
    """Lead on to the first page."""
    raise see_other(start_page(log_in_of(request).principal))


async def session(request: web.Request) -> web.StreamResponse:
    """Tells a desk that cannot connect whether it must log in again."""
    return web.json_response({"account": log_in_of(request).principal.account})
