"""The supervision officer's and the director's pages."""

from agent_ui.i18n import mark
from agent_ui.pages import supervising
from agent_ui.urls.base import Menu, MenuEntry, Table, those_who
from core.auth import Permission, Role

TABLE: Table = (
    *(("GET", address, Permission.SUPERVISE, supervising.cases) for address in supervising.LISTS),
    ("GET", supervising.ORDERS, Permission.SUPERVISE, supervising.orders),
    ("GET", "/overview", Permission.SEE_ALL_CASES, supervising.what_burns),
)
_WATCHES = frozenset({Role.DIRECTOR, Role.SUPERVISOR, Role.LEADER, Role.TEAM_LEAD})
MENU: Menu = (
    MenuEntry("/overview", mark("总览"), lambda principal: principal.role in _WATCHES),
    MenuEntry("/supervision", mark("督办"), those_who(Permission.SUPERVISE)),
)
