"""A department's inbox: its open legs by deadline, divided into trays, each counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.cases import CaseRow
from core.db.tables.handling import LegRow, RequestRow, SuperviseRow, UrgeRow
from core.domain.cases import FINAL, CaseStatus
from core.domain.legs import OPEN_LEGS, LegStatus
from core.domain.units import LEAD_APPROVAL, Tray

Columns = TypeVarTuple("Columns")
_OPEN = [status.value for status in OPEN_LEGS]
_WORKED_ON = [*_OPEN, LegStatus.REPLIED.value]
_FINAL = [status.value for status in FINAL]
_DISPUTED = [CaseStatus.RETURN_REVIEW.value, CaseStatus.CONSULT.value]


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One line of the inbox: the unit's leg, its case, and what presses on it."""

    leg: LegRow
    case: CaseRow
    unread_urges: int
    supervision: int | None


async def inbox(
    session: AsyncSession,
    department_id: str,
    tray: Tray,
    now: datetime,
    *,
    limit: int = 50,
    offset: int = 0,
) -> Sequence[InboxRow]:
    """The legs in this tray, what is due first on top (unsigned ones by their sign limit)."""
    urges = _unread_urges().label("urges")
    level = _open_supervision().label("level")
    by = LegRow.sign_due_at if tray is Tray.TO_SIGN else LegRow.due_at
    query = (
        _mine(department_id, select(LegRow, CaseRow, urges, level))
        .where(_conditions(now)[tray])
        .order_by(by, LegRow.id)
        .limit(limit)
        .offset(offset)
    )
    return [InboxRow(*row) for row in (await session.execute(query)).all()]


async def tray_counts(
    session: AsyncSession, department_id: str, now: datetime
) -> Mapping[Tray, int]:
    """How many legs lie in each tray, in one query."""
    conditions = _conditions(now)
    counts = [func.count().filter(conditions[tray]) for tray in Tray]
    row = (await session.execute(_mine(department_id, select(*counts).select_from(LegRow)))).one()
    return {tray: int(count) for tray, count in zip(Tray, row, strict=True)}


def _mine(department_id: str, query: Select[*Columns]) -> Select[*Columns]:
    return query.join(CaseRow, CaseRow.id == LegRow.case_id).where(
        LegRow.department_id == department_id,
        LegRow.status.in_(_WORKED_ON),
        CaseRow.status.not_in(_FINAL),
    )


def _conditions(now: datetime) -> Mapping[Tray, ColumnElement[bool]]:
    is_open = LegRow.status.in_(_OPEN)
    disputed = CaseRow.status.in_(_DISPUTED)
    running = and_(is_open, LegRow.paused_at.is_(None))
    return {
        Tray.TO_SIGN: and_(LegRow.status == LegStatus.TO_SIGN.value, ~disputed),
        Tray.HANDLING: and_(running, LegRow.status != LegStatus.TO_SIGN.value, ~disputed),
        Tray.NEAR_DUE: and_(running, LegRow.warn_at <= now, LegRow.due_at > now),
        Tray.OVERDUE: and_(running, LegRow.due_at <= now),
        Tray.DISPUTED: and_(is_open, disputed),
        Tray.IN_REVIEW: LegRow.status == LegStatus.REPLIED.value,
        Tray.AGAIN: and_(is_open, or_(LegRow.round > 1, LegRow.status == LegStatus.REWORK.value)),
        Tray.PRESSED: and_(is_open, or_(_unread_urges() > 0, _open_supervision().is_not(None))),
        Tray.PAUSED: and_(is_open, LegRow.paused_at.is_not(None)),
        Tray.TO_APPROVE: exists().where(
            RequestRow.case_id == LegRow.case_id,
            RequestRow.department_id == LegRow.department_id,
            RequestRow.kind == LEAD_APPROVAL,
            RequestRow.verdict.is_(None),
        ),
    }


def _unread_urges() -> ColumnElement[int]:
    return (
        select(func.count())
        .where(UrgeRow.case_id == LegRow.case_id, UrgeRow.read_at.is_(None))
        .scalar_subquery()
    )


def _open_supervision() -> ColumnElement[int | None]:
    """The highest level of an open supervision order to this unit."""
    return (
        select(func.max(SuperviseRow.level))
        .where(
            SuperviseRow.case_id == LegRow.case_id,
            SuperviseRow.department_id == LegRow.department_id,
            SuperviseRow.closed_at.is_(None),
        )
        .scalar_subquery()
    )
