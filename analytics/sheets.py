"""The month's appraisal sheets: figures and offences scored by a scheme, each with its cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from analytics.appraisal import Direction, EventItem, Item, Line, Sheet, score_events, score_item
from analytics.drill import Side, rows_behind
from analytics.figures import FigureTable, Question, figures, unit_ids
from analytics.kpis import KPIS, Moment
from analytics.offences import Offence, offences
from analytics.periods import of_month
from analytics.rates import Rate
from analytics.settings import rules_in_force
from core.actions.appraisal import SheetDraft
from core.db.engine import Database
from core.db.tables.appraisal import SchemeItemRow, SchemeRow
from core.db.tables.cases import DepartmentRow
from core.errors import InputRefused, NotFound

_OUTSIDE = "外市"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sheets of a month are made of. behind: (unit, code) -> the cases that cost."""

    table: FigureTable
    offences: Sequence[Offence]
    behind: Mapping[tuple[str, str], Sequence[str]]
    exempted: Mapping[tuple[str, str], Sequence[str]]

    def cost(self, unit: str, kind: str) -> list[str]:
        """The cases of a unit's offences of a kind; "" where none belongs to it."""
        return [o.case_id for o in self.offences if (o.department_id, o.kind) == (unit, kind)]


async def sheets_of(database: Database, month: str) -> list[SheetDraft]:
    """A draft for every unit that a scheme is for. Raises InputRefused for a month not over."""
    period, now = of_month(month), database.clock.now()
    if period.end > now:
        raise InputRefused("该月尚未结束，不能生成考核表")
    async with database.sessions() as session:
        scheme, items = await scheme_for(session, period.days[0].isoformat())
        rules = replace(await rules_in_force(session), appraisal=True)
        units = (await session.scalars(_appraised(scheme))).all()
    codes = tuple(item.code for item in items if item.kind == "KPI")
    question = Question(period=period, moment=Moment(now, rules), codes=codes)
    facts = await _facts(database, question, codes)
    return [_draft(facts, scheme, items, unit.id) for unit in units]


def _appraised(scheme: SchemeRow) -> Select[DepartmentRow]:
    query = select(DepartmentRow).where(DepartmentRow.kind != _OUTSIDE).order_by(DepartmentRow.id)
    return query.where(DepartmentRow.kind.in_(scheme.kinds)) if scheme.kinds else query


async def scheme_for(session: AsyncSession, day: str) -> tuple[SchemeRow, Sequence[SchemeItemRow]]:
    """The newest version valid on this day, with its lines. Raises NotFound."""
    rows = (await session.scalars(select(SchemeRow).order_by(SchemeRow.version.desc()))).all()
    valid = [
        row
        for row in rows
        if row.valid_from.isoformat() <= day
        and (row.valid_to is None or day < row.valid_to.isoformat())
    ]
    if not valid:
        raise NotFound("该月没有有效的考核方案，请管理员设置")
    query = select(SchemeItemRow).where(SchemeItemRow.scheme_id == valid[0].id)
    items = (await session.scalars(query.order_by(SchemeItemRow.position))).all()
    return valid[0], [item for item in items if item.kind == "EVENT" or item.code in KPIS]


async def _facts(database: Database, question: Question, codes: Sequence[str]) -> Facts:
    table = await figures(database, question)
    plain = replace(question, moment=replace(question.moment, rules=_facts_only(question)))
    behind: dict[tuple[str, str], list[str]] = {}
    exempted: dict[tuple[str, str], list[str]] = {}
    async with database.sessions() as session:
        ids = await unit_ids(session)
        for code in codes:
            side = Side.NUM if KPIS[code].better == "LOWER" else Side.REST
            charged = await rows_behind(session, question, code, side)
            for owner, case_id in charged:
                behind.setdefault((ids.get(owner, owner), code), []).append(case_id)
            for owner, case_id in set(await rows_behind(session, plain, code, side)) - set(charged):
                exempted.setdefault((ids.get(owner, owner), code), []).append(case_id)
        found = await offences(session, question.period)
    return Facts(table, found, behind, exempted)


def _facts_only(question: Question) -> Any:
    return replace(question.moment.rules, appraisal=False)


def _draft(
    facts: Facts, scheme: SchemeRow, items: Sequence[SchemeItemRow], unit: str
) -> SheetDraft:
    lines, scored = [], []
    for item in items:
        line, values = _line(facts, item, unit)
        scored.append(line)
        lines.append(values)
    sheet = Sheet(tuple(scored), scheme.total)
    return SheetDraft(
        department_id=unit,
        scheme_id=scheme.id,
        total=scheme.total,
        score=sheet.score,
        taken_at=facts.table.taken_at,
        lines=lines,
    )


def _line(facts: Facts, item: SchemeItemRow, unit: str) -> tuple[Line, dict[str, Any]]:
    if item.kind == "KPI":
        rate = facts.table.rate(unit, item.code)
        line = score_item(_item(item), rate)
        cases = facts.behind.get((unit, item.code), [])
        exempted = facts.exempted.get((unit, item.code), [])
    else:
        cases, exempted = facts.cost(unit, item.code), []
        rate = Rate.of(len(cases), len(cases))
        line = score_events(EventItem(item.code, item.points, item.cap), len(cases))
    return line, {
        "kind": item.kind,
        "code": item.code,
        "num": rate.num,
        "den": rate.den,
        "value": line.value,
        "baseline": item.baseline,
        "gap": line.gap,
        "deduct": line.deduct,
        "case_ids": [case_id for case_id in cases if case_id],
        "exempted": sorted(exempted),
    }


def _item(row: SchemeItemRow) -> Item:
    return Item(
        kpi=row.code,
        cap=row.cap if row.cap is not None else Decimal(100),
        baseline=row.baseline or Decimal(0),
        direction=Direction(row.direction),
        step=row.step or Decimal(1),
        points_per_step=row.points,
        min_cases=row.min_cases,
        floor=row.floor,
        floor_points=row.floor_points,
    )
