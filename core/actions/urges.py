"""A citizen presses for progress by the number of a case; a merged one presses its master too."""

from sqlalchemy import select

from core.actions.case_steps import take_step
from core.actions.families import master_of
from core.auth import SYSTEM
from core.db.engine import UnitOfWork
from core.db.tables.cases import CaseRow
from core.domain.case_actions import CaseAction
from core.domain.cases import FINAL, CaseStatus
from core.errors import NotFound
from core.ids import CaseId


async def urge_case(work: UnitOfWork, number: str, *, actor: str, call_id: str) -> None:
    """Note the urging; state and clocks stay as they are. Raises NotFound, also once closed."""
    query = select(CaseRow.id, CaseRow.status).where(CaseRow.number == number)
    found = (await work.session.execute(query)).first()
    if found is None:
        raise NotFound("没有找到该工单")
    if CaseStatus(found.status) in FINAL - {CaseStatus.MERGED}:
        raise NotFound("该工单已办结")
    given = {"call_id": call_id, "actor": actor}
    master = await master_of(work, found.id) if found.status == CaseStatus.MERGED else None
    for case_id in (found.id, master):
        if case_id is not None:
            await take_step(
                work, CaseId(case_id), CaseAction.URGE, by=SYSTEM, given=given
            )  # fmt: skip
