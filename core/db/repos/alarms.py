"""Queries about alarms by intent."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.handling import ClockAlarmRow
from core.domain.alarms import AlarmKind


async def next_alarm_at(session: AsyncSession) -> datetime | None:
    """The instant of the first alarm that has not been announced; one look into an index."""
    query = select(func.min(ClockAlarmRow.at)).where(ClockAlarmRow.announced_at.is_(None))
    found: datetime | None = await session.scalar(query)
    return found


async def cases_to_resume(session: AsyncSession, now: datetime, *, limit: int) -> Sequence[str]:
    """Suspended cases whose day has come."""
    query = (
        select(ClockAlarmRow.case_id)
        .where(
            ClockAlarmRow.announced_at.is_(None),
            ClockAlarmRow.at <= now,
            ClockAlarmRow.kind == AlarmKind.RESUME.value,
        )
        .order_by(ClockAlarmRow.at)
        .limit(limit)
    )
    return (await session.scalars(query)).all()
