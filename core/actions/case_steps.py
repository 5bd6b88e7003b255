"""Every step of a case's life: checked against the law, carried out, audited, told."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from core.actions import legs, requests
from core.actions.base import take, told
from core.actions.case_guards import Asked, facts_of
from core.actions.supervision import supervise
from core.auth import Principal
from core.db.engine import Database, UnitOfWork
from core.db.tables.cases import CaseEventRow, CaseRow
from core.db.tables.handling import CallbackAttemptRow, CaseLinkRow
from core.domain.case_steps import STEPS, CaseAction, StepFacts, StepRule, check_step
from core.domain.cases import CaseStatus
from core.domain.events import CaseStatusChanged
from core.domain.legs import LegStatus
from core.errors import HotlineError, InputRefused
from core.ids import CaseId, new_id

A = CaseAction
#: What an effect may say: another state than the table's, where the table's is not reached yet.
Effect = Callable[[Asked], Awaitable[CaseStatus | None]]
_LONGEST_TEXT = 20_000


async def take_step(
    work: UnitOfWork,
    case_id: CaseId,
    action: CaseAction,
    *,
    by: Principal,
    given: Mapping[str, Any],
) -> CaseRow:
    """Take one step inside this transaction. Raises what check_step and the effect raise."""
    case = await take(work, CaseRow, case_id, what="工单")
    _check_sizes(given)
    before = CaseStatus(case.status)
    asked = Asked(work, case, by, given)
    rule = STEPS.get((action, before))
    holds = await facts_of(asked, rule.guards) if rule is not None else {}
    rule = check_step(action, before, by.role, StepFacts(given, holds))
    effect = EFFECTS.get(action)
    other = await effect(asked) if effect is not None else None
    case.status = (other or rule.to).value
    _write_down(asked, rule, before)
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
        async with database.work() as work:
            case = await take_step(work, case_id, action, by=by, given=given)
            await work.commit()
            return case
    except HotlineError as refused:
        async with database.work() as work:
            work.audit(
                actor=by.agent_id, action=f"refused:{action.value}", entity="case",
                entity_id=case_id, facts={"code": refused.code},
            )  # fmt: skip
            await work.commit()
        raise


def _check_sizes(given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        if len(str(value)) > _LONGEST_TEXT:
            raise InputRefused("内容过长，请控制在两万字以内", field=name)


def _write_down(asked: Asked, rule: StepRule, before: CaseStatus) -> None:
    case, work = asked.case, asked.work
    now = work.clock.now()
    facts = {name: value for name, value in asked.given.items() if name not in _NOT_KEPT}
    work.session.add(
        CaseEventRow(
            id=new_id(),
            case_id=case.id,
            at=now,
            action=rule.action.value,
            actor=asked.by.agent_id,
            from_status=before.value,
            to_status=case.status,
            note=str(asked.given.get("note") or asked.given.get("reason") or ""),
            facts={"given": facts, "clock": _clock_snapshot(case), "unit": asked.by.department_id},
        )
    )
    work.audit(
        actor=asked.by.agent_id, action=rule.action.value, entity="case", entity_id=case.id,
        facts={"from": before.value, "to": case.status},
    )  # fmt: skip
    work.record(
        CaseStatusChanged(
            case_id=case.id,
            from_status=before.value,
            to_status=case.status,
            action=rule.action.value,
            actor=asked.by.agent_id,
            at=told(now),
        )
    )


#: Long texts that have a column of their own are not written into the timeline again.
_NOT_KEPT = frozenset({"handling_detail", "public_reply", "content"})


def _clock_snapshot(case: CaseRow) -> dict[str, Any]:
    return {
        "due_at": told(case.due_at) if case.due_at else None,
        "round": case.round,
        "hops": case.hops,
    }


async def _dispatch(asked: Asked) -> None:
    asked.case.category = str(asked.given.get("category") or asked.case.category)
    await legs.hand_out(asked, str(asked.given["lead"]), asked.given.get("supporting", ()))


async def _sign(asked: Asked) -> CaseStatus | None:
    await legs.sign_leg(asked)
    return None


async def _ask_return(asked: Asked) -> None:
    leg = await legs.own_leg(asked)
    requests.ask(
        asked, "RETURN", leg=leg,
        reason_code=str(asked.given["reason_code"]), words=str(asked.given["basis"]),
        facts={"proposed_unit": asked.given["proposed_unit"]},
    )  # fmt: skip


async def _allow_return(asked: Asked) -> None:
    """The return is justified: the new unit gets its full limit, the old one is free."""
    asked.case.returns += 1
    asked.case.hops += 1
    await requests.rule(asked, "RETURN", "ALLOWED")
    await legs.withdraw_legs(
        asked.work, await legs.open_legs(asked.work, asked.case.id), status=LegStatus.RETURNED
    )
    await legs.hand_out(asked, str(asked.given["lead"]), asked.given.get("supporting", ()))
    if asked.case.returns >= 2:  # noqa: PLR2004 - domain.md 1.6: two returns call for supervision
        await supervise(asked, kind="important", reason="多次退单")


async def _refuse_return(asked: Asked) -> None:
    asked.case.returns += 1
    await requests.rule(asked, "RETURN", "REFUSED")


async def _conclude_conference(asked: Asked) -> None:
    """The conference's decision binds: hops start anew."""
    asked.case.hops = 0
    await legs.withdraw_legs(
        asked.work, await legs.open_legs(asked.work, asked.case.id), status=LegStatus.WITHDRAWN
    )
    await legs.hand_out(asked, str(asked.given["lead"]), asked.given.get("supporting", ()))


