"""The cases behind a figure: of its denominator, its numerator, or what is left between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from analytics.figures import (
    ALL,
    NO_UNIT,
    Question,
    conditions,
    joined,
    owner_of,
    unit_ids,
    within,
)
from analytics.kpis import KPIS, Kpi, Subject
from core.db.tables.cases import CaseRow
from core.db.tables.handling import LegRow, RequestRow
from core.errors import InputRefused


class Side(StrEnum):
    """Which of the figure's rows are wanted; REST are those that lowered (or spared) it."""

    NUM = "num"
    DEN = "den"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Behind:
    """A cell of the table and one of its sides. unit: an id, ALL, or NO_UNIT."""

    question: Question
    code: str
    unit: str = ALL
    side: Side = Side.DEN


async def case_ids(session: AsyncSession, behind: Behind) -> Sequence[str]:
    """A case's id for every counted row, so as often as it was counted."""
    return list(await session.scalars(await ids_query(session, behind)))


async def cases_behind(session: AsyncSession, behind: Behind) -> Select[CaseRow]:
    """The cases themselves, oldest due first; each once. Raises InputRefused."""
    ids = await ids_query(session, behind)
    return (
        select(CaseRow)
        .where(CaseRow.id.in_(ids))
        .order_by(CaseRow.due_at.asc().nulls_last(), CaseRow.number)
    )


async def rows_behind(
    session: AsyncSession, question: Question, code: str, side: Side
) -> Sequence[tuple[str, str]]:
    """Unit and case of every counted row of every unit: what a sheet's deductions link to."""
    kpi = _known(code)
    owner, is_theirs = owner_of(kpi.subject)
    query = _counted(question, kpi, side, owner, _case_id(kpi.subject)).where(is_theirs)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def ids_query(session: AsyncSession, behind: Behind) -> Select[Any]:
    """The ids as a question of its own. Raises InputRefused for a figure there is not."""
    kpi = _known(behind.code)
    query = _counted(behind.question, kpi, behind.side, _case_id(kpi.subject))
    if behind.unit != ALL:
        query = query.where(await _of_unit(session, kpi.subject, behind.unit))
    return query


def _known(code: str) -> Kpi:
    kpi = KPIS.get(code)
    if kpi is None:
        raise InputRefused("没有这项指标", code=code)
    return kpi


def _counted(question: Question, kpi: Kpi, side: Side, *columns: ColumnElement[Any]) -> Select[Any]:
    den, num = conditions(kpi, question.moment)
    # What is not known (an instant that never came) is not in the numerator either.
    rest = and_(den, kpi.num(question.moment).is_not(true()))
    wanted = {Side.DEN: den, Side.NUM: num, Side.REST: rest}
    cohort = question.cohort_of(kpi)
    query = select(*columns).where(within(question, cohort, kpi.subject), wanted[side])
    return joined(query, [kpi], question)


async def _of_unit(session: AsyncSession, subject: Subject, unit: str) -> ColumnElement[bool]:
    owner, is_theirs = owner_of(subject)
    if unit == NO_UNIT:
        return or_(is_theirs.is_(False), owner.is_(None))
    if subject is not Subject.CASE:
        return owner == unit
    names = [name for name, key in (await unit_ids(session)).items() if key == unit]
    return and_(is_theirs, owner.in_(names))


def _case_id(subject: Subject) -> ColumnElement[Any]:
    if subject is Subject.LEG:
        return LegRow.case_id.expression
    if subject is Subject.REQUEST:
        return RequestRow.case_id.expression
    return CaseRow.id.expression
