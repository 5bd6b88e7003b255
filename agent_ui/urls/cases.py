"""Cases: lists, the page of one case, its draft, listening to its call."""

from agent_ui.i18n import mark
from agent_ui.pages import case_steps, cases, drafts, recordings
from agent_ui.urls.base import Menu, MenuEntry, Table
from core.auth import Permission

TABLE: Table = (
    ("GET", "/cases", "logged in", cases.own),
    ("GET", "/cases/{case_id}", "logged in", cases.case),
    ("GET", "/cases/{case_id}/limit", Permission.DISPATCH, case_steps.limit),
    ("POST", "/cases/{case_id}/steps/{step}", "logged in", case_steps.take),
    ("POST", "/cases/{case_id}/draft", Permission.TAKE_CALLS, drafts.keep),
    ("POST", "/cases/{case_id}/listens", Permission.LISTEN_RECORDING, recordings.start_listening),
    ("GET", "/audio/{ticket}", Permission.LISTEN_RECORDING, recordings.audio),
)
MENU: Menu = (MenuEntry("/cases", mark("工单"), lambda _principal: True),)
