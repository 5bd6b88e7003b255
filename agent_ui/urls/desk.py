"""The agent's desk."""

from agent_ui.i18n import mark
from agent_ui.pages import desk, desk_data
from agent_ui.urls.base import Menu, MenuEntry, Table, those_who
from core.auth import Permission

TABLE: Table = (
    ("GET", "/desk", Permission.TAKE_CALLS, desk.desk),
    ("GET", "/calls/{call_id}/clip", Permission.LISTEN_RECORDING, desk_data.clip),
    ("GET", "/api/places", Permission.TAKE_CALLS, desk_data.places),
)
MENU: Menu = (MenuEntry("/desk", mark("工作台"), those_who(Permission.TAKE_CALLS)),)
