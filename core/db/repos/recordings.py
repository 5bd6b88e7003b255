"""Queries about recordings and transcripts by intent."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.calls import CallRow, RecordingRow

#: States of a transcript that the better pass has not finished.
#: The better words are written, the draft from them is not.
HEARD_AGAIN = "HEARD"
UNFINISHED = ("LIVE", "TO_TRANSCRIBE", "WORKING", HEARD_AGAIN)


async def calls_of(session: AsyncSession, call_ids: Iterable[str]) -> dict[str, CallRow]:
    """These calls, as far as they are known, by id."""
    rows = await session.scalars(select(CallRow).where(CallRow.id.in_(list(call_ids))))
    return {row.id: row for row in rows}


async def to_transcribe(session: AsyncSession, *, limit: int = 20) -> Sequence[CallRow]:
    """Ended calls with stored audio whose better transcript is still to be made, newest first."""
    stored = select(RecordingRow.call_id)
    query = (
        select(CallRow)
        .where(
            CallRow.state == "ENDED",
            CallRow.transcript_state.in_(UNFINISHED),
            CallRow.id.in_(stored),
        )
        .order_by(CallRow.ended_at.desc())
        .limit(limit)
    )
    return (await session.scalars(query)).all()
