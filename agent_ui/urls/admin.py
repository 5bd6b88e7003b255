"""Administration and the state of the system."""

from agent_ui.i18n import mark
from agent_ui.pages import learning, rules, status
from agent_ui.urls.base import Menu, MenuEntry, Table, those_who
from core.auth import Permission

TABLE: Table = (
    ("GET", "/admin/status", Permission.SEE_HEALTH, status.health),
    ("GET", "/admin/learning", Permission.ADMINISTER, learning.proposals),
    ("POST", "/admin/learning/{correction_id}", Permission.ADMINISTER, learning.decide),
    ("GET", rules.RULES, Permission.ADMINISTER, rules.overview),
    ("POST", rules.RULES + "/{name}", Permission.ADMINISTER, rules.save_rule),
    ("POST", "/admin/calendar", Permission.ADMINISTER, rules.save_days),
    ("POST", "/admin/limits/{rule_id}", Permission.ADMINISTER, rules.save_limit),
    ("POST", "/admin/duties", Permission.ADMINISTER, rules.save_duty),
    ("GET", "/supervision/bursts", Permission.SUPERVISE, learning.bursts),
    ("POST", "/supervision/bursts/{burst_id}", Permission.SUPERVISE, learning.decide_about_burst),
)
MENU: Menu = (
    MenuEntry("/admin/status", mark("运行状态"), those_who(Permission.SEE_HEALTH)),
    MenuEntry("/admin/learning", mark("纠错学习"), those_who(Permission.ADMINISTER)),
    MenuEntry(rules.RULES, mark("规则与目录"), those_who(Permission.ADMINISTER)),
    MenuEntry("/supervision/bursts", mark("集中来电"), those_who(Permission.SUPERVISE)),
)
