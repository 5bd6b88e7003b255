"""The agent's desk."""

from agent_ui.i18n import mark
from agent_ui.pages import desk
from agent_ui.urls.base import Menu, MenuEntry, Table, those_who
from core.auth import Permission

TABLE: Table = (("GET", "/desk", Permission.TAKE_CALLS, desk.desk),)
MENU: Menu = (MenuEntry("/desk", mark("工作台"), those_who(Permission.TAKE_CALLS)),)
