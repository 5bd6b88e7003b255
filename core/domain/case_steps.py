"""The law of a case's life: which step is allowed from which state, to whom, with what data.

One table (domain.md 1.3). Everything that is not in it is refused. The guards named here are
questions about the case that the action answers with facts (`StepFacts`); the clock effect says
what the step does to the case's clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.auth import Role
from core.domain.cases import FINAL, CaseStatus
from core.errors import InputRefused, NotAllowed, TransitionRefused

_S = CaseStatus
_R = Role
_CENTRE = frozenset({_R.DISPATCHER, _R.SUPERVISOR, _R.DIRECTOR})
_RULERS = frozenset({_R.SUPERVISOR, _R.DIRECTOR})
_UNIT = frozenset({_R.UNIT_OPS, _R.UNIT_LEAD})
_CALLERS_BACK = frozenset({_R.CALLBACK, _R.SUPERVISOR, _R.DIRECTOR})
_EVERY_OPEN = frozenset(CaseStatus) - FINAL - {_S.DRAFT}


class CaseAction(StrEnum):
    """Every step of a case's life; values are the words of the trade."""

    ACCEPT = "受理"
    ANSWER = "直接答复"
    REJECT = "不予受理"
    ASK_INFO = "补充退回"
    COMPLETE_INFO = "补充完成"
    ASK_VERIFY = "发起核实"
    REPORT_VERIFY = "核实结果"
    DISPATCH = "派遣"
    MERGE = "并单"
    UNMERGE = "撤销并单"
    SIGN = "签收"
    ASK_RETURN = "申请退单"
    ALLOW_RETURN = "同意改派"
    REFUSE_RETURN = "驳回退单"
    CALL_CONFERENCE = "提交会商"
    CONCLUDE_CONFERENCE = "会商决定"
    SUSPEND = "挂账"
    RESUME = "恢复办理"
    START_MEDIATION = "移送调解"
    END_MEDIATION = "调解结束"
    REPLY = "反馈"
    REWORK = "审核退回"
    APPROVE_REPLY = "审核通过"
    ASK_CHECK = "发起核查"
    REPORT_CHECK = "核查结果"
    SATISFIED = "回访满意"
    DISSATISFIED = "回访不满意"
    EXPLAINED = "客观原因办结"
    UNREACHABLE = "联系不上办结"
    JUDGE_UNREASONABLE = "认定不合理诉求"
    TERMINATE = "终止"
    REOPEN = "重开"
    VOID = "作废"


class ClockEffect(StrEnum):
    """What a step does to the case's clock."""

    NONE = "NONE"
    START = "START"
    PAUSE = "PAUSE"
    RESUME = "RESUME"
    STOP = "STOP"
    NEW_ROUND = "NEW_ROUND"


@dataclass(frozen=True, slots=True)
class StepRule:
    """One row. needs: data that must be given; guards: names of facts that must be true."""

    action: CaseAction
    from_: frozenset[CaseStatus]
    to: CaseStatus
    roles: frozenset[Role]
    needs: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    clock: ClockEffect = ClockEffect.NONE


def _rule(
    action: CaseAction,
    from_: CaseStatus | frozenset[CaseStatus],
    to: CaseStatus,
    roles: frozenset[Role],
    **rest: Any,
) -> StepRule:
    states = from_ if isinstance(from_, frozenset) else frozenset({from_})
    return StepRule(action, states, to, roles, **rest)


_A = CaseAction
_C = ClockEffect
_INTAKE = frozenset({_R.AGENT, _R.TEAM_LEAD, _R.CALLBACK, _R.ADMIN}) | _CENTRE
_MACHINE = frozenset({_R.ADMIN})
_WORKING = frozenset({_S.HANDLING, _S.REASSIGNED})
_AT_UNIT = _WORKING | {_S.DISPATCHED}

