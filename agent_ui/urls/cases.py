"""Cases: lists, the page of one case, its draft, listening to its call."""

from agent_ui.i18n import mark
from agent_ui.pages import case_steps, cases, drafts, prints, recordings, search
from agent_ui.urls.base import Menu, MenuEntry, Table, those_who
from core.auth import Permission

TABLE: Table = (
    ("GET", "/cases", "logged in", cases.own),
    ("GET", "/search", "logged in", search.search),
    ("POST", "/search", "logged in", search.look),
    ("POST", "/search/more", "logged in", search.more),
    ("POST", "/search/views", "logged in", search.keep),
    ("POST", "/search/views/{view_id}/drop", "logged in", search.drop),
    ("GET", "/cases/{case_id}", "logged in", cases.case),
    ("GET", "/cases/{case_id}/limit", Permission.DISPATCH, case_steps.limit),
    ("GET", "/cases/{case_id}/print/{form}", Permission.SEE_ALL_CASES, prints.form),
    ("GET", "/print/appraisal/{sheet_id}", "logged in", prints.deductions),
    ("POST", "/cases/{case_id}/steps/{step}", "logged in", case_steps.take),
    ("POST", "/cases/{case_id}/draft", Permission.TAKE_CALLS, drafts.keep),
    ("POST", "/cases/{case_id}/listens", Permission.LISTEN_RECORDING, recordings.start_listening),
    ("GET", "/audio/{ticket}", Permission.LISTEN_RECORDING, recordings.audio),
)
_SEES_CASES = those_who(
    Permission.SEE_ALL_CASES, Permission.SEE_OWN_CASES, Permission.SEE_UNIT_CASES
)
MENU: Menu = (
    MenuEntry(
        "/cases", mark("工单"), those_who(Permission.SEE_ALL_CASES, Permission.SEE_OWN_CASES)
    ),
    MenuEntry("/search", mark("查询"), _SEES_CASES),
)
