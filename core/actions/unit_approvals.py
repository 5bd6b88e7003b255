"""A department's own approval: the operator proposes, the leader lets it take effect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core.actions.asked import Asked
from core.actions.attachments import attach
from core.actions.base import take
from core.actions.case_steps import take_step
from core.actions.legs import own_leg
from core.actions.request_rows import ask
from core.auth import Principal, Role
from core.db.engine import Database, UnitOfWork
from core.db.tables.cases import CaseRow
from core.db.tables.handling import RequestRow
from core.db.tables.units import UnitSettingRow
from core.domain.case_steps import CaseAction
from core.domain.units import LEAD_APPROVAL, Approval
from core.domain.uploads import Upload
from core.errors import HotlineError, InputRefused, NotAllowed, NotFound, TransitionRefused
from core.ids import CaseId
from core.vault import Vault

APPROVALS: Mapping[CaseAction, Approval] = {
    CaseAction.REPLY: Approval.REPLY,
    CaseAction.ASK_RETURN: Approval.RETURN,
    CaseAction.ASK_EXTENSION: Approval.EXTENSION,
}
ACTION_OF: Mapping[Approval, CaseAction] = {step: action for action, step in APPROVALS.items()}


@dataclass(frozen=True, slots=True)
class Wish:
    """A step that somebody of a department wants to take, with the files that go with it."""

    case_id: CaseId
    action: CaseAction
    given: Mapping[str, Any]
    files: Sequence[Upload] = ()


async def settle_approvals(
    work: UnitOfWork, approvals: Sequence[str], *, by: Principal
) -> UnitSettingRow:
    """The leader settles which steps wait for an approval. Raises NotAllowed, InputRefused."""
    _check_leader(by)
    unknown = [name for name in approvals if name not in set(Approval)]
    if unknown:
        raise InputRefused("没有这种审批事项", fields=["approvals"])
    values = {
        "department_id": by.department_id,
        "approvals": sorted(set(approvals)),
        "changed_by": by.agent_id,
        "changed_at": work.clock.now(),
    }
    statement = insert(UnitSettingRow).values(values)
    await work.session.execute(
        statement.on_conflict_do_update(index_elements=["department_id"], set_=values)
    )
    work.audit(
        actor=by.agent_id, action="settle_approvals", entity="department",
        entity_id=by.department_id or "", facts={"approvals": values["approvals"]},
    )  # fmt: skip
    return await work.session.get_one(UnitSettingRow, by.department_id)


async def wish(work: UnitOfWork, asked: Wish, *, by: Principal, vault: Vault) -> bool:
    """Take the step, or lay it before the unit's leader; True when it has been taken.

    The files are kept either way. Raises what the step raises.
    """
    files = await attach(
        work, asked.case_id, asked.files, purpose=asked.action.name, by=by, vault=vault
    )
    given = dict(asked.given)
    if files:
        given["attachments"] = [file.id for file in files]
    approval = APPROVALS.get(asked.action)
    if approval is not None and await _needs_approval(work, approval, by=by):
        await _propose(work, asked.case_id, approval, by=by, given=given)
        return False
    await take_step(work, asked.case_id, asked.action, by=by, given=given)
    return True


async def attempt_wish(database: Database, asked: Wish, *, by: Principal, vault: Vault) -> bool:
    """The same in a transaction of its own; a refusal is audited and changes nothing."""
    try:
        async with database.work() as work:
            done = await wish(work, asked, by=by, vault=vault)
            await work.commit()
            return done
    except HotlineError as refused:
        await _audit_refusal(database, asked, by, refused)
        raise


async def _audit_refusal(
    database: Database, asked: Wish, by: Principal, refused: HotlineError
) -> None:
    async with database.work() as work:
        work.audit(
            actor=by.agent_id, action=f"refused:{asked.action.value}", entity="case",
            entity_id=asked.case_id, facts={"code": refused.code},
        )  # fmt: skip
        await work.commit()


async def _needs_approval(work: UnitOfWork, step: Approval, *, by: Principal) -> bool:
    """Whether this person's step waits for the leader; the leader's own never does."""
    if by.role is not Role.UNIT_OPS:
        return False
    row = await work.session.get(UnitSettingRow, by.department_id or "")
    return row is not None and step.value in row.approvals


async def _propose(
    work: UnitOfWork, case_id: CaseId, step: Approval, *, by: Principal, given: Mapping[str, Any]
) -> None:
    case = await take(work, CaseRow, case_id, what="工单")
    asked = Asked(work, case, ACTION_OF[step], by, given)
    leg = await own_leg(asked)
    if await _waiting(work, case_id, step, by.department_id or "") is not None:
        raise TransitionRefused("已有同样的申请在等待领导审批")
    work.audit(
        actor=by.agent_id, action="propose", entity="case", entity_id=case_id,
        facts={"step": step.value},
    )  # fmt: skip
    ask(
        asked, LEAD_APPROVAL, leg=leg, reason_code=step.value,
        words=str(given.get("words") or given.get("basis") or ""),
        facts={"given": dict(given)},
    )  # fmt: skip


async def approve(
    work: UnitOfWork, request_id: str, *, allowed: bool, by: Principal, reason: str
) -> RequestRow:
    """The leader's word: allowed takes the step in this transaction, refused leaves the case."""
    _check_leader(by)
    request = await take(work, RequestRow, request_id, what="申请")
    if request.kind != LEAD_APPROVAL or request.department_id != by.department_id:
        raise NotFound("没有找到该申请")
    if request.verdict is not None:
        raise TransitionRefused("该申请已有结论")
    if not allowed and not reason:
        raise InputRefused("不同意的须写明理由", fields=["reason"])
    request.verdict = "ALLOWED" if allowed else "REFUSED"
    request.ruling = reason
    request.ruled_by = by.agent_id
    request.ruled_at = work.clock.now()
    work.audit(
        actor=by.agent_id, action="approve", entity="case", entity_id=request.case_id,
        facts={"step": request.reason_code, "allowed": allowed},
    )  # fmt: skip
    if allowed:
        given = {**request.facts["given"], "approver": by.name, "proposed_by": request.asked_by}
        action = ACTION_OF[Approval(request.reason_code)]
        await take_step(work, CaseId(request.case_id), action, by=by, given=given)
    return request


async def _waiting(
    work: UnitOfWork, case_id: str, step: Approval, department_id: str
) -> RequestRow | None:
    query = select(RequestRow).where(
        RequestRow.case_id == case_id,
        RequestRow.kind == LEAD_APPROVAL,
        RequestRow.reason_code == step.value,
        RequestRow.department_id == department_id,
        RequestRow.verdict.is_(None),
    )
    return (await work.session.scalars(query)).first()


def _check_leader(by: Principal) -> None:
    if by.role is not Role.UNIT_LEAD or not by.department_id:
        raise NotAllowed("只有单位领导可以审批")
