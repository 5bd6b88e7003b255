"""A department's own legs, each with its case seen through the mask."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.repos.case_views import Sight, may_see
from core.db.repos.persons import persons_of
from core.db.tables.cases import CaseRow, DepartmentRow
from core.db.tables.handling import LegRow
from core.domain.legs import LegStatus
from core.domain.masking import masking_for
from core.domain.searches import Cursor

_GONE = (LegStatus.RETURNED.value, LegStatus.WITHDRAWN.value)


@dataclass(frozen=True, slots=True)
class LegView:
    """What an onlooker may see of a leg."""

    id: str
    case_id: str
    case_number: str
    department: str
    role: str
    level: int
    round: int
    status: str
    instruction: str
    dispatched_at: datetime
    sign_due_at: datetime
    due_at: datetime
    signed_at: datetime | None
    replied_at: datetime | None


async def own_legs(
    session: AsyncSession,
    sight: Sight,
    *,
    status: LegStatus | None = None,
    case_id: str | None = None,
    after: Cursor | None = None,
    limit: int = 50,
) -> list[LegView]:
    """The legs of this person's department, by deadline; only of cases it may see."""
    query = (
        select(LegRow, CaseRow, DepartmentRow.name)
        .join(CaseRow, CaseRow.id == LegRow.case_id)
        .join(DepartmentRow, DepartmentRow.id == LegRow.department_id)
        .where(
            LegRow.department_id == (sight.principal.department_id or ""),
            LegRow.status.not_in(_GONE),
            await may_see(session, sight.principal),
        )
        .order_by(LegRow.due_at, LegRow.id)
        .limit(limit)
    )
    if status is not None:
        query = query.where(LegRow.status == status.value)
    if case_id is not None:
        query = query.where(LegRow.case_id == case_id)
    if after is not None:
        query = query.where(
            tuple_(LegRow.due_at, LegRow.id) > tuple_(after.created_at, after.case_id)
        )
    found = (await session.execute(query)).all()
    persons = await persons_of(session, [row[1] for row in found], sight.vault)
    legs = []
    for leg, case, department in found:
        masking = masking_for(sight.principal.role, confidential=case.confidential)
        clues = persons[case.id].clues
        legs.append(
            LegView(
                id=leg.id, case_id=case.id, case_number=case.number or "", department=department,
                role=leg.role, level=leg.level, round=leg.round, status=leg.status,
                instruction=masking.shown_text(leg.instruction, clues),
                dispatched_at=leg.dispatched_at, sign_due_at=leg.sign_due_at, due_at=leg.due_at,
                signed_at=leg.signed_at, replied_at=leg.replied_at,
            )
        )  # fmt: skip
    return legs
