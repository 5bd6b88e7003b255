"""Figures, appraisal, exports."""

from agent_ui.i18n import mark
from agent_ui.pages import figures
from agent_ui.urls.base import Menu, MenuEntry, Table, those_who
from core.auth import Permission

TABLE: Table = (
    ("GET", "/figures", "logged in", figures.rates),
    ("GET", "/figures/cases", "logged in", figures.behind),
    ("GET", "/figures/calls", Permission.SEE_ALL_CASES, figures.calls),
)
MENU: Menu = (
    MenuEntry(
        "/figures", mark("统计"), those_who(Permission.SEE_ALL_CASES, Permission.SEE_UNIT_CASES)
    ),
)
