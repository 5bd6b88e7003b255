"""A citizen presses for progress of a case (催办): it is written on the case's timeline."""

from sqlalchemy import select

from core.db.engine import UnitOfWork
from core.db.tables.cases import CaseEventRow, CaseRow
from core.errors import NotFound
from core.ids import new_id

#: The word for it in the timeline of a case.
URGED = "urge"


async def urge_case(work: UnitOfWork, number: str, *, actor: str, call_id: str) -> None:
    """Note the urging; state and clocks of the case stay as they are. Raises NotFound."""
    query = select(CaseRow).where(CaseRow.number == number).with_for_update()
    case = (await work.session.scalars(query)).first()
    if case is None:
        raise NotFound("没有找到该工单")
    case.urges += 1
    work.session.add(
        CaseEventRow(
            id=new_id(),
            case_id=case.id,
            at=work.clock.now(),
            action=URGED,
            actor=actor,
            from_status=case.status,
            to_status=case.status,
            facts={"call_id": call_id},
        )
    )
    work.audit(
        actor=actor, action="urge_case", entity="case", entity_id=case.id,
        facts={"call_id": call_id},
    )  # fmt: skip
