"""The facts behind the guards of the transition table, asked of the database."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta

from sqlalchemy import func, select

from core.actions.asked import Asked
from core.actions.families import children_of, master_of
from core.actions.request_rows import is_approved, open_requests
from core.actions.side_guards import SIDE_GUARDS, own_legs
from core.clock import city_time
from core.db.repos.departments import family_names
from core.db.repos.rules import calendar
from core.db.tables.cases import CaseRow
from core.db.tables.handling import CallbackAttemptRow, RequestRow
from core.domain.accused import is_accused
from core.domain.case_actions import RULERS
from core.domain.cases import FINAL, CaseStatus
from core.domain.legs import LegRole, LegStatus
from core.domain.workdays import Limit, LimitType, due_at

__all__ = ["GUARDS", "Asked", "facts_of"]

Guard = Callable[[Asked], Awaitable[bool]]
_S = CaseStatus
_ANSWERED = frozenset({_S.REPLIED, _S.PENDING_CHECK, _S.PENDING_CALLBACK})


async def _accused_not_addressed(asked: Asked) -> bool:
    """The unit that is reported may never be addressee (domain.md 7)."""
    if not asked.case.accused.strip():
        return True
    targets = [asked.text("lead"), asked.text("unit"), *asked.units("supporting")]
    names = await family_names(asked.work.session, targets)
    return not is_accused(asked.case.accused, names)


async def _redaction_checked(asked: Asked) -> bool:
    return not asked.case.confidential or asked.flag("redaction_checked")


async def _not_returned_before(asked: Asked) -> bool:
    """A post that got a return may not itself forward the case for closing (domain.md 1.3)."""
    return asked.case.returns == 0 or asked.by.role in RULERS


async def _master_open(asked: Asked) -> bool:
    master = await asked.work.session.get(CaseRow, asked.text("master"))
    return (
        master is not None
        and master.id != asked.case.id
        and CaseStatus(master.status) not in FINAL | {_S.DRAFT, _S.PENDING_CALLBACK}
    )


async def _not_a_master(asked: Asked) -> bool:
    return not await children_of(asked.work, asked.case.id)


async def _same_demand_confirmed(asked: Asked) -> bool:
    return asked.flag("same_demand_confirmed")


async def _master_not_replied(asked: Asked) -> bool:
    master_id = await master_of(asked.work, asked.case.id)
    master = await asked.work.session.get(CaseRow, master_id) if master_id else None
    return master is None or CaseStatus(master.status) not in _ANSWERED


async def _own_leg(asked: Asked) -> bool:
    return bool(await own_legs(asked))


async def _own_leg_unsigned(asked: Asked) -> bool:
    return any(leg.status == LegStatus.TO_SIGN for leg in await own_legs(asked))


async def _own_lead_leg(asked: Asked) -> bool:
    return any(leg.role == LegRole.LEAD for leg in await own_legs(asked))


async def _within_sign_window(asked: Asked) -> bool:
    """Not to sign is no way to keep the right to return: the window runs from the dispatch."""
    days = await calendar(asked.work.session)
    window = Limit(LimitType.WORK_HOUR, asked.limits.return_work_hours)
    return any(
        asked.now <= max(leg.sign_due_at, due_at(leg.dispatched_at, window, days))
        for leg in await own_legs(asked)
    )


async def _returns_left(asked: Asked) -> bool:
    return asked.case.returns < asked.limits.returns


async def _first_return(asked: Asked) -> bool:
    """The last return that is taken at all goes to a conference, or is refused."""
    return asked.case.returns < asked.limits.returns - 1


async def _second_refusal_by_ruler(asked: Asked) -> bool:
    return asked.case.returns == 0 or asked.by.role in RULERS


async def _unit_approved(asked: Asked) -> bool:
    if not asked.limits.unit_approval:
        return True
    if asked.text("request_id"):
        request = await asked.work.session.get(RequestRow, asked.text("request_id"))
        return request is not None and is_approved(request)
    waiting = await open_requests(asked.work, asked.case.id, "RETURN")
    return all(is_approved(request) for request in waiting)


async def _hops_left(asked: Asked) -> bool:
    return asked.case.hops < asked.limits.hops


async def _conference_justified(asked: Asked) -> bool:
    limits, case = asked.limits, asked.case
    waiting = len(await open_requests(asked.work, case.id, "RETURN"))
    return (
        case.returns + waiting >= limits.returns
        or case.hops >= limits.hops
        or case.round >= limits.rounds
        or len(asked.units("units")) > limits.conference_units
        or asked.flag("no_owner")
    )


async def _suspension_left(asked: Asked) -> bool:
    query = select(func.count()).where(
        RequestRow.case_id == asked.case.id,
        RequestRow.kind == "SUSPENSION",
        RequestRow.verdict == "ALLOWED",
    )
    used = int(await asked.work.session.scalar(query) or 0)
    return used < asked.limits.suspensions


async def _resume_within_a_year(asked: Asked) -> bool:
    today = city_time(asked.now).date()
    try:
        day = date.fromisoformat(asked.text("resume_on"))
    except ValueError:
        return False
    return today < day <= today + timedelta(days=asked.limits.suspension_days)


async def _both_parties_willing(asked: Asked) -> bool:
    return asked.flag("both_parties_willing")


async def _cause_subjective(asked: Asked) -> bool:
    return asked.given.get("cause") in asked.limits.subjective_causes


async def _cause_objective(asked: Asked) -> bool:
    return asked.given.get("cause") in asked.limits.objective_causes


async def _rounds_left(asked: Asked) -> bool:
    """After two unsatisfied rounds: supervision or conference, never a third plain one."""
    return asked.case.round <= asked.limits.rounds


async def _three_attempts_in_two_days(asked: Asked) -> bool:
    query = select(CallbackAttemptRow).where(
        CallbackAttemptRow.case_id == asked.case.id,
        CallbackAttemptRow.round == asked.case.round,
        CallbackAttemptRow.connected.is_(False),
    )
    attempts = (await asked.work.session.scalars(query)).all()
    days = {city_time(attempt.at).date() for attempt in attempts}
    return (
        len(attempts) >= asked.limits.callback_attempts
        and len(days) >= asked.limits.callback_days
        and any(attempt.off_hours for attempt in attempts)
    )


GUARDS: Mapping[str, Guard] = {
    "accused_not_addressed": _accused_not_addressed,
    "redaction_checked": _redaction_checked,
    "not_returned_before": _not_returned_before,
    "master_open": _master_open,
    "not_a_master": _not_a_master,
    "same_demand_confirmed": _same_demand_confirmed,
    "master_not_replied": _master_not_replied,
    "own_leg": _own_leg,
    "own_leg_unsigned": _own_leg_unsigned,
    "own_lead_leg": _own_lead_leg,
    "within_sign_window": _within_sign_window,
    "returns_left": _returns_left,
    "first_return": _first_return,
    "second_refusal_by_ruler": _second_refusal_by_ruler,
    "unit_approved": _unit_approved,
    "hops_left": _hops_left,
    "conference_justified": _conference_justified,
    "suspension_left": _suspension_left,
    "resume_within_a_year": _resume_within_a_year,
    "both_parties_willing": _both_parties_willing,
    "cause_subjective": _cause_subjective,
    "cause_objective": _cause_objective,
    "rounds_left": _rounds_left,
    "three_attempts_in_two_days": _three_attempts_in_two_days,
    **SIDE_GUARDS,
}


async def facts_of(asked: Asked, guards: tuple[str, ...]) -> dict[str, bool]:
    """Which of these guards hold; those after the first that does not are not asked."""
    holds: dict[str, bool] = {}
    for name in guards:
        holds[name] = await GUARDS[name](asked)
        if not holds[name]:
            break
    return holds
