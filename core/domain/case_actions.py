"""The words of a case's life: every step that can be taken, and what one row of the law says."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.auth import Role
from core.domain.cases import CaseStatus


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
    FOLLOW_MASTER = "随主单反馈"
    RELEASE = "主单终止退回"
    SIGN = "签收"
    ASK_RETURN = "申请退单"
    ALLOW_RETURN = "同意改派"
    REFUSE_RETURN = "驳回退单"
    CALL_CONFERENCE = "提交会商"
    CONCLUDE_CONFERENCE = "会商决定"
    SUSPEND = "挂账"
    RESUME = "恢复办理"
    START_MEDIATION = "移送调解"
    NOTE_SESSION = "调解记录"
    END_MEDIATION = "调解结束"
    REPLY = "反馈"
    REWORK = "审核退回"
    APPROVE_REPLY = "审核通过"
    ASK_CHECK = "发起核查"
    REPORT_CHECK = "核查结果"
    NOTE_ATTEMPT = "回访未接通"
    SATISFIED = "回访满意"
    DISSATISFIED = "回访不满意"
    EXPLAINED = "客观原因办结"
    UNREACHABLE = "联系不上办结"
    JUDGE_UNREASONABLE = "认定不合理诉求"
    TERMINATE = "终止"
    REOPEN = "重开"
    VOID = "作废"
    # Steps that leave the state as it is.
    SUB_DISPATCH = "转派三级"
    ADD_SUPPORT = "加派"
    NOTE_CONTACT = "联系诉求人"
    ASK_EXTENSION = "申请延期"
    ALLOW_EXTENSION = "同意延期"
    ASK_SUSPENSION = "申请挂账"
    ASK_UNREASONABLE = "申请不合理认定"
    ASK_TERMINATION = "申请终止"
    ASK_REOPEN = "申请重开"
    APPROVE_REQUEST = "单位领导审批"
    REFUSE_REQUEST = "驳回申请"
    URGE = "催办"
    READ_URGES = "催办已阅"
    SUPERVISE = "督办"
    REPLY_SUPERVISION = "督办答复"
    ASK_SUPERVISION_BACK = "申请退回督办"
    REVIEW_SUPERVISION = "督办审核"
    CLOSE_SUPERVISION = "督办办结"
    LINK_JOINT = "移送联合督办"
    NOTE_JOINT_OPINION = "联合督办意见"
    CONCLUDE_JOINT = "联合督办结论"
    APPEAL = "申诉"
    REVIEW_APPEAL = "申诉初审"
    RULE_APPEAL = "申诉终审"
    OVERRIDE_CLOCK = "调整时限"


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
    """One row. needs: data that must be given; guards: names of facts that must be true.

    to: None leaves the state as it is.
    """

    action: CaseAction
    from_: frozenset[CaseStatus]
    to: CaseStatus | None
    roles: frozenset[Role]
    needs: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    clock: ClockEffect = ClockEffect.NONE


def row(
    action: CaseAction,
    from_: CaseStatus | frozenset[CaseStatus],
    to: CaseStatus | None,
    roles: frozenset[Role],
    **rest: Any,
) -> StepRule:
    """A row whose source may be one state or several."""
    states = from_ if isinstance(from_, frozenset) else frozenset({from_})
    return StepRule(action, states, to, roles, **rest)


_R = Role
CENTRE = frozenset({_R.DISPATCHER, _R.SUPERVISOR, _R.DIRECTOR})
RULERS = frozenset({_R.SUPERVISOR, _R.DIRECTOR})
UNIT = frozenset({_R.UNIT_OPS, _R.UNIT_LEAD})
CALLERS_BACK = frozenset({_R.CALLBACK, _R.SUPERVISOR, _R.DIRECTOR})
MACHINE = frozenset({_R.ADMIN})
INTAKE = frozenset({_R.AGENT, _R.TEAM_LEAD, _R.CALLBACK, _R.ADMIN}) | CENTRE

_S = CaseStatus
WORKING = frozenset({_S.HANDLING, _S.REASSIGNED})
AT_UNIT = WORKING | {_S.DISPATCHED}
