"""Queries about lines, queues, holidays and the blacklist by intent."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.lines import AnnouncementRow, BlacklistRow, HolidayRow, LineRow, QueueRow


async def active_lines(session: AsyncSession) -> Sequence[LineRow]:
    """Every line in service."""
    return (await session.scalars(select(LineRow).where(LineRow.active.is_(True)))).all()


async def line_of(session: AsyncSession, did: str) -> LineRow | None:
    """The line of a dialled number."""
    query = select(LineRow).where(LineRow.did == did, LineRow.active.is_(True))
    return (await session.scalars(query)).first()


async def queues(session: AsyncSession) -> Sequence[QueueRow]:
    """Every queue."""
    return (await session.scalars(select(QueueRow).order_by(QueueRow.id))).all()


async def holidays(session: AsyncSession, start: date, end: date) -> Sequence[HolidayRow]:
    """Days off and working weekend days from start (included) to end (excluded)."""
    query = select(HolidayRow).where(HolidayRow.day >= start, HolidayRow.day < end)
    return (await session.scalars(query.order_by(HolidayRow.day))).all()


async def blocked(session: AsyncSession, caller_hash: str, now: datetime) -> BlacklistRow | None:
    """The caller's blacklist entry, unless it has expired."""
    query = select(BlacklistRow).where(
        BlacklistRow.caller_hash == caller_hash, BlacklistRow.until > now
    )
    return (await session.scalars(query)).first()


async def announcement(
    session: AsyncSession, line_id: str, now: datetime
) -> AnnouncementRow | None:
    """The announcement of the day for a line, if any is valid now; the newest wins."""
    query = (
        select(AnnouncementRow)
        .where(
            AnnouncementRow.valid_from <= now,
            AnnouncementRow.valid_to > now,
            or_(AnnouncementRow.line_id == line_id, AnnouncementRow.line_id.is_(None)),
        )
        .order_by(AnnouncementRow.valid_from.desc())
    )
    return (await session.scalars(query)).first()


async def blacklist(session: AsyncSession, now: datetime) -> Sequence[BlacklistRow]:
    """Every entry of the blacklist that has not expired."""
    return (await session.scalars(select(BlacklistRow).where(BlacklistRow.until > now))).all()


async def announcements(session: AsyncSession, now: datetime) -> Sequence[AnnouncementRow]:
    """Every announcement that is valid now or later, the newest first."""
    query = select(AnnouncementRow).where(AnnouncementRow.valid_to > now)
    return (await session.scalars(query.order_by(AnnouncementRow.valid_from.desc()))).all()
