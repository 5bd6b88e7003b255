"""Requests as rows: written down when somebody asks, given a verdict when somebody rules."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from core.actions.asked import Asked
from core.actions.base import take
from core.db.engine import UnitOfWork
from core.db.tables.handling import LegRow, RequestRow
from core.domain.case_actions import CaseAction
from core.errors import InputRefused, TransitionRefused
from core.ids import new_id

ALLOWED, REFUSED, CONFERENCE = "ALLOWED", "REFUSED", "CONFERENCE"

#: What each asking step asks for.
KIND_OF: Mapping[CaseAction, str] = {
    CaseAction.ASK_RETURN: "RETURN",
    CaseAction.ASK_EXTENSION: "EXTENSION",
    CaseAction.ASK_SUSPENSION: "SUSPENSION",
    CaseAction.ASK_UNREASONABLE: "UNREASONABLE",
    CaseAction.ASK_TERMINATION: "TERMINATION",
    CaseAction.ASK_REOPEN: "REOPEN",
    CaseAction.APPEAL: "APPEAL",
}
#: What each ruling step rules on, where it names the request.
RULED_BY: Mapping[CaseAction, tuple[str, ...]] = {
    CaseAction.ALLOW_EXTENSION: ("EXTENSION",),
    CaseAction.REFUSE_REQUEST: (
        "EXTENSION", "SUSPENSION", "UNREASONABLE", "TERMINATION", "REOPEN",
    ),
    CaseAction.APPROVE_REQUEST: ("RETURN", "EXTENSION", "SUSPENSION", "UNREASONABLE"),
    CaseAction.REVIEW_APPEAL: ("APPEAL",),
    CaseAction.RULE_APPEAL: ("APPEAL",),
}  # fmt: skip


def ask(
    asked: Asked,
    kind: str,
    *,
    leg: LegRow | None,
    reason_code: str,
    words: str,
    facts: Mapping[str, Any],
) -> RequestRow:
    """Write a request down; it is open until somebody rules on it.

    What a unit's leader asks for needs no further approval inside the unit.
    """
    leader = asked.by.role.value == "UNIT_LEAD"
    request = RequestRow(
        id=new_id(),
        case_id=asked.case.id,
        leg_id=leg.id if leg is not None else None,
        kind=kind,
        department_id=asked.unit,
        reason_code=reason_code,
        words=words,
        facts={**facts, **({"approved_by": asked.by.agent_id} if leader else {})},
        asked_by=asked.by.agent_id,
        asked_at=asked.now,
    )
    asked.work.session.add(request)
    return request


def decide(asked: Asked, request: RequestRow, verdict: str) -> None:
    """Give one request its verdict."""
    request.verdict = verdict
    request.ruling = asked.text("reason")
    request.ruled_by = asked.by.agent_id
    request.ruled_at = asked.now


async def open_requests(work: UnitOfWork, case_id: str, *kinds: str) -> Sequence[RequestRow]:
    """Requests of these kinds about this case that nobody has ruled on, locked."""
    query = select(RequestRow).where(
        RequestRow.case_id == case_id, RequestRow.kind.in_(kinds), RequestRow.verdict.is_(None)
    )
    return (await work.session.scalars(query.with_for_update())).all()


async def settle(asked: Asked) -> None:
    """The case has ended: what was asked for on the way is without object."""
    query = select(RequestRow).where(
        RequestRow.case_id == asked.case.id, RequestRow.verdict.is_(None)
    )
    for request in (await asked.work.session.scalars(query.with_for_update())).all():
        decide(asked, request, REFUSED)
        request.ruling = request.ruling or "工单已办结"


async def refuse_all(asked: Asked, *kinds: str) -> None:
    """Refuse every open request of these kinds."""
    for request in await open_requests(asked.work, asked.case.id, *kinds):
        decide(asked, request, REFUSED)


async def rule(asked: Asked, kind: str, verdict: str) -> Sequence[RequestRow]:
    """Give every open request of this kind its verdict."""
    requests = await open_requests(asked.work, asked.case.id, kind)
    for request in requests:
        decide(asked, request, verdict)
    return requests


async def asked_for(asked: Asked, action: CaseAction) -> RequestRow:
    """The open request that this step names. Raises TransitionRefused, NotFound, InputRefused."""
    request_id = asked.text("request_id")
    if not request_id:
        raise InputRefused("请选择要处理的申请", fields=["request_id"])
    request = await take(asked.work, RequestRow, request_id, what="申请")
    if request.case_id != asked.case.id or request.kind not in RULED_BY[action]:
        raise TransitionRefused("该申请不属于此工单")
    if request.verdict is not None:
        raise TransitionRefused("该申请已有结论")
    return request


def is_approved(request: RequestRow) -> bool:
    """Whether the leader of the asking unit stands behind it."""
    return bool(request.facts.get("approved_by"))
