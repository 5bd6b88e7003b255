"""The departments' portal."""

from agent_ui.i18n import mark
from agent_ui.pages import outgoing_calls, unit_cases, unit_figures, unit_inbox
from agent_ui.urls.base import Menu, MenuEntry, Table, those_who
from core.auth import Permission

_UNIT = Permission.SEE_UNIT_CASES
TABLE: Table = (
    ("GET", "/unit", _UNIT, unit_inbox.show),
    ("POST", "/unit/sign", _UNIT, unit_inbox.sign_many),
    ("GET", "/unit/figures", _UNIT, unit_figures.show),
    ("POST", "/unit/settings", _UNIT, unit_figures.settle),
    ("GET", "/unit/files/{file_id}", "logged in", unit_figures.attachment),
    ("GET", "/unit/cases/{case_id}", _UNIT, unit_cases.show),
    ("POST", "/unit/cases/{case_id}/call", _UNIT, outgoing_calls.ask_unit),
    ("GET", "/outgoing/{call_id}", "logged in", outgoing_calls.state),
    ("POST", "/unit/cases/{case_id}/steps/{step}", _UNIT, unit_cases.take),
    ("POST", "/unit/cases/{case_id}/proposals/{request_id}", _UNIT, unit_cases.decide),
)
MENU: Menu = (MenuEntry("/unit", mark("收件箱"), those_who(_UNIT)),)
