"""The figures of a period for every unit: one question to the database for each cohort."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession

from analytics.kpis import KPIS, Cohort, Kpi, Moment, Subject, base_of, instant_of
from analytics.periods import Period
from analytics.rates import Rate
from core.db.engine import Database
from core.db.tables.cases import CaseRow, DepartmentRow
from core.db.tables.handling import LegRow, RequestRow

#: The row of the whole city, and that of cases no unit was given.
ALL, NO_UNIT = "ALL", ""
#: Questions at once: more would only wait for the same two cores.
_TOGETHER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which figures are wanted. by_acceptance: the second view, by the day of acceptance."""

    period: Period
    moment: Moment
    category: str = ""
    by_acceptance: bool = False
    codes: tuple[str, ...] = tuple(KPIS)

    def cohort_of(self, kpi: Kpi) -> Cohort:
        """By which instant this figure's rows are taken."""
        if self.by_acceptance and kpi.subject is not Subject.REQUEST:
            return Cohort.ACCEPTED
        return kpi.cohort


@dataclass(frozen=True, slots=True)
class FigureTable:
    """rates: unit -> code -> rate; ALL is the sum. taken_at: when it was counted."""

    question: Question
    taken_at: datetime
    rates: Mapping[str, Mapping[str, Rate]] = field(default_factory=dict)

    def rate(self, unit: str, code: str) -> Rate:
        """The rate, without cases where the unit had none."""
        return self.rates.get(unit, {}).get(code, Rate.of(0, 0))


async def figures(database: Database, question: Question) -> FigureTable:
    """Every wanted figure of every unit."""
    groups: dict[tuple[Cohort, Subject], list[Kpi]] = {}
    for code in question.codes:
        kpi = KPIS[code]
        groups.setdefault((question.cohort_of(kpi), kpi.subject), []).append(kpi)
    limit = asyncio.Semaphore(_TOGETHER)

    async def one(cohort: Cohort, subject: Subject, kpis: Sequence[Kpi]) -> list[tuple[Any, ...]]:
        async with limit, database.sessions() as session:
            rows = await session.execute(_query(question, cohort, subject, kpis))
            return [tuple(row) for row in rows]

    asked = await asyncio.gather(
        *(one(cohort, subject, kpis) for (cohort, subject), kpis in groups.items())
    )
    async with database.sessions() as session:
        ids = await unit_ids(session)
    sums: dict[str, dict[str, Rate]] = {}
    for kpis, rows in zip(groups.values(), asked, strict=True):
        for unit, is_theirs, *counts in rows:
            _add(sums, ids.get(unit, unit) if is_theirs and unit else NO_UNIT, kpis, counts)
            _add(sums, ALL, kpis, counts)
    return FigureTable(question, question.moment.now, sums)


def _add(
    sums: dict[str, dict[str, Rate]], unit: str, kpis: Sequence[Kpi], counts: Sequence[Any]
) -> None:
    row = sums.setdefault(unit, {})
    for number, kpi in enumerate(kpis):
        den, num = (Decimal(value or 0) for value in counts[2 * number : 2 * number + 2])
        before = row.get(kpi.code, Rate.of(0, 0))
        row[kpi.code] = Rate(before.num + num, before.den + den)


async def unit_ids(session: AsyncSession) -> dict[str, str]:
    """A unit's id by its name: cases know their unit by name, legs by id."""
    rows = await session.execute(select(DepartmentRow.name, DepartmentRow.id))
    return {row.name: row.id for row in rows}


def _query(
    question: Question, cohort: Cohort, subject: Subject, kpis: Sequence[Kpi]
) -> Select[Any]:
    columns: list[ColumnElement[Any]] = []
    for kpi in kpis:
        den, num = conditions(kpi, question.moment)
        columns.append(func.count().filter(den))
        if kpi.weight is None:
            columns.append(func.count().filter(num))
        else:
            columns.append(func.sum(kpi.weight(question.moment)).filter(num))
    unit, is_theirs = owner_of(subject)
    query = select(unit, is_theirs, *columns).where(within(question, cohort, subject))
    # By number: the driver would send the same expression twice as two different ones.
    query = query.group_by(text("1"), text("2"))
    return joined(query, kpis, question)


def conditions(kpi: Kpi, moment: Moment) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The denominator's condition, and that of the numerator, which is always a part of it."""
    den = kpi.den(moment)
    return den, and_(den, kpi.num(moment))


def owner_of(subject: Subject) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
    """The unit, and whether the row is really its own.

    A case that was never dispatched is the centre's, whatever unit a draft proposed.
    """
    if subject is Subject.LEG:
        return LegRow.department_id.expression, true()
    if subject is Subject.REQUEST:
        return RequestRow.department_id.expression, true()
    return CaseRow.department.expression, CaseRow.dispatched_at.is_not(None)


def needs_case(question: Question, cohort: Cohort) -> bool:
    """Whether a leg or a request must be seen with its case."""
    return bool(question.category) or cohort is Cohort.ACCEPTED


def joined(query: Select[Any], kpis: Sequence[Kpi], question: Question) -> Select[Any]:
    """From what is counted, with its case and the marked cases; kpis are of one cohort."""
    subject, cohort = kpis[0].subject, question.cohort_of(kpis[0])
    if subject is Subject.CASE:
        query = query.select_from(CaseRow)
    else:
        row = LegRow if subject is Subject.LEG else RequestRow
        query = query.select_from(row)
        if needs_case(question, cohort):
            query = query.join(CaseRow, CaseRow.id == row.case_id)
    for mark in dict.fromkeys(mark for kpi in kpis for mark in kpi.marks):
        cases = mark.cases(question.moment)
        query = query.outerjoin(cases, cases.c.case_id == CaseRow.id)
    return query


def within(question: Question, cohort: Cohort, subject: Subject) -> ColumnElement[bool]:
    """The rows of the cohort in the period and the category."""
    instant, period = instant_of(cohort), question.period
    parts = [base_of(subject), instant >= period.start, instant < period.end]
    if question.category:
        below = CaseRow.category.startswith(question.category + "/", autoescape=True)
        parts.append(or_(CaseRow.category == question.category, below))
    return and_(*parts)
