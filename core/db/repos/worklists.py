"""Queries of the centre's worklists by intent: what waits for whom, the most pressing first."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy import case as when
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.cases import CaseRow, DepartmentRow
from core.db.tables.handling import LegRow, RequestRow, SuperviseRow
from core.domain.cases import FINAL, CaseStatus, Urgency
from core.domain.sides import OrderState

_S = CaseStatus
_ANSWERED = (OrderState.ORDER_REPLIED.value, OrderState.WITHDRAWAL_ASKED.value)
_MOST_ORDERS = 200
#: States in which a department's clock runs against the case.
AT_UNITS = (_S.DISPATCHED, _S.HANDLING, _S.RETURN_REVIEW, _S.CONSULT, _S.REASSIGNED)
#: Named one by one, because an index knows what a state is and not what it is not.
OPEN_STATES = [state.value for state in CaseStatus if state not in FINAL | {_S.DRAFT}]
_URGENCY_RANK = when(
    (CaseRow.urgency == Urgency.CRITICAL.value, 0),
    (CaseRow.urgency == Urgency.URGENT.value, 1),
    else_=2,
)


def in_states(*states: CaseStatus) -> Select[CaseRow]:
    """Cases in these states: urgent ones first, then the oldest."""
    values = [state.value for state in states]
    return (
        select(CaseRow)
        .where(CaseRow.status.in_(values))
        .order_by(_URGENCY_RANK, CaseRow.created_at, CaseRow.id)
    )


def overdue(now: datetime) -> Select[CaseRow]:
    """Cases past due that departments still owe, the longest overdue first."""
    return (
        select(CaseRow)
        .where(CaseRow.status.in_([s.value for s in AT_UNITS]), CaseRow.due_at <= now)
        .order_by(CaseRow.due_at, CaseRow.id)
    )


def due_before(now: datetime, until: datetime) -> Select[CaseRow]:
    """Cases that fall due within a span, the next one first."""
    return (
        select(CaseRow)
        .where(
            CaseRow.status.in_([s.value for s in AT_UNITS]),
            CaseRow.due_at > now,
            CaseRow.due_at <= until,
        )
        .order_by(CaseRow.due_at, CaseRow.id)
    )


def supervised() -> Select[CaseRow]:
    """Cases with an order of supervision that is not closed."""
    order = exists().where(
        SuperviseRow.case_id == CaseRow.id, SuperviseRow.state != OrderState.ORDER_CLOSED.value
    )
    return select(CaseRow).where(order).order_by(CaseRow.due_at.nulls_last(), CaseRow.id)


def dissatisfied_again() -> Select[CaseRow]:
    """Open cases whose citizen was dissatisfied in two rounds or more."""
    return (
        select(CaseRow)
        .where(CaseRow.round > 2, CaseRow.status.in_(OPEN_STATES))  # noqa: PLR2004 - third round
        .order_by(CaseRow.due_at.nulls_last(), CaseRow.id)
    )


def taken_by(account_id: str) -> Select[CaseRow]:
    """Cases that this person took, open ones first, the newest first."""
    ended = when((CaseRow.status.in_([state.value for state in FINAL]), 1), else_=0)
    return (
        select(CaseRow)
        .where(CaseRow.created_by == account_id)
        .order_by(ended, CaseRow.created_at.desc(), CaseRow.id)
    )


def newest() -> Select[CaseRow]:
    """Every case, the newest first."""
    return select(CaseRow).order_by(CaseRow.created_at.desc(), CaseRow.id)


async def count(session: AsyncSession, query: Select[CaseRow]) -> int:
    """How many cases a worklist holds."""
    ids = query.with_only_columns(CaseRow.id).order_by(None).subquery()
    return int(await session.scalar(select(func.count()).select_from(ids)) or 0)


async def count_by_state(session: AsyncSession) -> Mapping[str, int]:
    """How many open cases there are in each state."""
    query = (
        select(CaseRow.status, func.count())
        .where(CaseRow.status.in_(OPEN_STATES))
        .group_by(CaseRow.status)
    )
    return {state: int(number) for state, number in (await session.execute(query)).all()}


async def legs_of_cases(
    session: AsyncSession, case_ids: Collection[str]
) -> Mapping[str, Sequence[tuple[LegRow, str]]]:
    """The legs of these cases with the names of their units; lead first, newest round first."""
    if not case_ids:
        return {}
    query = (
        select(LegRow, DepartmentRow.name)
        .outerjoin(DepartmentRow, DepartmentRow.id == LegRow.department_id)
        .where(LegRow.case_id.in_(case_ids))
        .order_by(LegRow.round.desc(), LegRow.role, LegRow.dispatched_at)
    )
    found: dict[str, list[tuple[LegRow, str]]] = {}
    for leg, name in (await session.execute(query)).all():
        found.setdefault(leg.case_id, []).append((leg, name or leg.department_id))
    return found


async def supervised_cases(session: AsyncSession, case_ids: Collection[str]) -> set[str]:
    """Which of these cases are under supervision now."""
    query = select(SuperviseRow.case_id).where(
        SuperviseRow.case_id.in_(case_ids), SuperviseRow.state != OrderState.ORDER_CLOSED.value
    )
    return set((await session.scalars(query)).all())


async def open_requests(
    session: AsyncSession, kinds: Collection[str]
) -> Sequence[tuple[RequestRow, str]]:
    """What departments ask for and nobody has ruled on, the oldest first, with the unit's name."""
    query = (
        select(RequestRow, DepartmentRow.name)
        .outerjoin(DepartmentRow, DepartmentRow.id == RequestRow.department_id)
        .where(and_(RequestRow.kind.in_(kinds), RequestRow.verdict.is_(None)))
        .order_by(RequestRow.asked_at, RequestRow.id)
    )
    return [(row, name or row.department_id) for row, name in (await session.execute(query)).all()]


def by_ids(case_ids: Collection[str]) -> Select[CaseRow]:
    """These cases."""
    return select(CaseRow).where(CaseRow.id.in_(case_ids))


async def open_orders(session: AsyncSession) -> Sequence[tuple[SuperviseRow, str]]:
    """Supervision orders that are not closed: answered ones first, then the earliest due."""
    answered = when((SuperviseRow.state.in_(_ANSWERED), 0), else_=1)
    query = (
        select(SuperviseRow, DepartmentRow.name)
        .outerjoin(DepartmentRow, DepartmentRow.id == SuperviseRow.department_id)
        .where(SuperviseRow.state != OrderState.ORDER_CLOSED.value)
        .order_by(answered, SuperviseRow.due_at.nulls_last(), SuperviseRow.issued_at)
        .limit(_MOST_ORDERS)
    )
    return [(row, name or row.department_id) for row, name in (await session.execute(query)).all()]
