"""Every write about what an agent is doing."""

from datetime import datetime

from core.actions.base import told
from core.db.engine import UnitOfWork
from core.db.tables.people import AgentRow
from core.domain.agents import AgentState
from core.domain.events import AgentStateChanged
from core.ids import AgentId


async def set_agent_state(
    work: UnitOfWork,
    agent_id: AgentId,
    state: AgentState,
    *,
    reason: str = "",
    until: datetime | None = None,
    call_id: str | None = None,
) -> AgentRow:
    """The agent is now in this state; a first telling makes the row."""
    now = work.clock.now()
    row = await work.session.get(AgentRow, agent_id, with_for_update=True)
    if row is None:
        row = AgentRow(id=agent_id, state=AgentState.SIGNED_OUT.value, reason="", since=now)
        work.session.add(row)
    if state is AgentState.READY and row.state != AgentState.READY.value:
        row.idle_since = row.idle_since or now
    if state is AgentState.TALKING:
        row.idle_since = None
    row.state = state.value
    row.reason = reason
    row.since = now
    row.until = until
    row.call_id = call_id
    work.audit(
        actor=agent_id, action="set_agent_state", entity="agent", entity_id=agent_id,
        facts={"state": state.value, "reason": reason},
    )  # fmt: skip
    work.record(
        AgentStateChanged(
            agent_id=agent_id,
            state=state.value,
            reason=reason,
            since=told(now),
            until=told(until) if until else None,
            call_id=call_id,
        )
    )
    return row
