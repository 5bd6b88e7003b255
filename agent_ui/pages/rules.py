"""The city's rules: an administrator reads and changes settings, calendar, limits and duties."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from aiohttp import web
from sqlalchemy import select

from agent_ui.i18n import mark
from agent_ui.web import deps_of, done, log_in_of, page, texts_of
from core.actions.catalogues import NewDuty, set_days, set_duty, set_limit
from core.actions.rules import change_rule
from core.clock import city_time
from core.db.repos.rules import calendar, case_limits
from core.db.tables.cases import CategoryRow, DepartmentRow
from core.db.tables.handling import DutyRow, SlaRuleRow
from core.db.tables.lines import HolidayRow
from core.db.tables.sides import RuleSettingRow
from core.domain.case_limits import CaseLimits
from core.domain.holidays import read_days
from core.domain.workdays import LimitType, missing_years
from core.errors import InputRefused, NotFound

RULES = "/admin/rules"
LIMIT_TYPES: Mapping[str, str] = {
    LimitType.WORK_DAY.value: mark("工作日"),
    LimitType.WORK_HOUR.value: mark("工作小时"),
    LimitType.URGENT_HOUR.value: mark("连续小时"),
    LimitType.NATURAL_DAY.value: mark("自然日"),
}
_BETWEEN = re.compile(r"[、,，;；\s]+")


@dataclass(frozen=True, slots=True)
class RuleView:
    """One setting as a form shows it; kind: number, switch, words or text."""

    name: str
    note: str
    kind: str
    value: str


async def overview(request: web.Request) -> web.StreamResponse:
    """Everything that may be changed, on one page."""
    deps = deps_of(request)
    today = city_time(deps.clock.now()).date()
    async with deps.database.sessions() as session:
        limits = await case_limits(session)
        notes = {row.name: row.note for row in (await session.scalars(select(RuleSettingRow)))}
        duties = select(DutyRow).where(DutyRow.valid_to.is_(None))
        units = {row.id: row.name for row in (await session.scalars(select(DepartmentRow)))}
        categories = select(CategoryRow).order_by(CategoryRow.position)
        values = {
            "rules": [_view(limits, entry.name, notes) for entry in fields(CaseLimits)],
            "missing": list(missing_years(await calendar(session), today)),
            "days": list(
                await session.scalars(
                    select(HolidayRow).where(HolidayRow.day >= today).order_by(HolidayRow.day)
                )
            ),
            "limits": list(await session.scalars(select(SlaRuleRow).order_by(SlaRuleRow.id))),
            "limit_types": LIMIT_TYPES,
            "duties": list(await session.scalars(duties.order_by(DutyRow.category_prefix))),
            "units": units,
            "categories": list(await session.scalars(categories)),
        }
    return page(request, "admin/rules.html", values)


def _view(limits: CaseLimits, name: str, notes: Mapping[str, str]) -> RuleView:
    value = getattr(limits, name)
    if isinstance(value, bool):
        return RuleView(name, notes.get(name, name), "switch", "on" if value else "")
    if isinstance(value, tuple):
        return RuleView(name, notes.get(name, name), "words", "、".join(value))
    kind = "text" if isinstance(value, str) else "number"
    return RuleView(name, notes.get(name, name), kind, str(value))


async def save_rule(request: web.Request) -> web.StreamResponse:
    """One setting."""
    deps, data = deps_of(request), await request.post()
    name = request.match_info["name"]
    value = _typed(name, str(data.get("value", "")))
    async with deps.database.work() as work:
        await change_rule(work, name, value, by=log_in_of(request).principal)
        await work.commit()
    raise done(RULES, texts_of(request).gettext(mark("规则已保存，从下一步起生效")))


def _typed(name: str, text: str) -> Any:
    """The typed text in the shape of the rule's default."""
    default = getattr(CaseLimits(), name, None)
    if default is None:
        raise NotFound("没有这个规则")
    if isinstance(default, bool):
        return text == "on"
    if isinstance(default, tuple):
        return [word for word in _BETWEEN.split(text) if word]
    if isinstance(default, str):
        return text.strip()
    try:
        return float(text) if isinstance(default, float) else int(text)
    except ValueError as error:
        raise InputRefused("该规则应为大于零的数", fields=[name]) from error


async def save_days(request: web.Request) -> web.StreamResponse:
    """A year's list of days off, or a local exception."""
    deps, data = deps_of(request), await request.post()
    days = read_days(str(data.get("text", "")))
    async with deps.database.work() as work:
        source = str(data.get("source", ""))
        await set_days(work, days, source=source, by=log_in_of(request).principal)
        await work.commit()
    raise done(RULES, texts_of(request).gettext(mark("日历已保存")))


async def save_limit(request: web.Request) -> web.StreamResponse:
    """How long cases of one rule may take."""
    deps, data = deps_of(request), await request.post()
    async with deps.database.work() as work:
        await set_limit(
            work,
            request.match_info["rule_id"],
            kind=str(data.get("kind", "")),
            value=data.get("value", ""),
            by=log_in_of(request).principal,
        )
        await work.commit()
    raise done(RULES, texts_of(request).gettext(mark("时限已保存，已派遣的工单不变")))


async def save_duty(request: web.Request) -> web.StreamResponse:
    """A line of the duty catalogue, in force from today on."""
    deps, data = deps_of(request), await request.post()
    supporting = [str(unit) for unit in data.getall("supporting", []) if unit]
    new = NewDuty(
        category=str(data.get("category", "")),
        lead=str(data.get("lead", "")),
        area=str(data.get("area", "")).strip() or None,
        supporting=supporting,
        basis=str(data.get("basis", "")),
        source="管理员维护",
    )
    async with deps.database.work() as work:
        await set_duty(work, new, by=log_in_of(request).principal)
        await work.commit()
    raise done(RULES, texts_of(request).gettext(mark("派单目录已更新，今日起生效")))
