"""What follows from a callback that was answered: closed, again, explained, or to be judged."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from core.actions.base import take
from core.actions.case_steps import attempt_step, take_step
from core.auth import Principal, Role
from core.db.engine import Database, UnitOfWork
from core.db.repos.callback_work import explanation_of
from core.db.repos.rules import case_limits
from core.db.tables.cases import CaseRow
from core.db.tables.handling import RequestRow
from core.domain.case_limits import CaseLimits
from core.domain.case_steps import CaseAction
from core.domain.cases import CaseStatus
from core.domain.sides import CONTENT
from core.domain.units import EXPLANATION
from core.errors import InputRefused, NotAllowed, NotFound, TransitionRefused
from core.ids import CaseId, new_id

_RULERS = frozenset({Role.SUPERVISOR, Role.DIRECTOR})


class Outcome(StrEnum):
    """Where a callback leads."""

    CLOSED = "closed"
    AGAIN = "again"
    EXPLAINED = "explained"
    TO_SIGN_OFF = "to-sign-off"
    TO_JUDGE = "to-judge"


def outcome_of(given: Mapping[str, Any], limits: CaseLimits, role: Role) -> Outcome:
    """Content: closed. Subjective cause: again. Objective: a ruler signs. Unreasonable: judged."""
    if given["satisfaction"] in CONTENT:
        return Outcome.CLOSED
    cause = given.get("cause")
    if cause in limits.subjective_causes:
        return Outcome.AGAIN
    if cause in limits.objective_causes:
        return Outcome.EXPLAINED if role in _RULERS else Outcome.TO_SIGN_OFF
    if cause in limits.unreasonable_causes:
        return Outcome.TO_JUDGE
    raise InputRefused("不满意的须选择原因", fields=["cause"])


_STEP_OF: Mapping[Outcome, CaseAction] = {
    Outcome.CLOSED: CaseAction.SATISFIED,
    Outcome.AGAIN: CaseAction.DISSATISFIED,
    Outcome.EXPLAINED: CaseAction.EXPLAINED,
    Outcome.TO_JUDGE: CaseAction.ASK_UNREASONABLE,
}


async def record_answer(
    database: Database, case_id: CaseId, *, by: Principal, given: Mapping[str, Any]
) -> Outcome:
    """Carry out what the answer calls for. Raises what the step raises."""
    async with database.sessions() as session:
        limits = await case_limits(session)
    outcome = outcome_of(given, limits, by.role)
    if outcome is Outcome.TO_SIGN_OFF:
        async with database.work() as work:
            await _ask_sign_off(work, case_id, by=by, given=given)
            await work.commit()
        return outcome
    extra: dict[str, Any] = {}
    if outcome is Outcome.TO_JUDGE:
        extra = {"reason_code": given["cause"], "evidence": given["opinion"]}
    await attempt_step(database, case_id, _STEP_OF[outcome], by=by, given={**given, **extra})
    return outcome


async def _ask_sign_off(
    work: UnitOfWork, case_id: CaseId, *, by: Principal, given: Mapping[str, Any]
) -> None:
    case = await take(work, CaseRow, case_id, what="工单")
    if by.role is not Role.CALLBACK:
        raise NotAllowed("您的岗位不能进行此操作")
    if case.status != CaseStatus.PENDING_CALLBACK:
        raise TransitionRefused("工单当前状态不能进行此操作")
    if await explanation_of(work.session, case_id) is not None:
        raise TransitionRefused("已有解释办结在等待审定")
    work.session.add(
        RequestRow(
            id=new_id(), case_id=case_id, leg_id=None, kind=EXPLANATION, department_id="",
            reason_code=str(given["cause"]), words=str(given["explanation"]),
            facts={"given": dict(given)}, asked_by=by.agent_id, asked_at=work.clock.now(),
        )
    )  # fmt: skip
    work.audit(
        actor=by.agent_id, action="ask_explanation", entity="case", entity_id=case_id,
        facts={"cause": given["cause"]},
    )  # fmt: skip


async def sign_off(
    work: UnitOfWork, request_id: str, *, allowed: bool, by: Principal, reason: str
) -> RequestRow:
    """A ruler's word on an explanation: allowed closes the case, refused leaves it in callback."""
    if by.role not in _RULERS:
        raise NotAllowed("只有督办员或中心主任可以审定")
    request = await take(work, RequestRow, request_id, what="申请")
    if request.kind != EXPLANATION:
        raise NotFound("没有找到该申请")
    if request.verdict is not None:
        raise TransitionRefused("该申请已有结论")
    if not allowed and not reason:
        raise InputRefused("不同意的须写明理由", fields=["reason"])
    request.verdict = "ALLOWED" if allowed else "REFUSED"
    request.ruling, request.ruled_by, request.ruled_at = reason, by.agent_id, work.clock.now()
    work.audit(
        actor=by.agent_id, action="sign_off_explanation", entity="case",
        entity_id=request.case_id, facts={"allowed": allowed},
    )  # fmt: skip
    if allowed:
        await take_step(
            work, CaseId(request.case_id), CaseAction.EXPLAINED, by=by,
            given={**request.facts["given"], "reason": reason},
        )  # fmt: skip
    return request
