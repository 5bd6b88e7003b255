"""The dispatcher's pool and rulings."""

from agent_ui.i18n import mark
from agent_ui.pages import dispatching
from agent_ui.urls.base import Menu, MenuEntry, Table, those_who
from core.auth import Permission

TABLE: Table = (
    *(("GET", address, Permission.DISPATCH, dispatching.cases) for address in dispatching.LISTS),
    ("GET", dispatching.REQUESTS, Permission.DISPATCH, dispatching.requests),
)
MENU: Menu = (MenuEntry("/dispatch", mark("派遣"), those_who(Permission.DISPATCH)),)
