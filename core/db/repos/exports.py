"""Queries about exported lists by intent."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.auth import Permission, Principal
from core.db.tables.appraisal import ExportRow
from core.db.tables.people import AccountRow


async def exports_for(
    session: AsyncSession, principal: Principal, *, limit: int = 100
) -> Sequence[tuple[ExportRow, str]]:
    """The log, newest first, with names: one's own; for those who approve, everybody's."""
    query = (
        select(ExportRow, AccountRow.name)
        .outerjoin(AccountRow, AccountRow.id == ExportRow.asked_by)
        .order_by(ExportRow.asked_at.desc())
        .limit(limit)
    )
    if not principal.can(Permission.SUPERVISE):
        query = query.where(ExportRow.asked_by == principal.agent_id)
    return [(row, name or row.asked_by) for row, name in await session.execute(query)]


async def exports_to_rule(session: AsyncSession) -> int:
    """How many lists wait for approval."""
    query = select(ExportRow.id).where(ExportRow.verdict.is_(None))
    return len((await session.scalars(query)).all())