RULES: tuple[StepRule, ...] = (
    _rule(_A.ACCEPT, _S.DRAFT, _S.PENDING_ANALYSE, _INTAKE, needs=("content", "case_type")),
    _rule(_A.ANSWER, _S.DRAFT, _S.ANSWERED, _INTAKE, needs=("content", "case_type", "answer")),
    _rule(_A.ANSWER, _S.PENDING_ANALYSE, _S.ANSWERED, _CENTRE, needs=("answer",)),
    _rule(
        _A.REJECT, frozenset({_S.DRAFT, _S.PENDING_ANALYSE}), _S.REJECTED, _INTAKE,
        needs=("reason", "channel_told"),
    ),
    _rule(_A.ASK_INFO, _S.PENDING_ANALYSE, _S.PENDING_INFO, _CENTRE, needs=("reason",)),
    _rule(_A.COMPLETE_INFO, _S.PENDING_INFO, _S.PENDING_ANALYSE, _INTAKE, needs=("content",)),
    _rule(
        _A.ASK_VERIFY, _S.PENDING_ANALYSE, _S.PENDING_VERIFY, _CENTRE, needs=("instruction",)
    ),
    _rule(
        _A.REPORT_VERIFY, _S.PENDING_VERIFY, _S.PENDING_ANALYSE, _CENTRE | {_R.INSPECTOR},
        needs=("result",),
    ),
    _rule(
        _A.DISPATCH, _S.PENDING_ANALYSE, _S.DISPATCHED, _CENTRE,
        needs=("category", "lead", "basis"), guards=("accused_not_addressed", "redaction_checked"),
        clock=_C.START,
    ),
    _rule(
        _A.MERGE, frozenset({_S.PENDING_ANALYSE, _S.DISPATCHED}), _S.MERGED, _CENTRE,
        needs=("master",), guards=("master_open", "same_demand_confirmed"),
    ),
    _rule(
        _A.UNMERGE, _S.MERGED, _S.PENDING_ANALYSE, _CENTRE, needs=("reason",),
        guards=("master_not_replied",),
    ),
    _rule(_A.SIGN, _S.DISPATCHED, _S.HANDLING, _UNIT | {_R.UNIT3}, guards=("own_leg",)),
    _rule(
        _A.ASK_RETURN, _AT_UNIT, _S.RETURN_REVIEW, _UNIT,
        needs=("reason_code", "basis", "proposed_unit"),
        guards=("own_lead_leg", "within_sign_window", "returns_left"),
    ),
    _rule(
        _A.ALLOW_RETURN, _S.RETURN_REVIEW, _S.DISPATCHED, _CENTRE, needs=("lead", "reason"),
        guards=("accused_not_addressed", "hops_left"),
    ),
    _rule(_A.REFUSE_RETURN, _S.RETURN_REVIEW, _S.HANDLING, _CENTRE, needs=("reason",)),
    _rule(
        _A.CALL_CONFERENCE,
        frozenset({_S.RETURN_REVIEW, _S.PENDING_ANALYSE, _S.REASSIGNED, _S.PENDING_CALLBACK}),
        _S.CONSULT, _CENTRE, needs=("topic",), guards=("conference_justified",),
    ),
    _rule(
        _A.CONCLUDE_CONFERENCE, _S.CONSULT, _S.DISPATCHED, _CENTRE, needs=("lead", "minutes"),
        guards=("accused_not_addressed",),
    ),
    _rule(
        _A.SUSPEND, _WORKING, _S.SUSPENDED, _CENTRE, needs=("condition", "resume_on"),
        guards=("suspension_left", "resume_within_a_year"), clock=_C.PAUSE,
    ),
    _rule(_A.RESUME, _S.SUSPENDED, _S.HANDLING, _CENTRE | _UNIT | _MACHINE, clock=_C.RESUME),
    _rule(
        _A.START_MEDIATION, _WORKING, _S.MEDIATION, _CENTRE | _UNIT, needs=("dispute_type",),
        guards=("both_parties_willing",), clock=_C.PAUSE,
    ),
    _rule(
        _A.END_MEDIATION, _S.MEDIATION, _S.HANDLING, _CENTRE, needs=("result",), clock=_C.RESUME
    ),
    _rule(
        _A.REPLY, _WORKING, _S.REPLIED, _UNIT | {_R.UNIT3},
        needs=("public_reply", "handling_detail", "solved", "contacted"), guards=("own_leg",),
        clock=_C.STOP,
    ),
    _rule(_A.REWORK, _S.REPLIED, _S.HANDLING, _CALLERS_BACK, needs=("reason",), clock=_C.RESUME),
    _rule(_A.APPROVE_REPLY, _S.REPLIED, _S.PENDING_CALLBACK, _CALLERS_BACK),
    _rule(_A.ASK_CHECK, _S.REPLIED, _S.PENDING_CHECK, _CALLERS_BACK, needs=("instruction",)),
    _rule(
        _A.REPORT_CHECK, _S.PENDING_CHECK, _S.PENDING_CALLBACK, _CENTRE | {_R.INSPECTOR},
        needs=("result",),
    ),
    _rule(
        _A.SATISFIED, _S.PENDING_CALLBACK, _S.CLOSED, _CALLERS_BACK | _MACHINE,
        needs=("satisfaction", "solved"),
    ),
    _rule(
        _A.DISSATISFIED, _S.PENDING_CALLBACK, _S.REASSIGNED, _CALLERS_BACK,
        needs=("satisfaction", "cause"), guards=("cause_subjective", "rounds_left"),
        clock=_C.NEW_ROUND,
    ),
    _rule(
        _A.EXPLAINED, _S.PENDING_CALLBACK, _S.CLOSED, _RULERS,
        needs=("satisfaction", "cause", "explanation"), guards=("cause_objective",),
    ),
    _rule(
        _A.UNREACHABLE, _S.PENDING_CALLBACK, _S.CLOSED, _CALLERS_BACK | _MACHINE,
        guards=("three_attempts_in_two_days",),
    ),
    _rule(
        _A.JUDGE_UNREASONABLE, _AT_UNIT | {_S.PENDING_CALLBACK}, _S.CLOSED_UNREASONABLE, _RULERS,
        needs=("reason_code", "evidence"), clock=_C.STOP,
    ),
    _rule(
        _A.TERMINATE, _EVERY_OPEN, _S.CLOSED_TERMINATED, _RULERS, needs=("channel", "reason"),
        clock=_C.STOP,
    ),
    _rule(
        _A.REOPEN, _S.CLOSED, _S.REASSIGNED, _RULERS, needs=("reason",), clock=_C.NEW_ROUND
    ),
    _rule(
        _A.VOID, frozenset({_S.DRAFT, _S.PENDING_ANALYSE}), _S.VOID, _INTAKE, needs=("reason",)
    ),
)  # fmt: skip

