"""The scheme of the appraisal and the rules about figures, as an administrator edits them."""

from datetime import date

from aiohttp import web
from sqlalchemy import select

from agent_ui.i18n import mark
from agent_ui.pages.appraisal import NAMES
from agent_ui.pages.figures import tabs
from agent_ui.web import deps_of, done, log_in_of, page, texts_of
from analytics.settings import FLAGS, READERS, checked
from analytics.sheets import scheme_for
from core.actions import appraisal_rules
from core.clock import city_time
from core.db.tables.appraisal import FigureRuleRow, SheetRow
from core.errors import InputRefused

HERE = "/appraisal/scheme"
RULE_NAMES = {
    "praise_counts": mark("表扬件计入满意率"),
    "direct_consult_counts": mark("直接答复的咨询计入满意率"),
    "partly": mark("部分解决按几成计"),
    "province_baseline": mark("全省满意率基线（百分数）"),
    "ranking": mark("显示排名"),
    "objection_days": mark("考核异议期（工作日）"),
}
DEFAULTS = {
    "praise_counts": False, "direct_consult_counts": False, "partly": "0.5",
    "province_baseline": "85", "ranking": False, "objection_days": "3",
}  # fmt: skip


async def show(request: web.Request) -> web.StreamResponse:
    """The version in force, its lines, the rules."""
    deps, principal = deps_of(request), log_in_of(request).principal
    appraisal_rules.check_may_rule(principal)
    today = city_time(deps.clock.now()).date()
    async with deps.database.sessions() as session:
        scheme, items = await scheme_for(session, request.query.get("day", today.isoformat()))
        used = await session.scalar(select(SheetRow.id).where(SheetRow.scheme_id == scheme.id))
        rows = (await session.scalars(select(FigureRuleRow))).all()
    values = {
        "scheme": scheme,
        "items": items,
        "used": used is not None,
        "names": NAMES,
        "rules": {**DEFAULTS, **{row.name: row.value for row in rows if row.name in READERS}},
        "rule_names": RULE_NAMES,
        "flags": FLAGS,
        "today": today,
        "tabs": tabs(principal),
    }
    return page(request, "figures/scheme.html", values)


async def rule(request: web.Request) -> web.StreamResponse:
    """Set one rule."""
    data = {name: str(value) for name, value in (await request.post()).items()}
    name, text = data.get("name", ""), data.get("value", "").strip()
    value: object = text == "on" if name in FLAGS else text
    checked(name, value)
    async with deps_of(request).database.work() as work:
        by = log_in_of(request).principal
        await appraisal_rules.set_figure_rule(work, name, value, by=by)
        await work.commit()
    raise _saved(request)


async def item(request: web.Request) -> web.StreamResponse:
    """Change a line of a scheme that is not in use yet."""
    data = {name: str(value) for name, value in (await request.post()).items()}
    async with deps_of(request).database.work() as work:
        key, by = request.match_info["item_id"], log_in_of(request).principal
        await appraisal_rules.change_item(work, key, data, by=by)
        await work.commit()
    raise _saved(request, data.get("day", ""))


async def version(request: web.Request) -> web.StreamResponse:
    """Start a new version from a day on."""
    data = {name: str(value) for name, value in (await request.post()).items()}
    day = data.get("valid_from", "")
    try:
        start = date.fromisoformat(day)
    except ValueError as error:
        raise InputRefused("日期应写作 2026-11-23") from error
    async with deps_of(request).database.work() as work:
        key, by = data.get("scheme_id", ""), log_in_of(request).principal
        await appraisal_rules.new_version(work, key, start, by=by)
        await work.commit()
    raise _saved(request, day)


def _saved(request: web.Request, day: str = "") -> web.HTTPSeeOther:
    where = f"{HERE}?day={day}" if day else HERE
    return done(where, texts_of(request).gettext(mark("设置已保存")))
