"""Phoning citizens through the hotline; looking after those who answer them."""

from agent_ui.i18n import mark
from agent_ui.pages import calls_out, targets, wall
from agent_ui.urls.base import Menu, MenuEntry, Table, those_who
from core.auth import Permission

TABLE: Table = (
    ("POST", "/cases/{case_id}/call-citizen", "logged in", calls_out.call_citizen),
    ("POST", "/calls/{call_id}/return", Permission.TAKE_CALLS, calls_out.return_call),
    ("GET", "/desk/targets", Permission.TAKE_CALLS, targets.find),
    ("GET", "/wall", Permission.MONITOR_CALLS, wall.wall),
    ("GET", "/calls-out/{call_id}", "logged in", calls_out.state),
)
MENU: Menu = (MenuEntry("/wall", mark("话务监控"), those_who(Permission.MONITOR_CALLS)),)
