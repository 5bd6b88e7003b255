"""What burns now, in numbers: today's work, overdue cases by unit, categories that grow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import case as when
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import CITY_TIME, city_time
from core.db.repos.worklists import AT_UNITS, OPEN_STATES
from core.db.tables.calls import CallRow
from core.db.tables.cases import CaseRow, DepartmentRow
from core.db.tables.handling import LegRow, SuperviseRow
from core.domain.cases import CaseStatus
from core.domain.legs import OPEN_LEGS, LegRole
from core.domain.sides import OrderState

_AT_UNITS = [state.value for state in AT_UNITS]
_OPEN_LEGS = [state.value for state in OPEN_LEGS]
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Today:
    """Numbers of the running day, and what is open now."""

    calls: int
    taken: int
    dispatched: int
    closed: int
    in_pool: int
    overdue: int
    due_today: int
    supervised: int
    dissatisfied_again: int


@dataclass(frozen=True, slots=True)
class UnitBurden:
    """One department's open work."""

    unit_id: str
    name: str
    open: int
    overdue: int
    due_soon: int
    unsigned: int


@dataclass(frozen=True, slots=True)
class HotCategory:
    """How often a category came up in the last seven days, and in the seven before."""

    category: str
    now: int
    before: int


async def today(session: AsyncSession, now: datetime) -> Today:
    """The day so far, in the city's time."""
    start = datetime.combine(city_time(now).date(), time(), CITY_TIME)
    end = start + timedelta(days=1)
    at_units = CaseRow.status.in_(_AT_UNITS)

    async def cases(*where: object) -> int:
        query = select(func.count()).select_from(CaseRow).where(*where)  # type: ignore[arg-type]
        return int(await session.scalar(query) or 0)

    orders = select(func.count(func.distinct(SuperviseRow.case_id))).where(
        SuperviseRow.state != OrderState.ORDER_CLOSED.value
    )
    calls = select(func.count()).select_from(CallRow).where(CallRow.started_at >= start)
    handed = (
        select(func.count())
        .select_from(LegRow)
        .where(LegRow.dispatched_at >= start, LegRow.role == LegRole.LEAD.value)
    )
    return Today(
        calls=int(await session.scalar(calls) or 0),
        taken=await cases(CaseRow.submitted_at >= start),
        dispatched=int(await session.scalar(handed) or 0),
        closed=await cases(CaseRow.closed_at >= start),
        in_pool=await cases(CaseRow.status == CaseStatus.PENDING_ANALYSE.value),
        overdue=await cases(at_units, CaseRow.due_at <= now),
        due_today=await cases(at_units, CaseRow.due_at > now, CaseRow.due_at < end),
        supervised=int(await session.scalar(orders) or 0),
        dissatisfied_again=await cases(CaseRow.round > 2, CaseRow.status.in_(OPEN_STATES)),  # noqa: PLR2004
    )


async def burdens(session: AsyncSession, now: datetime, *, limit: int = 12) -> Sequence[UnitBurden]:
    """Departments with open work as lead, the most overdue first."""
    overdue = func.count(when((LegRow.due_at <= now, 1)))
    soon = func.count(when((LegRow.due_at > now, when((LegRow.warn_at <= now, 1)))))
    unsigned = func.count(when((LegRow.signed_at.is_(None), 1)))
    query = (
        select(LegRow.department_id, DepartmentRow.name, func.count(), overdue, soon, unsigned)
        .join(DepartmentRow, DepartmentRow.id == LegRow.department_id)
        .where(LegRow.status.in_(_OPEN_LEGS), LegRow.role == LegRole.LEAD.value)
        .group_by(LegRow.department_id, DepartmentRow.name)
        .order_by(overdue.desc(), func.count().desc(), DepartmentRow.name)
        .limit(limit)
    )
    return [UnitBurden(*row) for row in (await session.execute(query)).all()]


async def hot_categories(
    session: AsyncSession, now: datetime, *, limit: int = 10
) -> Sequence[HotCategory]:
    """The most frequent categories of the last seven days beside the week before."""
    recent = func.count(when((CaseRow.created_at >= now - WEEK, 1)))
    before = func.count(when((CaseRow.created_at < now - WEEK, 1)))
    query = (
        select(CaseRow.category, recent, before)
        .where(
            CaseRow.created_at >= now - 2 * WEEK,
            CaseRow.number.is_not(None),
            CaseRow.category.is_not(None),
        )
        .group_by(CaseRow.category)
        .order_by(recent.desc(), CaseRow.category)
        .limit(limit)
    )
    return [
        HotCategory(category or "", recent_count, before_count)
        for category, recent_count, before_count in (await session.execute(query)).all()
    ]
