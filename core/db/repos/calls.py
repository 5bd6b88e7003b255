"""Queries about calls by intent."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.calls import CallRow, OfferRow, RecordingRow, UtteranceRow


async def open_calls(session: AsyncSession) -> Sequence[CallRow]:
    """Every call that has not ended, oldest first."""
    query = select(CallRow).where(CallRow.state != "ENDED").order_by(CallRow.started_at)
    return (await session.scalars(query)).all()


async def open_offers(session: AsyncSession) -> Sequence[OfferRow]:
    """Every offer that is still ringing."""
    return (await session.scalars(select(OfferRow).where(OfferRow.outcome.is_(None)))).all()


async def transcript(session: AsyncSession, call_id: str) -> Sequence[UtteranceRow]:
    """What was said, in order."""
    query = (
        select(UtteranceRow)
        .where(UtteranceRow.call_id == call_id)
        .order_by(UtteranceRow.start_ms, UtteranceRow.speaker)
    )
    return (await session.scalars(query)).all()


async def recordings(session: AsyncSession, call_id: str) -> Sequence[RecordingRow]:
    """The call's audio files."""
    query = select(RecordingRow).where(RecordingRow.call_id == call_id)
    return (await session.scalars(query.order_by(RecordingRow.speaker))).all()
