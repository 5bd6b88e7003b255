"""Front door for what departments ask for: requests that hand back their row, and rulings."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from core.actions.case_steps import take_step
from core.auth import Permission, Principal
from core.db.engine import UnitOfWork
from core.db.tables.handling import RequestRow
from core.domain.case_actions import CaseAction
from core.errors import NotFound
from core.ids import CaseId


async def ask_extension(
    work: UnitOfWork, case_id: CaseId, *, by: Principal, given: Mapping[str, Any]
) -> RequestRow:
    """Ask for more time: before due, two approved ones at most, the citizen told (domain.md 1.6).

    given: days (hours where the limit is in hours), reason_code, words, told_caller, told_at,
    told_recording_id.
    """
    return await _asked(work, case_id, CaseAction.ASK_EXTENSION, by=by, given=given)


async def rule_extension(
    work: UnitOfWork, request_id: str, *, allowed: bool, by: Principal, reason: str
) -> RequestRow:
    """Allow (due moves from its old instant) or refuse (costs no try) an extension."""
    by.check_can(Permission.DISPATCH)
    request = await work.session.get(RequestRow, request_id)
    if request is None:
        raise NotFound("没有找到该申请")
    action = CaseAction.ALLOW_EXTENSION if allowed else CaseAction.REFUSE_REQUEST
    given = {"request_id": request_id, "reason": reason}
    await take_step(work, CaseId(request.case_id), action, by=by, given=given)
    return request


async def appeal(
    work: UnitOfWork, case_id: CaseId, *, by: Principal, given: Mapping[str, Any]
) -> RequestRow:
    """Appeal against the appraisal of a case that has ended: once per case and department.

    given: words, reason_code. Two people review it: REVIEW_APPEAL, then RULE_APPEAL.
    """
    return await _asked(work, case_id, CaseAction.APPEAL, by=by, given=given)


async def _asked(
    work: UnitOfWork,
    case_id: CaseId,
    action: CaseAction,
    *,
    by: Principal,
    given: Mapping[str, Any],
) -> RequestRow:
    await take_step(work, case_id, action, by=by, given=given)
    await work.session.flush()
    query = (
        select(RequestRow)
        .where(RequestRow.case_id == case_id, RequestRow.asked_by == by.agent_id)
        .order_by(RequestRow.asked_at.desc(), RequestRow.id.desc())
        .limit(1)
    )
    return (await work.session.scalars(query)).one()
