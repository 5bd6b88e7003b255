"""A department has spoken with the citizen: the leg's first contact, on the case's timeline."""

from core.actions.alarms import set_alarms
from core.actions.base import take
from core.db.engine import UnitOfWork
from core.db.tables.cases import CaseEventRow, CaseRow
from core.db.tables.handling import LegRow
from core.ids import CallId, CaseId, new_id

#: The word for it in the timeline of a case.
CONTACTED = "contact_citizen"


async def note_contact(
    work: UnitOfWork, case_id: CaseId, leg_id: str | None, *, call_id: CallId, actor: str
) -> None:
    """Write the contact down; the first one stops the leg's contact limit."""
    case = await take(work, CaseRow, case_id, what="工单")
    now = work.clock.now()
    if leg_id is not None:
        leg = await take(work, LegRow, leg_id, what="承办单")
        if leg.contacted_at is None:
            leg.contacted_at = now
            await set_alarms(work, leg)
    work.session.add(
        CaseEventRow(
            id=new_id(),
            case_id=case.id,
            at=now,
            action=CONTACTED,
            actor=actor,
            from_status=case.status,
            to_status=case.status,
            facts={"call_id": call_id, "leg_id": leg_id},
        )
    )
    work.audit(
        actor=actor, action=CONTACTED, entity="case", entity_id=case.id,
        facts={"call_id": call_id, "leg_id": leg_id},
    )  # fmt: skip
