"""Every write about a supervisor's hand in calls and at desks: who, whom, how and why."""

from core.db.engine import UnitOfWork
from core.errors import InputRefused
from core.ids import AgentId, CallId

_LONGEST_REASON = 200


def checked_reason(reason: str) -> str:
    """A stated reason. Raises InputRefused without one: nobody is overheard for nothing."""
    words = reason.strip()
    if not words or len(words) > _LONGEST_REASON:
        raise InputRefused("请填写理由（200 字以内）")
    return words


async def note_monitoring(
    work: UnitOfWork, call_id: CallId, supervisor: AgentId, *, how: str, reason: str
) -> None:
    """A supervisor listens to, whispers into or joins a call."""
    work.audit(
        actor=supervisor, action="monitor_call", entity="call", entity_id=call_id,
        facts={"how": how, "reason": checked_reason(reason)},
    )  # fmt: skip


async def note_force(
    work: UnitOfWork, agent_id: AgentId, supervisor: AgentId, *, how: str, reason: str
) -> None:
    """A supervisor sets an agent not ready or signs an agent out."""
    work.audit(
        actor=supervisor, action=how, entity="agent", entity_id=agent_id,
        facts={"reason": checked_reason(reason)},
    )  # fmt: skip
