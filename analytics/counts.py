"""How many cases came in: by type, by category, by hour; and how a figure went month by month."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select, text

from analytics.figures import Question, conditions, joined, owner_of, within
from analytics.kpis import KPIS, Cohort, Subject, base_of, instant_of
from analytics.periods import Period
from analytics.rates import Rate
from core.db.engine import Database
from core.db.tables.cases import CaseRow

Counts = Mapping[str, int]
_TOP_LEVEL = func.split_part(func.coalesce(CaseRow.category, ""), "/", 1)
#: The city's wall clock; its name is no value from outside.
_ZONE: ColumnElement[str] = literal_column("'Asia/Shanghai'")


async def accepted_by(
    database: Database, period: Period, column: ColumnElement[Any], unit: str = ""
) -> Counts:
    """Accepted cases of the period, by the values of a column; unit: a department's name."""
    query = (
        select(column, func.count())
        .where(
            base_of(Subject.CASE),
            CaseRow.submitted_at >= period.start,
            CaseRow.submitted_at < period.end,
        )
        .group_by(text("1"))
    )
    if unit:
        query = query.where(CaseRow.department == unit, CaseRow.dispatched_at.is_not(None))
    async with database.sessions() as session:
        return {str(row[0] or ""): int(row[1]) for row in await session.execute(query)}


async def by_type(database: Database, period: Period, unit: str = "") -> Counts:
    """咨询, 投诉 ..."""
    return await accepted_by(database, period, CaseRow.case_type.expression, unit)


async def by_category(database: Database, period: Period, *, whole: bool = False) -> Counts:
    """By the first level of the category, or by the whole of it."""
    column = func.coalesce(CaseRow.category, "") if whole else _TOP_LEVEL
    return await accepted_by(database, period, column)


async def by_hour(database: Database, period: Period) -> Counts:
    """By the hour of the city's day, "0" to "23"."""
    hour = func.extract("hour", func.timezone(_ZONE, CaseRow.submitted_at))
    found = await accepted_by(database, period, hour)
    return {str(int(float(key))): number for key, number in found.items() if key}


async def by_months(
    database: Database, question: Question, codes: Sequence[str], owners: Sequence[str] = ()
) -> dict[str, dict[str, Rate]]:
    """Month (2026-11) -> code -> rate, for a drawn line; months without cases are left out.

    owners: id and name of the one unit that is asked about; none of them means the whole city.
    """
    found: dict[str, dict[str, Rate]] = {}
    for code in codes:
        one = replace(question, codes=(code,))
        async with database.sessions() as session:
            for month, den, num in await session.execute(_by_month(one, code, owners)):
                found.setdefault(month, {})[code] = Rate.of(num, den)
    return dict(sorted(found.items()))


def _by_month(question: Question, code: str, owners: Sequence[str]) -> Select[*tuple[Any, ...]]:
    kpi = KPIS[code]
    cohort: Cohort = question.cohort_of(kpi)
    den, num = conditions(kpi, question.moment)
    month = func.to_char(func.timezone(_ZONE, instant_of(cohort)), "YYYY-MM")
    owner, is_theirs = owner_of(kpi.subject)
    query = select(month, func.count().filter(den), func.count().filter(num)).where(
        within(question, cohort, kpi.subject)
    )
    if owners:
        query = query.where(is_theirs, owner.in_(owners))
    query = query.group_by(text("1"))
    return joined(query, [kpi], question)
