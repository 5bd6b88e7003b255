"""Phoning citizens through the hotline."""

from agent_ui.pages import calls_out, targets
from agent_ui.urls.base import Menu, Table
from core.auth import Permission

TABLE: Table = (
    ("POST", "/cases/{case_id}/call-citizen", "logged in", calls_out.call_citizen),
    ("POST", "/calls/{call_id}/return", Permission.TAKE_CALLS, calls_out.return_call),
    ("GET", "/desk/targets", Permission.TAKE_CALLS, targets.find),
    ("GET", "/calls-out/{call_id}", "logged in", calls_out.state),
)
MENU: Menu = ()
