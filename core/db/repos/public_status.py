"""What a citizen may learn of a case with its number and the last digits of the phone."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.cases import CaseEventRow, CaseRow
from core.db.tables.handling import CaseLinkRow, LegRow, RequestRow
from core.domain.cases import CaseStatus
from core.domain.legs import LegRole


async def case_worked_on(session: AsyncSession, case: CaseRow) -> CaseRow:
    """The case in which this one's demand is handled: its master when merged, else itself."""
    if case.status != CaseStatus.MERGED.value:
        return case
    query = (
        select(CaseRow)
        .join(CaseLinkRow, CaseLinkRow.other_id == CaseRow.id)
        .where(CaseLinkRow.case_id == case.id, CaseLinkRow.kind == "MERGE")
        .order_by(CaseLinkRow.at.desc())
        .limit(1)
    )
    return (await session.scalars(query)).first() or case


async def told_steps(
    session: AsyncSession, case_ids: Sequence[str], actions: Sequence[str]
) -> Sequence[CaseEventRow]:
    """The steps a citizen is told of, oldest first."""
    query = select(CaseEventRow).where(
        CaseEventRow.case_id.in_(case_ids), CaseEventRow.action.in_(actions)
    )
    return (await session.scalars(query.order_by(CaseEventRow.at, CaseEventRow.id))).all()


async def lead_leg(session: AsyncSession, case_id: str) -> LegRow | None:
    """The leg whose clock the citizen waits for: the newest lead leg."""
    query = (
        select(LegRow)
        .where(LegRow.case_id == case_id, LegRow.role == LegRole.LEAD.value, LegRow.level == 2)  # noqa: PLR2004 - second level
        .order_by(LegRow.round.desc(), LegRow.dispatched_at.desc())
        .limit(1)
    )
    return (await session.scalars(query)).first()


async def reasons_of_delay(session: AsyncSession, case_id: str) -> Sequence[str]:
    """Why more time was allowed, in the words of the list of reasons."""
    query = (
        select(RequestRow.reason_code)
        .where(
            RequestRow.case_id == case_id,
            RequestRow.kind == "EXTENSION",
            RequestRow.verdict == "ALLOWED",
        )
        .order_by(RequestRow.asked_at)
    )
    return list(dict.fromkeys((await session.scalars(query)).all()))


async def reopening_asked(session: AsyncSession, case_id: str) -> bool:
    """Whether somebody has asked to open the case again and nobody has ruled on it."""
    query = select(RequestRow.id).where(
        RequestRow.case_id == case_id, RequestRow.kind == "REOPEN", RequestRow.verdict.is_(None)
    )
    return await session.scalar(query.limit(1)) is not None
