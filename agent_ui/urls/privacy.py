"""Personal data: revealing it with a reason, and who saw it."""

from agent_ui.i18n import mark
from agent_ui.pages import access_review, privacy
from agent_ui.urls.base import Menu, MenuEntry, Table, those_who
from core.auth import Permission

TABLE: Table = (
    ("POST", "/cases/{case_id}/person", Permission.REVEAL_PHONE, privacy.reveal),
    ("GET", "/cases/{case_id}/seen", Permission.SEE_ALL_CASES, privacy.seen),
    ("GET", "/privacy/review", Permission.REVIEW_ACCESS, access_review.month),
    ("POST", "/privacy/review", Permission.REVIEW_ACCESS, access_review.check),
)
MENU: Menu = (
    MenuEntry("/privacy/review", mark("个人信息月审"), those_who(Permission.REVIEW_ACCESS)),
)
