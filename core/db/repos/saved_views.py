"""Queries about kept searches by intent."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.access import SavedViewRow


async def kept_views(session: AsyncSession, account_id: str) -> Sequence[SavedViewRow]:
    """What this person has kept, in the order of keeping."""
    query = select(SavedViewRow).where(SavedViewRow.account_id == account_id)
    return (await session.scalars(query.order_by(SavedViewRow.position, SavedViewRow.id))).all()
