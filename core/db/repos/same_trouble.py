"""Queries about matters that may be the same trouble, by intent."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.cases import CaseRow
from core.db.tables.drafting import BurstRow
from core.db.tables.handling import CaseLinkRow
from core.domain.cases import FINAL

_CLOSED = [status.value for status in FINAL]


async def open_matters(session: AsyncSession, since: datetime, *, limit: int) -> Sequence[CaseRow]:
    """Drafts and open cases since an instant, the newest first."""
    query = (
        select(CaseRow)
        .where(CaseRow.created_at >= since, CaseRow.status.not_in(_CLOSED))
        .order_by(CaseRow.created_at.desc())
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def matters_of(session: AsyncSession, ids: Collection[str]) -> Sequence[CaseRow]:
    """These cases, whatever their state."""
    if not ids:
        return ()
    return (await session.scalars(select(CaseRow).where(CaseRow.id.in_(ids)))).all()


async def not_same_pairs(session: AsyncSession, ids: Collection[str]) -> frozenset[frozenset[str]]:
    """The pairs with any of these cases of which a person has said that they are not the same."""
    query = select(CaseLinkRow.case_id, CaseLinkRow.other_id).where(
        CaseLinkRow.kind == "NOT_SAME",
        CaseLinkRow.case_id.in_(ids) | CaseLinkRow.other_id.in_(ids),
    )
    return frozenset(frozenset((one, other)) for one, other in await session.execute(query))


async def reporters(session: AsyncSession, ids: Collection[str]) -> dict[str, int]:
    """How many callers report each case: the first, and everyone who was joined to it."""
    query = (
        select(CaseLinkRow.other_id, func.count())
        .where(CaseLinkRow.kind == "MERGE", CaseLinkRow.other_id.in_(ids))
        .group_by(CaseLinkRow.other_id)
    )
    joined: dict[str, int] = {row[0]: row[1] for row in await session.execute(query)}
    return {case_id: 1 + joined.get(case_id, 0) for case_id in ids}


async def new_bursts(session: AsyncSession, *, limit: int = 20) -> Sequence[BurstRow]:
    """Bursts that nobody has decided about, the latest first."""
    query = select(BurstRow).where(BurstRow.state == "NEW").order_by(BurstRow.last_at.desc())
    return (await session.scalars(query.limit(limit))).all()
