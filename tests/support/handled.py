"""Cases with a past: a case, its leg and what the citizen said, as rows without their way there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from core.db.engine import UnitOfWork
from core.db.tables.cases import CaseRow
from core.db.tables.handling import CallbackAttemptRow, LegRow, RequestRow
from core.domain.cases import CaseStatus
from core.ids import new_id
from tests.support.city import LAMPS, ROADS

NAMES = {LAMPS: "市城市管理局", ROADS: "市交通运输局"}
_serial = count(1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What happened; every default is a case that was handled in time and liked.

    took: from dispatch to the reply; None: there is none yet. limit: from dispatch to due.
    """

    at: datetime
    unit: str = LAMPS
    status: CaseStatus = CaseStatus.CLOSED
    case_type: str = "投诉"
    category: str = "城市管理/路灯照明"
    limit: timedelta = 5 * DAY
    took: timedelta | None = 2 * DAY
    satisfaction: str | None = "满意"
    solved: str | None = "解决"
    round: int = 1
    cause: str | None = None
    close_code: str | None = "已解决"
    leg_status: str = "ACCEPTED"
    exempt: bool = False
    signed_after: timedelta | None = HOUR
    contacted_after: timedelta | None = 3 * HOUR
    confidential: bool = False


async def live_through(work: UnitOfWork, past: Past) -> CaseRow:
    """The rows that such a life leaves behind."""
    replied = past.at + past.took if past.took is not None else None
    number = next(_serial)
    case = CaseRow(
        id=new_id(), number=f"{past.at:%Y%m%d}{number:05d}", status=past.status.value,
        case_type=past.case_type, category=past.category, title=f"第{number}件", content="路灯不亮",
        department=NAMES[past.unit], round=past.round, dispatched_at=past.at,
        due_at=past.at + past.limit, satisfaction_first=past.satisfaction,
        satisfaction_final=past.satisfaction, solved=past.solved, close_code=past.close_code,
        created_at=past.at, submitted_at=past.at, confidential=past.confidential,
        closed_at=replied + DAY if replied and past.status is CaseStatus.CLOSED else None,
    )  # fmt: skip
    work.session.add(case)
    await work.session.flush()
    work.session.add(_leg(case.id, past, replied))
    if past.satisfaction:
        work.session.add(
            CallbackAttemptRow(
                id=new_id(), case_id=case.id, round=past.round, attempt=1, by="callback01",
                at=(replied or past.at) + DAY, connected=True, satisfaction=past.satisfaction,
                solved=past.solved, cause=past.cause,
            )
        )  # fmt: skip
    return case


def _leg(case_id: str, past: Past, replied: datetime | None) -> LegRow:
    at = past.at
    return LegRow(
        id=new_id(), case_id=case_id, department_id=past.unit, status=past.leg_status,
        limit_type="work_day", limit_value=5, dispatched_at=at, sign_due_at=at + 4 * HOUR,
        contact_due_at=at + DAY, due_at=at + past.limit, warn_at=at + past.limit / 2,
        signed_at=_after(at, past.signed_after), contacted_at=_after(at, past.contacted_after),
        replied_at=replied, stopped_at=replied, exempt=past.exempt, round=past.round,
    )  # fmt: skip


def _after(at: datetime, later: timedelta | None) -> datetime | None:
    return None if later is None else at + later


async def asked_return(work: UnitOfWork, case: CaseRow, unit: str, verdict: str) -> RequestRow:
    """A return that the unit asked for and somebody ruled on, a day after dispatch."""
    at = case.created_at + HOUR
    values: dict[str, Any] = {"kind": "RETURN", "reason_code": "职能不符", "verdict": verdict}
    request = RequestRow(
        id=new_id(), case_id=case.id, department_id=unit, asked_by="ops", asked_at=at,
        ruled_by="dispatch01", ruled_at=at + DAY, **values,
    )  # fmt: skip
    work.session.add(request)
    await work.session.flush()
    return request
