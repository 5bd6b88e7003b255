"""Writes about what departments ask for: returns, extensions, suspensions, appeals; and rulings."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from core.actions.base import take
from core.actions.case_guards import Asked
from core.actions.legs import extend_leg, own_leg
from core.auth import Permission, Principal
from core.db.engine import UnitOfWork
from core.db.tables.cases import CaseRow
from core.db.tables.handling import LegRow, RequestRow
from core.domain.cases import FINAL, CaseStatus
from core.domain.workdays import Limit, LimitType
from core.errors import InputRefused, TransitionRefused
from core.ids import CaseId, new_id


def ask(
    asked: Asked,
    kind: str,
    *,
    leg: LegRow | None,
    reason_code: str,
    words: str,
    facts: Mapping[str, Any],
) -> RequestRow:
    """Write a request down; it is open until somebody rules on it."""
    request = RequestRow(
        id=new_id(),
        case_id=asked.case.id,
        leg_id=leg.id if leg is not None else None,
        kind=kind,
        department_id=asked.by.department_id or "",
        reason_code=reason_code,
        words=words,
        facts=dict(facts),
        asked_by=asked.by.agent_id,
        asked_at=asked.work.clock.now(),
    )
    asked.work.session.add(request)
    return request


def decide(asked: Asked, request: RequestRow, verdict: str) -> None:
    """Give one request its verdict."""
    request.verdict = verdict
    request.ruling = str(asked.given.get("reason") or "")
    request.ruled_by = asked.by.agent_id
    request.ruled_at = asked.work.clock.now()


async def open_requests(work: UnitOfWork, case_id: str, kind: str) -> Sequence[RequestRow]:
    """Requests of a kind about this case that nobody has ruled on, locked."""
    query = select(RequestRow).where(
        RequestRow.case_id == case_id, RequestRow.kind == kind, RequestRow.verdict.is_(None)
    )
    return (await work.session.scalars(query.with_for_update())).all()


async def rule(asked: Asked, kind: str, verdict: str) -> None:
    """Give every open request of this kind its verdict."""
    for request in await open_requests(asked.work, asked.case.id, kind):
        decide(asked, request, verdict)


async def ask_extension(
    work: UnitOfWork, case_id: CaseId, *, by: Principal, given: Mapping[str, Any]
) -> RequestRow:
    """Ask for more time: before due, two approved ones at most, the citizen told (domain.md 1.6).

    given: days (working days), reason_code, words, told_caller.
    """
    asked = Asked(work, await take(work, CaseRow, case_id, what="工单"), by, given)
    leg = await own_leg(asked)
    if leg.due_at <= work.clock.now():
        raise TransitionRefused("已超过办理期限，不能再申请延期")
    if await open_requests(work, case_id, "EXTENSION"):
        raise TransitionRefused("已有延期申请在审核中")
    if not given.get("told_caller"):
        raise InputRefused("申请延期前须先告知诉求人")
    days = _days(given.get("days"), leg)
    await _check_extensions_left(work, leg)
    return ask(
        asked,
        "EXTENSION",
        leg=leg,
        reason_code=str(given.get("reason_code") or "其他"),
        words=str(given.get("words") or ""),
        facts={"days": days},
    )


def _days(value: object, leg: LegRow) -> float:
    try:
        days = float(str(value))
    except ValueError as error:
        raise InputRefused("延期天数应为数字") from error
    longest = leg.limit_value if leg.limit_type == LimitType.WORK_DAY else 1.0
    if not 0 < days <= longest:
        raise InputRefused("延期天数须大于零，且不超过原办理期限", longest=longest)
    return days


async def _check_extensions_left(work: UnitOfWork, leg: LegRow) -> None:
    query = select(RequestRow).where(
        RequestRow.leg_id == leg.id,
        RequestRow.kind == "EXTENSION",
        RequestRow.verdict == "ALLOWED",
    )
    if len((await work.session.scalars(query)).all()) >= 2:  # noqa: PLR2004 - domain.md 1.5
        raise TransitionRefused("该承办单已延期两次，不能再延期")


async def rule_extension(
    work: UnitOfWork, request_id: str, *, allowed: bool, by: Principal, reason: str
) -> RequestRow:
    """Allow (due moves from its old instant) or refuse (costs no try) an extension."""
    by.check_can(Permission.DISPATCH)
    request = await take(work, RequestRow, request_id, what="申请")
    if request.verdict is not None:
        raise TransitionRefused("该申请已有结论")
    case = await take(work, CaseRow, request.case_id, what="工单")
    asked = Asked(work, case, by, {"reason": reason})
    decide(asked, request, "ALLOWED" if allowed else "REFUSED")
    if allowed and request.leg_id is not None:
        limit = Limit(LimitType.WORK_DAY, float(request.facts["days"]))
        await extend_leg(work, request.leg_id, limit)
    work.audit(
        actor=by.agent_id, action="rule_extension", entity="case", entity_id=case.id,
        facts={"allowed": allowed},
    )  # fmt: skip
    return request


async def appeal(
    work: UnitOfWork, case_id: CaseId, *, by: Principal, given: Mapping[str, Any]
) -> RequestRow:
    """Appeal against the appraisal of a closed case: once per case and department."""
    case = await take(work, CaseRow, case_id, what="工单")
    if CaseStatus(case.status) not in FINAL:
        raise TransitionRefused("工单办结后才能申诉")
    query = select(RequestRow).where(
        RequestRow.case_id == case_id,
        RequestRow.kind == "APPEAL",
        RequestRow.department_id == (by.department_id or ""),
    )
    if (await work.session.scalars(query)).first() is not None:
        raise TransitionRefused("该工单已申诉过一次")
    if not given.get("words"):
        raise InputRefused("请写明申诉理由", fields=["words"])
    return ask(
        Asked(work, case, by, given),
        "APPEAL",
        leg=None,
        reason_code=str(given.get("reason_code") or "其他"),
        words=str(given["words"]),
        facts={},
    )
