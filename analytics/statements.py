"""The statements (报表) of domain.md 10.3 as plain tables, for a page, a file or a print."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from analytics.calls import seat_figures
from analytics.counts import accepted_by, by_category, by_hour, by_type
from analytics.drill import Behind, Side, cases_behind
from analytics.figures import FigureTable, Question, figures
from analytics.kpis import KPIS, SATISFIED
from analytics.rates import NO_CASES, Rate, count_change
from core.auth import Permission, Principal
from core.clock import city_time
from core.db.engine import Database
from core.db.repos.case_views import Sight, visible_cases
from core.db.repos.worklists import overdue
from core.db.tables.cases import CaseRow, DepartmentRow
from core.db.tables.handling import CallbackAttemptRow, CaseLinkRow
from core.domain.case_views import CaseView
from core.domain.redaction import Clues, redact, redact_strictly
from core.errors import InputRefused, NotAllowed

Cell: TypeAlias = str | int | Decimal | None
#: More rows than this are no list for people, and no file either.
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Statement:
    """A table with its heading. cases: how many of its rows are single cases."""

    code: str
    name: str
    period: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    cases: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who asks for which statement. behind: the figure's cell, for the list behind it."""

    sight: Sight
    question: Question
    behind: Behind | None = None

    @property
    def principal(self) -> Principal:
        return self.sight.principal

    @property
    def own_unit(self) -> str:
        """The unit that a department is bound to; "" for the centre."""
        centre = self.principal.can(Permission.SEE_ALL_CASES)
        return "" if centre else (self.principal.department_id or "-")


Make = Callable[[Database, Wanted], Awaitable[Statement]]
CASE_COLUMNS = (
    "工单编号", "类型", "类别", "标题", "内容", "地点", "紧急程度", "承办单位", "状态", "轮次",
    "退单", "受理时间", "派遣时间", "期限", "办结时间", "满意度", "是否解决", "办结方式",
)  # fmt: skip


async def statement(database: Database, code: str, wanted: Wanted) -> Statement:
    """One statement. Raises InputRefused or NotAllowed."""
    if code not in STATEMENTS:
        raise InputRefused("没有这种报表", code=code)
    name, make, for_units = STATEMENTS[code]
    if wanted.own_unit and not for_units:
        raise NotAllowed("您的岗位不能查看这种报表")
    made = await make(database, wanted)
    return replace(made, code=code, name=name)


def _table(
    wanted: Wanted, columns: Sequence[str], rows: Sequence[Sequence[Cell]], cases: int = 0
) -> Statement:
    return Statement("", "", wanted.question.period.shown(), columns, rows, cases)


async def _daily(database: Database, wanted: Wanted) -> Statement:
    """(2) 受理日报: by hour, line and type."""
    period = wanted.question.period
    hours, channels, types = await asyncio.gather(
        by_hour(database, period),
        accepted_by(database, period, CaseRow.channel.expression),
        by_type(database, period),
    )
    rows: list[Sequence[Cell]] = [["合计", "", sum(types.values())]]
    rows += [["时段", f"{hour:02d}:00", hours.get(str(hour), 0)] for hour in range(24)]
    rows += [["渠道", name, number] for name, number in sorted(channels.items())]
    rows += [["类型", name, number] for name, number in sorted(types.items())]
    return _table(wanted, ("维度", "项目", "件数"), rows)


async def _categories(database: Database, wanted: Wanted) -> Statement:
    """(3) 类别同比环比表."""
    period = wanted.question.period
    now, year, before = await asyncio.gather(
        by_category(database, period, whole=True),
        by_category(database, period.year_before(), whole=True),
        by_category(database, period.just_before(), whole=True),
    )
    rows = [
        [name or "未分类", now.get(name, 0), year.get(name, 0),
         _change(now, year, name), before.get(name, 0), _change(now, before, name)]
        for name in sorted({*now, *year, *before})
    ]  # fmt: skip
    columns = ("类别", "本期", "上年同期", "同比（%）", "上期", "环比（%）")
    return _table(wanted, columns, rows)


def _change(now: Mapping[str, int], old: Mapping[str, int], name: str) -> Cell:
    change = count_change(now.get(name, 0), old.get(name, 0))
    return NO_CASES if change is None else change


