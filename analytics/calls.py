"""Figures of the telephone: how many were put through, how soon, and who was called back.

Source: domain.md 3. A call is offered when it joins the queue for a person; one that hangs up
within a few seconds is left out in a second view only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from analytics.periods import Period
from analytics.rates import Rate
from core.db.tables.calls import CallRow
from core.db.tables.people import AccountRow

SOON = timedelta(seconds=15)
SHORT = timedelta(seconds=5)
CALL_BACK_WITHIN = timedelta(minutes=30)
ROLLING = timedelta(hours=24)
CONTENT_FROM = 3
#: Targets of the standards (domain.md 1.8); below the first an alarm is due.
ANSWER_TARGET, SOON_TARGET = 95, 80


@dataclass(frozen=True, slots=True)
class CallFigures:
    """Rates with their two views; means in seconds, None without calls."""

    answered: Rate
    answered_without_short: Rate
    soon_of_answered: Rate
    soon_of_offered: Rate
    called_back: Rate
    content: Rate
    wait_seconds: float | None
    talk_seconds: float | None


@dataclass(frozen=True, slots=True)
class SeatFigures:
    """One agent's calls."""

    name: str
    job_number: str
    calls: int
    soon: Rate
    talk_seconds: float | None
    content: Rate


def last_day(now: datetime) -> Period:
    """The rolling 24 hours before an instant."""
    return Period(now - ROLLING, now)


async def call_figures(session: AsyncSession, period: Period) -> CallFigures:
    """Everything about the calls offered in a period."""
    row = (await session.execute(_query(period))).one()
    offered, answered, short, soon = (int(value) for value in row[:4])
    missed, back, asked, content = (int(value) for value in row[4:8])
    return CallFigures(
        answered=Rate.of(answered, offered),
        answered_without_short=Rate.of(answered, offered - short),
        soon_of_answered=Rate.of(soon, answered),
        soon_of_offered=Rate.of(soon, offered),
        called_back=Rate.of(back, missed),
        content=Rate.of(content, asked),
        wait_seconds=None if row[8] is None else float(row[8]),
        talk_seconds=None if row[9] is None else float(row[9]),
    )


def _offered(period: Period) -> ColumnElement[bool]:
    return and_(
        CallRow.direction == "INBOUND",
        CallRow.queued_at.is_not(None),
        CallRow.started_at >= period.start - timedelta(hours=1),
        CallRow.started_at < period.end,
        CallRow.queued_at >= period.start,
        CallRow.queued_at < period.end,
        # A call that still waits counts neither way.
        or_(CallRow.answered_at.is_not(None), CallRow.ended_at.is_not(None)),
    )


def _seconds(end: Any, start: Any) -> ColumnElement[Any]:
    return func.extract("epoch", end - start)


def _talk() -> ColumnElement[Any]:
    return _seconds(func.coalesce(CallRow.agent_left_at, CallRow.ended_at), CallRow.answered_at)


def _query(period: Period) -> Select[*tuple[Any, ...]]:
    answered = CallRow.answered_at.is_not(None)
    missed = CallRow.answered_at.is_(None)
    waited = CallRow.answered_at - CallRow.queued_at
    short = and_(missed, CallRow.ended_at - CallRow.queued_at < SHORT)
    asked = CallRow.survey_score.is_not(None)
    return select(
        func.count(),
        func.count().filter(answered),
        func.count().filter(short),
        func.count().filter(and_(answered, waited <= SOON)),
        func.count().filter(and_(missed, ~short)),
        func.count().filter(and_(missed, ~short, _called_back())),
        func.count().filter(asked),
        func.count().filter(and_(asked, CallRow.survey_score >= CONTENT_FROM)),
        func.avg(_seconds(CallRow.answered_at, CallRow.queued_at)).filter(answered),
        func.avg(_talk()).filter(answered),
    ).where(_offered(period))


def _called_back() -> ColumnElement[bool]:
    """We rang the same number, or it got through by itself, within half an hour."""
    later = aliased(CallRow)
    return exists().where(
        later.caller_hash == CallRow.caller_hash,
        later.id != CallRow.id,
        later.answered_at > CallRow.ended_at,
        later.answered_at <= CallRow.ended_at + CALL_BACK_WITHIN,
    )


async def seat_figures(session: AsyncSession, period: Period) -> Sequence[SeatFigures]:
    """Each agent's answered calls, in the order of the job numbers."""
    waited = CallRow.answered_at - CallRow.queued_at
    asked = CallRow.survey_score.is_not(None)
    query = (
        select(
            AccountRow.name,
            AccountRow.job_number,
            func.count(),
            func.count().filter(waited <= SOON),
            func.avg(_talk()),
            func.count().filter(asked),
            func.count().filter(and_(asked, CallRow.survey_score >= CONTENT_FROM)),
        )
        .join(AccountRow, AccountRow.id == CallRow.agent_id)
        .where(_offered(period), CallRow.answered_at.is_not(None))
        .group_by(AccountRow.id)
        .order_by(AccountRow.job_number, AccountRow.name)
    )
    return [
        SeatFigures(
            name=row[0],
            job_number=row[1],
            calls=row[2],
            soon=Rate.of(row[3], row[2]),
            talk_seconds=None if row[4] is None else float(row[4]),
            content=Rate.of(row[6], row[5]),
        )
        for row in await session.execute(query)
    ]
