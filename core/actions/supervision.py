"""Writes about pressing for progress: urging and supervision orders (domain.md 1.6)."""

from core.actions.case_guards import Asked
from core.actions.legs import last_lead
from core.db.tables.handling import SuperviseRow
from core.ids import new_id


async def supervise(
    asked: Asked, *, kind: str, reason: str, unit: str | None = None, level: int = 1
) -> SuperviseRow:
    """Issue a supervision order to the lead unit (or the one named).

    kind: timeout, leader, important or joint.
    """
    order = SuperviseRow(
        id=new_id(),
        case_id=asked.case.id,
        kind=kind,
        level=level,
        reason=reason,
        requirement=str(asked.given.get("requirement", "")),
        department_id=unit or await last_lead(asked),
        issued_by=asked.by.agent_id,
        issued_at=asked.work.clock.now(),
    )
    asked.work.session.add(order)
    asked.work.audit(
        actor=asked.by.agent_id, action="supervise", entity="case", entity_id=asked.case.id,
        facts={"kind": kind, "level": level, "reason": reason},
    )  # fmt: skip
    return order
