"""Open cases that may be about the same matter: same caller, or same category and place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.cases import CaseRow
from core.domain.cases import FINAL, CaseStatus

#: How far back a repeat is looked for (domain.md 2.5).
LOOK_BACK = timedelta(days=15)
_CLOSED = [state.value for state in FINAL] + [CaseStatus.DRAFT.value]
_PLACE_CHARS = 4


@dataclass(frozen=True, slots=True)
class Alike:
    """A case that may be the same. same_*: why it is shown."""

    case_id: str
    same_caller: bool
    same_place: bool
    same_category: bool


async def alike_cases(
    session: AsyncSession, case: CaseRow, now: datetime, *, limit: int = 4
) -> Sequence[Alike]:
    """The likeliest first: what is alike in more ways, then the newest."""
    place = case.place_text.strip()
    caller = and_(CaseRow.caller_hash != "", CaseRow.caller_hash == case.caller_hash)
    object_ = and_(CaseRow.category == (case.category or ""), CaseRow.place_text == place)
    query = (
        select(CaseRow)
        .where(
            CaseRow.id != case.id,
            CaseRow.number.is_not(None),
            CaseRow.status.not_in(_CLOSED),
            CaseRow.created_at >= now - LOOK_BACK,
            or_(caller, object_) if len(place) >= _PLACE_CHARS else caller,
        )
        .order_by(CaseRow.created_at.desc())
        .limit(limit * 5)
    )
    found = [
        Alike(
            case_id=other.id,
            same_caller=bool(case.caller_hash) and other.caller_hash == case.caller_hash,
            same_place=bool(place) and other.place_text.strip() == place,
            same_category=bool(case.category) and other.category == case.category,
        )
        for other in (await session.scalars(query)).all()
    ]
    return sorted(found, key=lambda one: -(one.same_caller + one.same_place + one.same_category))[
        :limit
    ]