async def _units(database: Database, wanted: Wanted) -> Statement:
    """(4) 承办单位办理情况表: each figure with its two numbers."""
    table = await figures(database, wanted.question)
    async with database.sessions() as session:
        units = await _names(session, wanted.own_unit)
    columns = ["单位"]
    for code in _UNIT_CODES:
        columns += [KPIS[code].name, "分子", "分母"]
    rows = [[name, *_three(table, unit)] for unit, name in units.items()]
    return _table(wanted, columns, rows)


_UNIT_CODES = (
    "closing", "timely", "signing", "response", "returns", "improper_returns", "satisfaction",
    "solved", "second_assignment", "again",
)  # fmt: skip


def _three(table: FigureTable, unit: str) -> list[Cell]:
    rates = [table.rate(unit, code) for code in _UNIT_CODES]
    return [value for rate in rates for value in (rate.shown(), rate.num, rate.den)]


async def _names(session: AsyncSession, own: str) -> dict[str, str]:
    query = select(DepartmentRow).where(DepartmentRow.kind != "外市").order_by(DepartmentRow.id)
    if own:
        query = query.where(DepartmentRow.id == own)
    return {row.id: row.name for row in await session.scalars(query)}


async def _overdue(database: Database, wanted: Wanted) -> Statement:
    """(5) 超期未办结清单, as it stands now."""
    return await _cases(database, wanted, overdue(wanted.question.moment.now))


async def _unhappy(database: Database, wanted: Wanted) -> Statement:
    """(6) 不满意清单 with the cause of the last answer."""
    period = wanted.question.period
    query = (
        select(CaseRow)
        .where(
            CaseRow.closed_at >= period.start,
            CaseRow.closed_at < period.end,
            CaseRow.satisfaction_final.is_not(None),
            CaseRow.satisfaction_final.not_in(SATISFIED),
        )
        .order_by(CaseRow.closed_at, CaseRow.id)
    )
    return await _cases(database, wanted, query, with_cause=True)


async def _second(database: Database, wanted: Wanted) -> Statement:
    """(7) 二次交办清单: the same cases as the figure's numerator."""
    behind = Behind(wanted.question, "second_assignment", side=Side.NUM)
    async with database.sessions() as session:
        query = await cases_behind(session, behind)
    return await _cases(database, wanted, query, with_cause=True)


async def _seats(database: Database, wanted: Wanted) -> Statement:
    """(8) 座席话务."""
    async with database.sessions() as session:
        seats = await seat_figures(session, wanted.question.period)
    rows: list[Sequence[Cell]] = [
        [
            seat.job_number, seat.name, seat.calls, seat.soon.shown(),
            None if seat.talk_seconds is None else round(Decimal(seat.talk_seconds)),
            seat.content.shown(),
        ]
        for seat in seats
    ]  # fmt: skip
    return _table(wanted, ("工号", "姓名", "接听", "15秒率", "平均通话（秒）", "满意率"), rows)


async def _repeats(database: Database, wanted: Wanted) -> Statement:
    """(9) 重复/群体诉求表: accepted cases that belong to another one."""
    period = wanted.question.period
    linked = exists().where(
        CaseLinkRow.case_id == CaseRow.id, CaseLinkRow.kind.in_(("REPEAT", "GROUP", "MERGE"))
    )
    query = (
        select(CaseRow)
        .where(CaseRow.submitted_at >= period.start, CaseRow.submitted_at < period.end, linked)
        .order_by(CaseRow.category, CaseRow.place_text, CaseRow.submitted_at)
    )
    return await _cases(database, wanted, query)


async def _places(database: Database, wanted: Wanted) -> Statement:
    """(10) 热点 Top: places named most often, without house numbers."""
    period = wanted.question.period
    place = func.regexp_replace(CaseRow.place_text, r"[0-9０-９]+.*$", "")
    query = (
        select(place, func.count())
        .where(
            CaseRow.submitted_at >= period.start,
            CaseRow.submitted_at < period.end,
            CaseRow.confidential.is_(False),
            place != "",
        )
        .group_by(place)
        .order_by(func.count().desc(), place)
        .limit(50)
    )
    async with database.sessions() as session:
        found = [(row[0], row[1]) for row in await session.execute(query)]
    rows = [[n, redact_strictly(name), number] for n, (name, number) in enumerate(found, 1)]
    return _table(wanted, ("序号", "地点", "件数"), rows)


