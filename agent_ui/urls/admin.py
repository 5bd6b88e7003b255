"""Administration and the state of the system."""

from agent_ui.i18n import mark
from agent_ui.pages import status
from agent_ui.urls.base import Menu, MenuEntry, Table, those_who
from core.auth import Permission

TABLE: Table = (("GET", "/admin/status", Permission.SEE_HEALTH, status.health),)
MENU: Menu = (MenuEntry("/admin/status", mark("运行状态"), those_who(Permission.SEE_HEALTH)),)
