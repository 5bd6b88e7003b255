"""The law of a case's life: which step is allowed from which state, to whom, with what data.

One table (domain.md 1.3) in two parts: here the steps that move a case on, in `side_steps` those
that leave its state as it is. Everything that is not in it is refused. The guards named here are
questions about the case that the action answers with facts (`StepFacts`); the clock effect says
what the step does to the case's clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.auth import Role
from core.domain.case_actions import (
    AT_UNIT,
    CALLERS_BACK,
    CENTRE,
    INTAKE,
    MACHINE,
    RULERS,
    UNIT,
    WORKING,
    CaseAction,
    ClockEffect,
    StepRule,
    row,
)
from core.domain.case_sentences import GUARD_SENTENCES
from core.domain.cases import FINAL, CaseStatus
from core.domain.side_steps import SIDE_RULES
from core.errors import InputRefused, NotAllowed, TransitionRefused

__all__ = [
    "GUARD_SENTENCES",
    "RULES",
    "STEPS",
    "CaseAction",
    "ClockEffect",
    "StepFacts",
    "StepRule",
    "check_step",
]

_S = CaseStatus
_R = Role
_A = CaseAction
_C = ClockEffect
_EVERY_OPEN = frozenset(CaseStatus) - FINAL - {_S.DRAFT}

RULES: tuple[StepRule, ...] = (
    row(_A.ACCEPT, _S.DRAFT, _S.PENDING_ANALYSE, INTAKE, needs=("content", "case_type")),
    row(_A.ANSWER, _S.DRAFT, _S.ANSWERED, INTAKE, needs=("content", "case_type", "answer")),
    row(
        _A.ANSWER, _S.PENDING_ANALYSE, _S.ANSWERED, CENTRE, needs=("answer",),
        guards=("not_returned_before",),
    ),
    row(
        _A.REJECT, frozenset({_S.DRAFT, _S.PENDING_ANALYSE}), _S.REJECTED, INTAKE,
        needs=("reason", "channel_told"),
    ),
    row(
        _A.ASK_INFO, frozenset({_S.PENDING_ANALYSE, _S.RETURN_REVIEW}), _S.PENDING_INFO, CENTRE,
        needs=("reason",),
    ),
    row(_A.COMPLETE_INFO, _S.PENDING_INFO, _S.PENDING_ANALYSE, INTAKE, needs=("content",)),
    row(
        _A.ASK_VERIFY, _S.PENDING_ANALYSE, _S.PENDING_VERIFY, CENTRE, needs=("instruction",)
    ),
    row(
        _A.REPORT_VERIFY, _S.PENDING_VERIFY, _S.PENDING_ANALYSE, CENTRE | {_R.INSPECTOR},
        needs=("result",),
    ),
    row(
        _A.DISPATCH, _S.PENDING_ANALYSE, _S.DISPATCHED, CENTRE,
        needs=("category", "lead", "basis"), guards=("accused_not_addressed", "redaction_checked"),
        clock=_C.START,
    ),
    row(
        _A.MERGE, frozenset({_S.PENDING_ANALYSE, _S.DISPATCHED}), _S.MERGED, CENTRE,
        needs=("master",), guards=("master_open", "not_a_master", "same_demand_confirmed"),
    ),
    row(
        _A.UNMERGE, _S.MERGED, _S.PENDING_ANALYSE, CENTRE, needs=("reason",),
        guards=("master_not_replied",),
    ),
    row(
        _A.FOLLOW_MASTER, _S.MERGED, _S.PENDING_CALLBACK, MACHINE, needs=("master",)
    ),
    row(_A.RELEASE, _S.MERGED, _S.PENDING_ANALYSE, MACHINE, needs=("reason",)),
    row(
        _A.SIGN, _S.DISPATCHED, _S.HANDLING, UNIT | {_R.UNIT3}, guards=("own_leg_unsigned",)
    ),
    row(_A.SIGN, WORKING, None, UNIT | {_R.UNIT3}, guards=("own_leg_unsigned",)),
    row(
        _A.ASK_RETURN, AT_UNIT, _S.RETURN_REVIEW, UNIT,
        needs=("reason_code", "basis", "proposed_unit"),
        guards=("own_lead_leg", "within_sign_window", "returns_left"),
    ),
    row(
        _A.ALLOW_RETURN, _S.RETURN_REVIEW, _S.DISPATCHED, CENTRE, needs=("lead", "reason"),
        guards=("unit_approved", "accused_not_addressed", "first_return", "hops_left"),
    ),
    row(
        _A.REFUSE_RETURN, _S.RETURN_REVIEW, _S.HANDLING, CENTRE, needs=("reason",),
        guards=("second_refusal_by_ruler",),
    ),
    row(
        _A.CALL_CONFERENCE,
        frozenset({_S.RETURN_REVIEW, _S.PENDING_ANALYSE, _S.REASSIGNED, _S.PENDING_CALLBACK}),
        _S.CONSULT, CENTRE, needs=("topic",), guards=("conference_justified",),
    ),
    row(
        _A.CONCLUDE_CONFERENCE, _S.CONSULT, _S.DISPATCHED, CENTRE, needs=("lead", "minutes"),
        guards=("accused_not_addressed",),
    ),
    row(
        _A.SUSPEND, WORKING, _S.SUSPENDED, CENTRE, needs=("condition", "resume_on"),
        guards=("suspension_left", "resume_within_a_year"), clock=_C.PAUSE,
    ),
    row(_A.RESUME, _S.SUSPENDED, _S.HANDLING, CENTRE | UNIT | MACHINE, clock=_C.RESUME),
    row(
        _A.START_MEDIATION, WORKING, _S.MEDIATION, CENTRE | UNIT, needs=("dispute_type",),
        guards=("both_parties_willing",), clock=_C.PAUSE,
    ),
    row(
        _A.END_MEDIATION, _S.MEDIATION, _S.HANDLING, CENTRE, needs=("result",), clock=_C.RESUME
    ),
    row(
        _A.REPLY, WORKING, _S.REPLIED, UNIT | {_R.UNIT3},
        needs=("public_reply", "handling_detail", "solved", "contacted"), guards=("own_leg",),
        clock=_C.STOP,
    ),
    row(_A.REWORK, _S.REPLIED, _S.HANDLING, CALLERS_BACK, needs=("reason",), clock=_C.RESUME),
    row(_A.APPROVE_REPLY, _S.REPLIED, _S.PENDING_CALLBACK, CALLERS_BACK),
    row(_A.ASK_CHECK, _S.REPLIED, _S.PENDING_CHECK, CALLERS_BACK, needs=("instruction",)),
    row(
        _A.REPORT_CHECK, _S.PENDING_CHECK, _S.PENDING_CALLBACK, CENTRE | {_R.INSPECTOR},
        needs=("result",),
    ),
    row(
        _A.NOTE_ATTEMPT, _S.PENDING_CALLBACK, None, CALLERS_BACK | MACHINE
    ),
    row(
        _A.SATISFIED, _S.PENDING_CALLBACK, _S.CLOSED, CALLERS_BACK | MACHINE,
        needs=("satisfaction", "solved"),
    ),
    row(
        _A.DISSATISFIED, _S.PENDING_CALLBACK, _S.REASSIGNED, CALLERS_BACK,
        needs=("satisfaction", "cause"), guards=("cause_subjective", "rounds_left"),
        clock=_C.NEW_ROUND,
    ),
    row(
        _A.EXPLAINED, _S.PENDING_CALLBACK, _S.CLOSED, RULERS,
        needs=("satisfaction", "cause", "explanation"), guards=("cause_objective",),
    ),
    row(
        _A.UNREACHABLE, _S.PENDING_CALLBACK, _S.CLOSED, CALLERS_BACK | MACHINE,
        needs=("sms",), guards=("three_attempts_in_two_days",),
    ),
    row(
        _A.JUDGE_UNREASONABLE, AT_UNIT | {_S.PENDING_CALLBACK}, _S.CLOSED_UNREASONABLE, RULERS,
        needs=("reason_code", "evidence"), clock=_C.STOP,
    ),
    row(
        _A.TERMINATE, _EVERY_OPEN, _S.CLOSED_TERMINATED, RULERS, needs=("channel", "reason"),
        clock=_C.STOP,
    ),
    row(
        _A.REOPEN, _S.CLOSED, _S.REASSIGNED, RULERS, needs=("reason",), clock=_C.NEW_ROUND
    ),
    row(
        _A.VOID, frozenset({_S.DRAFT, _S.PENDING_ANALYSE}), _S.VOID, INTAKE, needs=("reason",)
    ),
    *SIDE_RULES,
)  # fmt: skip

STEPS: Mapping[tuple[CaseAction, CaseStatus], StepRule] = {
    (rule.action, state): rule for rule in RULES for state in rule.from_
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