async def _baseline(database: Database, wanted: Wanted) -> Statement:
    """(11) 省基线对照表: each unit's satisfaction beside the province's."""
    question = replace(wanted.question, codes=("satisfaction",))
    table = await figures(database, question)
    baseline = wanted.question.moment.rules.province_baseline
    async with database.sessions() as session:
        units = await _names(session, wanted.own_unit)
    rows: list[Sequence[Cell]] = [["全省基线", f"{baseline:.2f}%", None, None]]
    for unit, name in units.items():
        rate = table.rate(unit, "satisfaction")
        rows.append([name, rate.shown(), _above(rate, baseline), rate.den])
    return _table(wanted, ("单位", "满意率", "高于基线（百分点）", "有效回访"), rows)


def _above(rate: Rate, baseline: Decimal) -> Cell:
    return NO_CASES if rate.percent is None else rate.percent - baseline


async def _behind(database: Database, wanted: Wanted) -> Statement:
    """The cases behind one figure."""
    if wanted.behind is None:
        raise InputRefused("没有这项指标")
    async with database.sessions() as session:
        query = await cases_behind(session, wanted.behind)
    return await _cases(database, wanted, query)


async def _cases(
    database: Database, wanted: Wanted, query: Select[CaseRow], *, with_cause: bool = False
) -> Statement:
    async with database.sessions() as session:
        views = await visible_cases(session, wanted.sight, query.limit(MOST_ROWS + 1))
        if len(views) > MOST_ROWS:
            raise InputRefused("清单超过两万行，请缩短时段")
        causes = await _causes(session, [v.id for v in views]) if with_cause else {}
    rows = [
        [*case_cells(view), *([causes.get(view.id, "")] if with_cause else [])] for view in views
    ]
    columns = [*CASE_COLUMNS, "不满意原因"] if with_cause else CASE_COLUMNS
    return _table(wanted, columns, rows, cases=len(rows))


async def _causes(session: AsyncSession, ids: Sequence[str]) -> dict[str, str]:
    query = (
        select(CallbackAttemptRow.case_id, CallbackAttemptRow.cause)
        .where(CallbackAttemptRow.case_id.in_(ids), CallbackAttemptRow.cause.is_not(None))
        .order_by(CallbackAttemptRow.at)
    )
    return {row[0]: row[1] or "" for row in await session.execute(query)}


def case_cells(view: CaseView) -> list[Cell]:
    """A case as a row of a file: no name, no number, and texts without anybody's.

    What a confidential case says stays in the system: a file cannot be called back.
    """
    known = Clues(names=(view.caller_name,) if view.caller_name and not view.confidential else ())

    def clean(text: str) -> str:
        return "〔保密〕" if text and view.confidential else redact(text, known)

    return [
        view.number or "", view.case_type or "", view.category or "", clean(view.title),
        clean(view.content), clean(view.place_text), view.urgency, view.department or "",
        view.status_name, view.round, view.returns, _minute(view.submitted_at),
        _minute(view.dispatched_at), _minute(view.due_at), _minute(view.closed_at),
        view.satisfaction_final or "", view.solved or "", view.close_code or "",
    ]  # fmt: skip


def _minute(at: datetime | None) -> str:
    return f"{city_time(at):%Y-%m-%d %H:%M}" if at else ""


#: Code -> name, how it is made, whether a department may have it (about itself).
STATEMENTS: Mapping[str, tuple[str, Make, bool]] = {
    "daily": ("受理日报", _daily, False),
    "categories": ("类别同比环比表", _categories, False),
    "units": ("承办单位办理情况表", _units, True),
    "overdue": ("超期未办结清单", _overdue, True),
    "unhappy": ("不满意清单", _unhappy, True),
    "second": ("二次交办清单", _second, True),
    "seats": ("座席话务表", _seats, False),
    "repeats": ("重复及群体诉求表", _repeats, False),
    "places": ("热点地点表", _places, False),
    "baseline": ("省基线对照表", _baseline, True),
    "behind": ("指标明细清单", _behind, True),
}
