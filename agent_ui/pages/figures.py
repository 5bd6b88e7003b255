"""Figures of a period: the city and its units, how they went, and the cases behind each."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import func, select

from agent_ui.deps import Deps
from agent_ui.figure_views import MAIN, WORDS, Cell, cell, drawing
from agent_ui.i18n import mark
from agent_ui.web import deps_of, log_in_of, page, texts_of
from agent_ui.worklist import ROWS_A_PAGE, page_number, paging, rows_of
from analytics.calls import ANSWER_TARGET, SOON_TARGET, call_figures, last_day, seat_figures
from analytics.counts import by_months, by_type
from analytics.drill import Behind, Side, cases_behind
from analytics.figures import ALL, FigureTable, Question, figures
from analytics.kpis import KPIS, Moment
from analytics.periods import Period, of_days, of_month, of_year
from analytics.rates import count_change
from analytics.settings import rules_in_force
from core.auth import Permission, Principal
from core.clock import city_time
from core.db.repos import worklists
from core.db.repos.case_views import Sight, visible_cases
from core.db.tables.cases import CategoryRow, DepartmentRow
from core.errors import InputRefused, NotAllowed

_TREND = ("timely", "satisfaction")
_TREND_MONTHS = 12
#: What no unit has a part in.
_CENTRES_OWN = ("direct",)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. query: the same again, for links to other pages."""

    period: Period
    view: str
    category: str
    query: str


def asked_of(request: web.Request, *, today: date) -> Asked:
    """What the address of a page asks for. Raises InputRefused."""
    return asked_from(request.query, today=today)


def asked_from(given: Mapping[str, str], *, today: date) -> Asked:
    """The period (a month unless another is named), the view, the category. Raises InputRefused."""
    view = "accepted" if given.get("view") == "accepted" else "own"
    category = given.get("category", "").strip()[:100]
    if given.get("from") or given.get("to"):
        first, last = _day(given.get("from", "")), _day(given.get("to", ""))
        period = of_days(first, last + timedelta(days=1))
        named = {"from": first.isoformat(), "to": last.isoformat()}
    elif given.get("year"):
        period, named = of_year(given["year"]), {"year": given["year"].strip()}
    else:
        month = given.get("month") or f"{today:%Y-%m}"
        period, named = of_month(month), {"month": month.strip()}
    query = urlencode({**named, "view": view, **({"category": category} if category else {})})
    return Asked(period, view, category, query)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise InputRefused("日期应写作 2026-11-23") from error
    if not date.min.year < day.year < date.max.year:
        raise InputRefused("日期应写作 2026-11-23")
    return day


def check_may_see(principal: Principal) -> None:
    """The centre and leaders see every unit, a unit itself. Raises NotAllowed."""
    if not (principal.can(Permission.SEE_ALL_CASES) or principal.can(Permission.SEE_UNIT_CASES)):
        raise NotAllowed("您没有查看统计的权限")


async def question_of(
    deps: Deps, asked: Asked, *, codes: tuple[str, ...] = tuple(KPIS)
) -> Question:
    """The question to the figures under the rules in force."""
    async with deps.database.sessions() as session:
        rules = await rules_in_force(session)
    return Question(
        period=asked.period,
        moment=Moment(deps.clock.now(), rules),
        category=asked.category,
        by_acceptance=asked.view == "accepted",
        codes=codes,
    )


async def with_year_before(deps: Deps, question: Question) -> tuple[FigureTable, FigureTable]:
    """The figures, and those of the same days of the year before."""
    earlier = replace(question, period=question.period.year_before())
    now, before = await asyncio.gather(
        figures(deps.database, question), figures(deps.database, earlier)
    )
    return now, before


async def units_for(deps: Deps, principal: Principal) -> Mapping[str, str]:
    """Names of the units whose figures this person sees, in a fixed order: no ranking."""
    query = select(DepartmentRow).where(DepartmentRow.kind != "外市").order_by(DepartmentRow.id)
    if not principal.can(Permission.SEE_ALL_CASES):
        query = query.where(DepartmentRow.id == (principal.department_id or ""))
    async with deps.database.sessions() as session:
        return {row.id: row.name for row in await session.scalars(query)}


async def rates(request: web.Request) -> web.StreamResponse:
    """The table of a period."""
    deps, principal = deps_of(request), log_in_of(request).principal
    check_may_see(principal)
    asked = asked_of(request, today=city_time(deps.clock.now()).date())
    question = await question_of(deps, asked)
    now, before = await with_year_before(deps, question)
    units = await units_for(deps, principal)
    own = None if principal.can(Permission.SEE_ALL_CASES) else (principal.department_id or "")
    top = ALL if own is None else own
    values = {
        "asked": asked,
        "taken_at": now.taken_at,
        "words": WORDS,
        "main": MAIN,
        "whole": [
            cell(code, top, now, before, asked.query)
            for code in KPIS
            if own is None or code not in _CENTRES_OWN
        ],
        "rows": _rows(units, now, before, asked, by=question.moment.rules.ranking),
        "ranking": question.moment.rules.ranking,
        "baseline": question.moment.rules.province_baseline,
        "counts": await _counts(deps, asked.period, units.get(top, "")),
        "trend": await _trend(request, question, () if own is None else (own, units.get(own, ""))),
        "own": own,
        "categories": await _categories(deps),
        "tabs": tabs(principal),
    }
    return page(request, "figures/rates.html", values)


