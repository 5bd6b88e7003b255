"""Every step of a case's life: checked against the law, carried out, audited, told."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import DBAPIError

from core.actions.alarms import drop_alarms
from core.actions.asked import Asked
from core.actions.base import hold_rows, take, told
from core.actions.case_guards import facts_of
from core.actions.drafts import next_case_number
from core.actions.effects import EFFECTS
from core.actions.families import FAMILY_STEPS, children_of, family_of
from core.actions.request_rows import settle
from core.actions.stages import move_stage
from core.auth import SYSTEM, Principal
from core.db.engine import Database, UnitOfWork
from core.db.repos.rules import case_limits
from core.db.tables.cases import CaseEventRow, CaseRow
from core.domain.case_steps import STEPS, CaseAction, StepFacts, StepRule, check_step
from core.domain.cases import FINAL, CaseStatus
from core.domain.events import CaseNoted, CaseStatusChanged
from core.errors import Conflict, HotlineError, InputRefused
from core.ids import CaseId, new_id

A = CaseAction
_S = CaseStatus
_LONGEST_TEXT = 20_000
_DEADLOCK = "40P01"
#: Long texts that have a column of their own, and people, are not written into the timeline.
_NOT_KEPT = frozenset(
    {"handling_detail", "public_reply", "content", "answer", "explanation", "parties_sealed"}
)


async def take_step(
    work: UnitOfWork,
    case_id: CaseId,
    action: CaseAction,
    *,
    by: Principal,
    given: Mapping[str, Any],
) -> CaseRow:
    """Take one step inside this transaction. Raises what check_step and the effect raise."""
    _check_given(given)
    await _hold_family(work, case_id, action, given)
    case = await take(work, CaseRow, case_id, what="工单")
    before = CaseStatus(case.status)
    asked = Asked(work, case, action, by, given, await case_limits(work.session))
    rule = STEPS.get((action, before))
    holds = await facts_of(asked, rule.guards) if rule is not None else {}
    rule = check_step(action, before, by.role, StepFacts(given, holds))
    effect = EFFECTS.get(action)
    other = await effect(asked) if effect is not None else None
    case.status = (other or rule.to or before).value
    if case.status in FINAL and before not in FINAL:
        await _settle(asked)
    await _give_number(asked, before)
    await move_stage(work, case, before, asked.limits)
    _write_down(asked, rule, before)
    await _carry_family(asked, before)
    return case


async def attempt_step(
    database: Database,
    case_id: CaseId,
    action: CaseAction,
    *,
    by: Principal,
    given: Mapping[str, Any],
) -> CaseRow:
    """Take one step in a transaction of its own; a refusal is audited and changes nothing."""
    try:
        return await _try_step(database, case_id, action, by=by, given=given)
    except HotlineError as refused:
        async with database.work() as work:
            work.audit(
                actor=by.agent_id, action=f"refused:{action.value}", entity="case",
                entity_id=case_id, facts={"code": refused.code},
            )  # fmt: skip
            await work.commit()
        raise


async def _try_step(
    database: Database,
    case_id: CaseId,
    action: CaseAction,
    *,
    by: Principal,
    given: Mapping[str, Any],
) -> CaseRow:
    try:
        async with database.work() as work:
            case = await take_step(work, case_id, action, by=by, given=given)
            await work.commit()
            return case
    except DBAPIError as error:
        # Two families locked crosswise: PostgreSQL ends one of the two.
        if getattr(error.orig, "sqlstate", "") == _DEADLOCK:
            raise Conflict("有人正在同时处理相关工单，请稍后再试") from error
        raise


def _check_given(given: Mapping[str, Any]) -> None:
    """What the database could not keep is refused in words."""
    for name, value in given.items():
        text = (
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        )
        if len(text) > _LONGEST_TEXT:
            raise InputRefused("内容过长，请控制在两万字以内", field=name)
        if "\x00" in text or "\\u0000" in text or not _is_unicode(text):
            raise InputRefused("内容含有无法保存的字符", field=name)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


async def _hold_family(
    work: UnitOfWork, case_id: CaseId, action: CaseAction, given: Mapping[str, Any]
) -> None:
    """Lock everything a step may touch in one order, so that two of them do not wait crosswise."""
    if action not in FAMILY_STEPS:
        return
    members = await family_of(work, case_id)
    master = str(given.get("master") or "")
    await hold_rows(work, CaseRow, {case_id, *members, *([master] if master else [])})


async def _settle(asked: Asked) -> None:
    """Nothing of a case that has ended waits any more: neither a request nor an alarm."""
    await settle(asked)
    await drop_alarms(asked.work, asked.case.id, "CASE_LATE", "RESUME")


async def _give_number(asked: Asked, before: CaseStatus) -> None:
    """A draft that becomes a case, whatever comes of it, has its number from now on."""
    case = asked.case
    if before is not _S.DRAFT or case.status == _S.VOID or case.number is not None:
        return
    case.number = await next_case_number(asked.work)
    case.submitted_at = asked.now
    case.content = asked.text("content") or case.content
    case.case_type = asked.text("case_type") or case.case_type
    case.created_by = case.created_by or asked.by.agent_id


async def _carry_family(asked: Asked, before: CaseStatus) -> None:
    """Children follow their master into callbacks of their own, or are set free when it ends."""
    after = CaseStatus(asked.case.status)
    if asked.action not in FAMILY_STEPS or after is before:
        return
    if after in {_S.PENDING_CALLBACK, _S.CLOSED, _S.ANSWERED}:
        action, given = A.FOLLOW_MASTER, {"master": asked.case.id}
    elif after in {_S.CLOSED_TERMINATED, _S.CLOSED_UNREASONABLE, _S.REJECTED, _S.VOID}:
        action, given = A.RELEASE, {"reason": asked.action.value}
    else:
        return
    for child in await children_of(asked.work, asked.case.id):
        await take_step(asked.work, CaseId(child.id), action, by=SYSTEM, given=given)


def _write_down(asked: Asked, rule: StepRule, before: CaseStatus) -> None:
    case, work, at = asked.case, asked.work, told(asked.now)
    facts = {name: value for name, value in asked.given.items() if name not in _NOT_KEPT}
    work.session.add(
        CaseEventRow(
            id=new_id(),
            case_id=case.id,
            at=asked.now,
            action=rule.action.value,
            actor=asked.by.agent_id,
            from_status=before.value,
            to_status=case.status,
            note=asked.text("note") or asked.text("reason"),
            facts={"given": facts, "clock": _clock_snapshot(case), "unit": asked.by.department_id},
        )
    )
    work.audit(
        actor=asked.by.agent_id, action=rule.action.value, entity="case", entity_id=case.id,
        facts={"from": before.value, "to": case.status},
    )  # fmt: skip
    if case.status == before.value:
        work.record(
            CaseNoted(
                case_id=case.id,
                status=case.status,
                action=rule.action.value,
                actor=asked.by.agent_id,
                at=at,
            )
        )
        return
    work.record(
        CaseStatusChanged(
            case_id=case.id,
            from_status=before.value,
            to_status=case.status,
            action=rule.action.value,
            actor=asked.by.agent_id,
            at=at,
        )
    )


def _clock_snapshot(case: CaseRow) -> dict[str, Any]:
    return {
        "due_at": told(case.due_at) if case.due_at else None,
        "round": case.round,
        "hops": case.hops,
        "returns": case.returns,
        "extensions": case.extensions,
    }
