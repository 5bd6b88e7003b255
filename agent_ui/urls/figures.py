"""Figures, appraisal, exports."""

from agent_ui.i18n import mark
from agent_ui.pages import appraisal, appraisal_rules, exports, figures
from agent_ui.urls.base import Menu, MenuEntry, Table, those_who
from core.auth import Permission

TABLE: Table = (
    ("GET", "/figures", "logged in", figures.rates),
    ("GET", "/figures/cases", "logged in", figures.behind),
    ("GET", "/figures/calls", Permission.SEE_ALL_CASES, figures.calls),
    ("GET", "/appraisal", "logged in", appraisal.month),
    ("POST", "/appraisal/draft", Permission.SUPERVISE, appraisal.draft),
    ("POST", "/appraisal/announce", Permission.SUPERVISE, appraisal.announce),
    ("POST", "/appraisal/review", Permission.SUPERVISE, appraisal.review),
    ("POST", "/appraisal/notes", Permission.SUPERVISE, appraisal.note),
    ("GET", appraisal_rules.HERE, "logged in", appraisal_rules.show),
    ("POST", "/appraisal/rules", "logged in", appraisal_rules.rule),
    ("POST", "/appraisal/items/{item_id}", "logged in", appraisal_rules.item),
    ("POST", "/appraisal/versions", "logged in", appraisal_rules.version),
    ("GET", "/appraisal/{sheet_id}", "logged in", appraisal.sheet),
    ("POST", "/appraisal/{sheet_id}/objections", Permission.SEE_UNIT_CASES, appraisal.object_to),
    ("POST", "/appraisal/{sheet_id}/rulings", Permission.SUPERVISE, appraisal.rule),
    ("POST", "/appraisal/{sheet_id}/sign", Permission.SUPERVISE, appraisal.sign),
    ("POST", "/appraisal/{sheet_id}/publish", Permission.SUPERVISE, appraisal.publish),
    ("GET", "/exports", "logged in", exports.choose),
    ("POST", "/exports", "logged in", exports.ask),
    ("GET", "/exports/{export_id}/file", "logged in", exports.take),
    ("POST", "/exports/{export_id}/ruling", Permission.SUPERVISE, exports.rule),
)
MENU: Menu = (
    MenuEntry(
        "/figures", mark("统计"), those_who(Permission.SEE_ALL_CASES, Permission.SEE_UNIT_CASES)
    ),
)
