"""Queries about calls going out by intent."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.outgoing import OutgoingRow


async def open_outgoing(session: AsyncSession) -> Sequence[OutgoingRow]:
    """Every call going out that is not over, oldest first."""
    query = select(OutgoingRow).where(OutgoingRow.ended_at.is_(None))
    return (await session.scalars(query.order_by(OutgoingRow.asked_at))).all()


async def outgoing_of_case(session: AsyncSession, case_id: str) -> Sequence[OutgoingRow]:
    """Every call placed about a case, newest first."""
    query = select(OutgoingRow).where(OutgoingRow.case_id == case_id)
    return (await session.scalars(query.order_by(OutgoingRow.asked_at.desc()))).all()


async def open_call_of(session: AsyncSession, asked_by: str) -> OutgoingRow | None:
    """The call that this account has going out now, if any."""
    query = select(OutgoingRow).where(
        OutgoingRow.asked_by == asked_by, OutgoingRow.ended_at.is_(None)
    )
    return (await session.scalars(query)).first()
