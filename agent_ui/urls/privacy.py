"""Personal data: revealing it with a reason, and who saw it."""

from agent_ui.pages import privacy
from agent_ui.urls.base import Menu, Table
from core.auth import Permission

TABLE: Table = (
    ("POST", "/cases/{case_id}/person", Permission.REVEAL_PHONE, privacy.reveal),
    ("GET", "/cases/{case_id}/seen", Permission.SEE_ALL_CASES, privacy.seen),
)
MENU: Menu = ()
