"""The facts behind the guards of the transition table, asked of the database."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from core.auth import Principal
from core.clock import city_time
from core.db.engine import UnitOfWork
from core.db.tables.cases import CaseRow, DepartmentRow
from core.db.tables.handling import CallbackAttemptRow, LegRow, RequestRow
from core.domain.cases import FINAL, CaseStatus
from core.domain.legs import OPEN_LEGS, LegRole, LegStatus

MOST_RETURNS = 2
MOST_HOPS = 3
MOST_ROUNDS = 2
CALLBACK_ATTEMPTS = 3
SUBJECTIVE = frozenset({"未联系", "敷衍", "未到现场", "超时", "未解决"})
OBJECTIVE = frozenset({"政策限制", "历史遗留", "缺条件"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that somebody wants to take."""

    work: UnitOfWork
    case: CaseRow
    by: Principal
    given: Mapping[str, Any]


Guard = Callable[[Asked], Awaitable[bool]]


async def _accused_not_addressed(asked: Asked) -> bool:
    """The unit that is reported may never be addressee (domain.md 7)."""
    accused = asked.case.accused.strip()
    if not accused:
        return True
    targets = [asked.given.get("lead"), *asked.given.get("supporting", ())]
    query = select(DepartmentRow.name).where(DepartmentRow.id.in_([t for t in targets if t]))
    names = (await asked.work.session.scalars(query)).all()
    return not any(accused in name or name in accused for name in names)


async def _redaction_checked(asked: Asked) -> bool:
    return not asked.case.confidential or bool(asked.given.get("redaction_checked"))


async def _master(asked: Asked) -> CaseRow | None:
    return await asked.work.session.get(CaseRow, str(asked.given.get("master", "")))


async def _master_open(asked: Asked) -> bool:
    master = await _master(asked)
    return (
        master is not None
        and master.id != asked.case.id
        and CaseStatus(master.status) not in FINAL | {CaseStatus.DRAFT}
    )


async def _same_demand_confirmed(asked: Asked) -> bool:
    return bool(asked.given.get("same_demand_confirmed"))


async def _master_not_replied(asked: Asked) -> bool:
    master = await _master(asked)
    replied = {CaseStatus.REPLIED, CaseStatus.PENDING_CHECK, CaseStatus.PENDING_CALLBACK}
    return master is not None and CaseStatus(master.status) not in FINAL | replied


async def _own_legs(asked: Asked) -> list[LegRow]:
    query = select(LegRow).where(
        LegRow.case_id == asked.case.id,
        LegRow.department_id == (asked.by.department_id or ""),
        LegRow.status.in_([status.value for status in OPEN_LEGS]),
    )
    return list((await asked.work.session.scalars(query)).all())


async def _own_leg(asked: Asked) -> bool:
    return bool(await _own_legs(asked))


async def _own_lead_leg(asked: Asked) -> bool:
    return any(leg.role == LegRole.LEAD for leg in await _own_legs(asked))


async def _within_sign_window(asked: Asked) -> bool:
    now = asked.work.clock.now()
    return any(
        leg.sign_due_at >= now or leg.status == LegStatus.TO_SIGN for leg in await _own_legs(asked)
    )


async def _returns_left(asked: Asked) -> bool:
    return asked.case.returns < MOST_RETURNS


async def _hops_left(asked: Asked) -> bool:
    return asked.case.hops < MOST_HOPS


async def _conference_justified(asked: Asked) -> bool:
    supporting = asked.given.get("units", ())
    return (
        asked.case.returns >= MOST_RETURNS
        or asked.case.hops >= MOST_HOPS
        or asked.case.round >= MOST_ROUNDS
        or len(supporting) > MOST_HOPS
        or bool(asked.given.get("no_owner"))
    )


async def _suspension_left(asked: Asked) -> bool:
    query = select(func.count()).where(
        RequestRow.case_id == asked.case.id,
        RequestRow.kind == "SUSPENSION",
        RequestRow.verdict == "ALLOWED",
    )
    return not await asked.work.session.scalar(query)


async def _resume_within_a_year(asked: Asked) -> bool:
    today = city_time(asked.work.clock.now()).date()
    try:
        day = date.fromisoformat(str(asked.given.get("resume_on", "")))
    except ValueError:
        return False
    return today < day <= today + timedelta(days=366)


async def _both_parties_willing(asked: Asked) -> bool:
    return bool(asked.given.get("both_parties_willing"))


async def _cause_subjective(asked: Asked) -> bool:
    return asked.given.get("cause") in SUBJECTIVE


async def _cause_objective(asked: Asked) -> bool:
    return asked.given.get("cause") in OBJECTIVE


async def _rounds_left(asked: Asked) -> bool:
    """After two unsatisfied rounds: supervision or conference, never a third plain one."""
    return asked.case.round < MOST_ROUNDS + 1


async def _three_attempts_in_two_days(asked: Asked) -> bool:
    query = select(CallbackAttemptRow).where(
        CallbackAttemptRow.case_id == asked.case.id,
        CallbackAttemptRow.round == asked.case.round,
        CallbackAttemptRow.connected.is_(False),
    )
    attempts = (await asked.work.session.scalars(query)).all()
    days = {city_time(attempt.at).date() for attempt in attempts}
    return (
        len(attempts) >= CALLBACK_ATTEMPTS
        and len(days) > 1
        and any(attempt.off_hours for attempt in attempts)
    )


GUARDS: Mapping[str, Guard] = {
    "accused_not_addressed": _accused_not_addressed,
    "redaction_checked": _redaction_checked,
    "master_open": _master_open,
    "same_demand_confirmed": _same_demand_confirmed,
    "master_not_replied": _master_not_replied,
    "own_leg": _own_leg,
    "own_lead_leg": _own_lead_leg,
    "within_sign_window": _within_sign_window,
    "returns_left": _returns_left,
    "hops_left": _hops_left,
    "conference_justified": _conference_justified,
    "suspension_left": _suspension_left,
    "resume_within_a_year": _resume_within_a_year,
    "both_parties_willing": _both_parties_willing,
    "cause_subjective": _cause_subjective,
    "cause_objective": _cause_objective,
    "rounds_left": _rounds_left,
    "three_attempts_in_two_days": _three_attempts_in_two_days,
}


async def facts_of(asked: Asked, guards: tuple[str, ...]) -> dict[str, bool]:
    """Which of these guards hold."""
    return {name: await GUARDS[name](asked) for name in guards}