def _rows(
    units: Mapping[str, str], now: FigureTable, before: FigureTable, asked: Asked, *, by: bool
) -> Sequence[tuple[str, Sequence[Cell]]]:
    """A line for each unit; only where ranking is switched on are they put in an order."""
    rows = [
        (name, [cell(code, unit, now, before, asked.query) for code in MAIN])
        for unit, name in units.items()
    ]
    if by:
        rows.sort(key=lambda row: row[1][0].share, reverse=True)
    return rows


async def _counts(deps: Deps, period: Period, unit: str) -> Sequence[tuple[str, int, object]]:
    """Accepted cases by type with their change on the year before; the sum first."""
    now, before = await asyncio.gather(
        by_type(deps.database, period, unit), by_type(deps.database, period.year_before(), unit)
    )
    sums = sum(now.values()), sum(before.values())
    rows = [("", *sums), *((kind, n, before.get(kind, 0)) for kind, n in sorted(now.items()))]
    return [(kind, number, count_change(number, old)) for kind, number, old in rows]


async def _trend(request: web.Request, question: Question, owners: Sequence[str]) -> object:
    """Twelve months up to the end of the period, drawn."""
    last = question.period.days[1]
    first = date(last.year - 1, last.month, 1)
    whole = replace(question, period=of_days(first, last))
    months = await by_months(deps_of(request).database, whole, _TREND, owners)
    gettext = texts_of(request).gettext
    names = {code: gettext(WORDS[code][0]) for code in _TREND}
    shown = dict(list(months.items())[-_TREND_MONTHS:])
    return drawing(shown, names, ("one", "two"))


async def _categories(deps: Deps) -> Sequence[str]:
    query = select(CategoryRow.level1).group_by(CategoryRow.level1)
    async with deps.database.sessions() as session:
        ordered = query.order_by(func.min(CategoryRow.position))
        return list(await session.scalars(ordered))


async def behind(request: web.Request) -> web.StreamResponse:
    """The cases behind one figure, as far as this person may see them."""
    deps, principal = deps_of(request), log_in_of(request).principal
    check_may_see(principal)
    asked = asked_of(request, today=city_time(deps.clock.now()).date())
    wanted = behind_from(principal, await question_of(deps, asked), request.query)
    async with deps.database.sessions() as session:
        query = await cases_behind(session, wanted)
        sight = Sight(principal, deps.vault)
        total = await worklists.count(session, query)
        place = paging(request, total)
        start = (min(page_number(request), place.last) - 1) * ROWS_A_PAGE
        cases = await visible_cases(session, sight, query.offset(start).limit(ROWS_A_PAGE))
        rows = await rows_of(session, cases, deps.clock.now())
    units = await units_for(deps, principal)
    values = {
        "asked": asked,
        "words": WORDS[wanted.code],
        "side": wanted.side.value,
        "unit_name": units.get(wanted.unit, ""),
        "rows": rows,
        "total": total,
        "paging": place,
        "address": f"/figures/cases?{urlencode({'code': wanted.code, 'unit': wanted.unit})}",
    }
    return page(request, "figures/cases.html", values)


def behind_from(principal: Principal, question: Question, given: Mapping[str, str]) -> Behind:
    """Which figure's cases; a unit only its own. Raises InputRefused or NotAllowed."""
    code, unit = given.get("code", ""), given.get("unit", ALL)
    if code not in KPIS:
        raise InputRefused("没有这项指标", code=code)
    if not principal.can(Permission.SEE_ALL_CASES) and unit != principal.department_id:
        raise NotAllowed("您只能查看本单位的统计")
    named = given.get("side", Side.DEN.value)
    side = Side(named) if named in {one.value for one in Side} else Side.DEN
    return Behind(question, code, unit, side)


async def calls(request: web.Request) -> web.StreamResponse:
    """Figures of the telephone: the rolling day, and a period."""
    deps, principal = deps_of(request), log_in_of(request).principal
    principal.check_can(Permission.SEE_ALL_CASES)
    now = deps.clock.now()
    asked = asked_of(request, today=city_time(now).date())
    async with deps.database.sessions() as session:
        values = {
            "asked": asked,
            "rolling": await call_figures(session, last_day(now)),
            "shown": await call_figures(session, asked.period),
            "seats": await seat_figures(session, asked.period),
            "targets": (ANSWER_TARGET, SOON_TARGET),
            "now": now,
            "tabs": tabs(principal),
        }
    return page(request, "figures/calls.html", values)


def tabs(principal: Principal) -> Sequence[tuple[str, str, None]]:
    """The pages about figures that this person sees."""
    centre = principal.can(Permission.SEE_ALL_CASES)
    pages = [("/figures", mark("指标"))]
    if centre:
        pages.append(("/figures/calls", mark("话务")))
    pages += [("/appraisal", mark("考核")), ("/exports", mark("导出"))]
    return [(address, name, None) for address, name in pages]
