"""Queries about what people have corrected, by intent."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.drafting import CorrectionRow, SpeechEngineRow


async def corrections(
    session: AsyncSession, *, state: str | None = None, limit: int = 500
) -> Sequence[CorrectionRow]:
    """Corrections of a state (or all), the most frequent first."""
    query = select(CorrectionRow).order_by(CorrectionRow.count.desc(), CorrectionRow.last_at.desc())
    if state is not None:
        query = query.where(CorrectionRow.state == state)
    return (await session.scalars(query.limit(limit))).all()


async def speech_engines(session: AsyncSession) -> Sequence[SpeechEngineRow]:
    """Every engine and language as the recordings process last found them."""
    query = select(SpeechEngineRow).order_by(SpeechEngineRow.language, SpeechEngineRow.engine)
    return (await session.scalars(query)).all()
