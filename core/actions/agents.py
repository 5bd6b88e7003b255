"""Every write about what an agent is doing."""

from dataclasses import dataclass
from datetime import datetime

from core.actions.base import take, told
from core.db.engine import UnitOfWork
from core.db.tables.people import AgentRow
from core.domain.agents import AgentState
from core.domain.events import AgentStateChanged
from core.errors import NotFound
from core.ids import AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentNow:
    """What an agent does now. idle_since: the turn among those who are ready; None if used up."""

    state: AgentState
    reason: str = ""
    until: datetime | None = None
    call_id: str | None = None
    idle_since: datetime | None = None


async def set_agent_state(work: UnitOfWork, agent_id: AgentId, now_is: AgentNow) -> AgentRow:
    """The agent is now in this state; a first telling makes the row."""
    row = await _row_of(work, agent_id)
    if row.state != now_is.state.value or row.reason != now_is.reason:
        row.since = work.clock.now()
    row.state = now_is.state.value
    row.reason = now_is.reason
    row.until = now_is.until
    row.call_id = now_is.call_id
    row.idle_since = now_is.idle_since
    work.audit(
        actor=agent_id, action="set_agent_state", entity="agent", entity_id=agent_id,
        facts={"state": row.state, "reason": row.reason},
    )  # fmt: skip
    work.record(
        AgentStateChanged(
            agent_id=agent_id,
            state=row.state,
            reason=row.reason,
            since=told(row.since),
            until=told(row.until) if row.until else None,
            call_id=row.call_id,
        )
    )
    return row


async def _row_of(work: UnitOfWork, agent_id: AgentId) -> AgentRow:
    try:
        return await take(work, AgentRow, agent_id, what="坐席")
    except NotFound:
        row = AgentRow(
            id=agent_id, state=AgentState.SIGNED_OUT.value, reason="", since=work.clock.now()
        )
        work.session.add(row)
        return row