STEPS: Mapping[tuple[CaseAction, CaseStatus], StepRule] = {
    (rule.action, state): rule for rule in RULES for state in rule.from_
}

#: What a clerk is told when a guard is not met.
GUARD_SENTENCES: Mapping[str, str] = {
    "accused_not_addressed": "被举报或被反映的单位不能作为承办单位",
    "redaction_checked": "保密工单派遣前须完成内容脱敏检查",
    "master_open": "主单已办结，不能并入",
    "same_demand_confirmed": "请先确认两件诉求相同",
    "master_not_replied": "主单已反馈，不能再撤销并单",
    "own_leg": "该工单不由您的单位承办",
    "own_lead_leg": "只有主办单位可以申请退单",
    "within_sign_window": "已超过退单时限",
    "returns_left": "该工单退单次数已达上限",
    "hops_left": "该工单已多次改派，请提交会商",
    "conference_justified": "只有多次退单、涉及多个单位或无主责单位时才能会商",
    "suspension_left": "该工单已挂账一次，不能再次挂账",
    "resume_within_a_year": "恢复日期须在今天之后、一年之内",
    "both_parties_willing": "须双方自愿方可移送调解",
    "cause_subjective": "只有主观原因或未解决才能二次交办",
    "rounds_left": "已二次交办仍不满意，请转督办或会商",
    "cause_objective": "只有客观原因可以解释办结",
    "three_attempts_in_two_days": "须在两天内至少三次联系（含一次非工作时间）",
}


@dataclass(frozen=True, slots=True)
class StepFacts:
    """What the action knows about the case: given data, and guards that hold."""

    given: Mapping[str, Any]
    holds: Mapping[str, bool]


def check_step(action: CaseAction, status: CaseStatus, role: Role, facts: StepFacts) -> StepRule:
    """The row that allows this step.

    Raises TransitionRefused (state or guard), NotAllowed (role) or InputRefused (missing data),
    each with a sentence a clerk understands.
    """
    rule = STEPS.get((action, status))
    if rule is None:
        raise TransitionRefused("工单当前状态不能进行此操作", action=action, status=status)
    if role not in rule.roles:
        raise NotAllowed("您的岗位不能进行此操作", action=action)
    missing = [name for name in rule.needs if facts.given.get(name) in (None, "", [])]
    if missing:
        raise InputRefused("请补全必填内容", action=action, fields=missing)
    for guard in rule.guards:
        if not facts.holds.get(guard, False):
            raise TransitionRefused(GUARD_SENTENCES[guard], action=action, guard=guard)
    return rule
