"""What hangs on the wall: agents with the age of their state, the line, the day's service level."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.db.tables.calls import CallRow
from core.db.tables.lines import LineRow
from core.db.tables.outgoing import OutgoingRow
from core.db.tables.people import AccountRow, AgentRow
from core.domain.agents import AgentState
from core.domain.calls import CallState, Direction

#: The national standard's service level: answered within 15 s of entering the line.
ANSWER_WITHIN = timedelta(seconds=15)
#: A missed caller phoned back so soon counts as cared for.
RETURN_WITHIN = timedelta(minutes=30)
_IN_LINE = (CallState.QUEUED.value, CallState.OFFERED.value)


@dataclass(frozen=True, slots=True)
class AgentOnWall:
    """One signed-in agent; the call in hand, without anything that tells who is calling."""

    agent_id: str
    name: str
    job_number: str
    state: str
    reason: str
    since: datetime
    call_id: str
    call_state: str
    line_name: str
    third_kind: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """Counts since an instant: of those who entered the line, and what became of them."""

    entered: int
    answered: int
    answered_in_time: int
    abandoned: int
    returned_in_time: int


async def agents_on_wall(session: AsyncSession) -> Sequence[AgentOnWall]:
    """Everybody signed in, by name."""
    query = (
        select(AccountRow, AgentRow, CallRow, LineRow.name)
        .join(AgentRow, AgentRow.id == AccountRow.id)
        .outerjoin(CallRow, CallRow.id == AgentRow.call_id)
        .outerjoin(LineRow, LineRow.id == CallRow.line_id)
        .where(AgentRow.state != AgentState.SIGNED_OUT.value)
        .order_by(AccountRow.name)
    )
    return [_agent(*row) for row in (await session.execute(query)).all()]


def _agent(
    account: AccountRow, agent: AgentRow, call: CallRow | None, line: str | None
) -> AgentOnWall:
    third = (call.trace.get("third") or {}) if call is not None else {}
    return AgentOnWall(
        agent_id=account.id,
        name=account.name,
        job_number=account.job_number,
        state=agent.state,
        reason=agent.reason,
        since=agent.since,
        call_id=call.id if call is not None else "",
        call_state=call.state if call is not None else "",
        line_name=(line or call.did) if call is not None else "",
        third_kind=str(third.get("kind", "")),
        answered_at=call.answered_at if call is not None else None,
    )


async def line_on_wall(session: AsyncSession) -> tuple[int, datetime | None]:
    """How many callers wait, and since when the first."""
    query = select(func.count(), func.min(CallRow.queued_at)).where(
        CallRow.state.in_(_IN_LINE),
        CallRow.state != CallState.ENDED.value,
        CallRow.direction == Direction.INBOUND.value,
    )
    waiting, oldest = (await session.execute(query)).one()
    return waiting, oldest


async def service_figures(session: AsyncSession, since: datetime) -> ServiceFigures:
    """Who entered the line since then; those who still wait are in no share yet."""
    answered = CallRow.answered_at.is_not(None)
    in_time = CallRow.answered_at - CallRow.queued_at <= ANSWER_WITHIN
    given_up = (CallRow.state == CallState.ENDED.value) & ~answered & CallRow.voicemail.is_(False)
    attempt = aliased(OutgoingRow)
    returned = exists().where(
        attempt.missed_call_id == CallRow.id,
        attempt.asked_at - CallRow.ended_at <= RETURN_WITHIN,
    )
    query = select(
        func.count(),
        func.count(case((answered, 1))),
        func.count(case((answered & in_time, 1))),
        func.count(case((given_up, 1))),
        func.count(case((given_up & returned, 1))),
    ).where(
        CallRow.started_at >= since,
        CallRow.direction == Direction.INBOUND.value,
        CallRow.queued_at.is_not(None),
    )
    return ServiceFigures(*(await session.execute(query)).one())
