"""Calling citizens back, and reviewing the replies before it."""

from agent_ui.i18n import mark
from agent_ui.pages import callback_cases, callback_queue, outgoing_calls
from agent_ui.urls.base import Menu, MenuEntry, Table, those_who
from core.auth import Permission

TABLE: Table = (
    ("GET", "/callbacks", Permission.CALL_BACK, callback_queue.show),
    ("GET", "/callbacks/{case_id}", Permission.CALL_BACK, callback_cases.show),
    ("POST", "/callbacks/{case_id}/dial", Permission.CALL_BACK, outgoing_calls.ask_desk),
    ("POST", "/callbacks/{case_id}/{step}", Permission.CALL_BACK, callback_cases.take),
)
MENU: Menu = (MenuEntry("/callbacks", mark("回访"), those_who(Permission.CALL_BACK)),)