async def _call_conference(asked: Asked) -> None:
    await requests.rule(asked, "RETURN", "CONFERENCE")


async def _reply(asked: Asked) -> CaseStatus | None:
    """The case goes to review when the last unit has replied."""
    return None if await legs.reply_leg(asked) else CaseStatus(asked.case.status)


async def _rework(asked: Asked) -> None:
    await legs.send_back_replies(asked)


async def _approve(asked: Asked) -> None:
    await legs.accept_replies(asked)


async def _suspend(asked: Asked) -> None:
    await legs.pause_legs(asked)
    request = requests.ask(
        asked, "SUSPENSION", leg=None, reason_code="挂账", words=str(asked.given["condition"]),
        facts={"resume_on": asked.given["resume_on"]},
    )  # fmt: skip
    requests.decide(asked, request, "ALLOWED")


async def _pause(asked: Asked) -> None:
    await legs.pause_legs(asked)


async def _resume(asked: Asked) -> None:
    await legs.resume_legs(asked)


async def _merge(asked: Asked) -> None:
    await legs.withdraw_legs(
        asked.work, await legs.open_legs(asked.work, asked.case.id), status=LegStatus.WITHDRAWN
    )
    asked.work.session.add(
        CaseLinkRow(
            id=new_id(),
            case_id=asked.case.id,
            other_id=str(asked.given["master"]),
            kind="MERGE",
            why={"similarity": asked.given.get("similarity")},
            by=asked.by.agent_id,
            at=asked.work.clock.now(),
        )
    )


def _note_answer(asked: Asked, *, connected: bool = True) -> None:
    """Write the callback form of this attempt."""
    case = asked.case
    satisfaction = asked.given.get("satisfaction")
    if satisfaction:
        case.satisfaction_first = case.satisfaction_first or str(satisfaction)
        case.satisfaction_final = str(satisfaction)
    if asked.given.get("solved"):
        case.solved = str(asked.given["solved"])
    asked.work.session.add(
        CallbackAttemptRow(
            id=new_id(),
            case_id=case.id,
            round=case.round,
            attempt=int(asked.given.get("attempt", 1)),
            call_id=asked.given.get("call_id"),
            by=asked.by.agent_id,
            at=asked.work.clock.now(),
            connected=connected,
            satisfaction=satisfaction,
            solved=asked.given.get("solved"),
            cause=asked.given.get("cause"),
            form=dict(asked.given),
        )
    )


async def _satisfied(asked: Asked) -> None:
    _note_answer(asked)
    _close(asked, "已解决")


async def _explained(asked: Asked) -> None:
    _note_answer(asked)
    _close(asked, "政策不允许" if asked.given["cause"] == "政策限制" else "历史遗留")


async def _unreachable(asked: Asked) -> None:
    _close(asked, "无法联系")


async def _dissatisfied(asked: Asked) -> None:
    """Second assignment: a new round for the same unit; a further one only under supervision."""
    _note_answer(asked)
    lead = await legs.last_lead(asked)
    if asked.case.round > 1:
        await supervise(asked, kind="important", reason="二次交办仍不满意", unit=lead)
    asked.case.round += 1
    await legs.hand_out(asked, lead)


async def _reopen(asked: Asked) -> None:
    asked.case.round += 1
    asked.case.closed_at = None
    await legs.hand_out(asked, str(asked.given.get("lead") or await legs.last_lead(asked)))


async def _end(asked: Asked) -> None:
    await legs.withdraw_legs(
        asked.work, await legs.open_legs(asked.work, asked.case.id), status=LegStatus.WITHDRAWN
    )
    _close(asked, {"认定不合理诉求": "不合理"}.get(str(asked.given.get("kind")), "移交法定途径"))


async def _answer(asked: Asked) -> None:
    asked.case.public_reply = str(asked.given["answer"])
    _close(asked, "已解释")


def _close(asked: Asked, code: str) -> None:
    asked.case.close_code = code
    asked.case.closed_at = asked.work.clock.now()


EFFECTS: Mapping[CaseAction, Effect] = {
    A.ANSWER: _answer,
    A.DISPATCH: _dispatch,
    A.MERGE: _merge,
    A.SIGN: _sign,
    A.ASK_RETURN: _ask_return,
    A.ALLOW_RETURN: _allow_return,
    A.REFUSE_RETURN: _refuse_return,
    A.CALL_CONFERENCE: _call_conference,
    A.CONCLUDE_CONFERENCE: _conclude_conference,
    A.SUSPEND: _suspend,
    A.RESUME: _resume,
    A.START_MEDIATION: _pause,
    A.END_MEDIATION: _resume,
    A.REPLY: _reply,
    A.REWORK: _rework,
    A.APPROVE_REPLY: _approve,
    A.SATISFIED: _satisfied,
    A.DISSATISFIED: _dissatisfied,
    A.EXPLAINED: _explained,
    A.UNREACHABLE: _unreachable,
    A.REOPEN: _reopen,
    A.TERMINATE: _end,
    A.JUDGE_UNREASONABLE: _end,
}
