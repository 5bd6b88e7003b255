"""Phoning citizens through the hotline; looking after those who answer them."""

from agent_ui.i18n import mark
from agent_ui.pages import calls_out, targets, wall
from agent_ui.urls.base import Menu, MenuEntry, Table, those_who
from core.auth import Permission

TABLE: Table = (
    ("POST", "/calls/{call_id}/return", Permission.TAKE_CALLS, calls_out.return_call),
    ("GET", "/desk/targets", Permission.TAKE_CALLS, targets.find),
    ("GET", "/wall", Permission.MONITOR_CALLS, wall.wall),
)
MENU: Menu = (MenuEntry("/wall", mark("话务监控"), those_who(Permission.MONITOR_CALLS)),)
