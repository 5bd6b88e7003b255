"""The steps of a case that leave its state as it is: requests, pressing, supervision, appeals."""

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
from core.domain.cases import FINAL, CaseStatus

_A = CaseAction
_S = CaseStatus
_R = Role
_OPEN = frozenset(CaseStatus) - FINAL - {_S.DRAFT}
_ENDED = frozenset({_S.CLOSED, _S.CLOSED_UNREASONABLE, _S.CLOSED_TERMINATED})
#: A unit has it in hand, or will have it back.
_WITH_UNIT = AT_UNIT | {_S.RETURN_REVIEW, _S.CONSULT, _S.SUSPENDED, _S.MEDIATION}
#: A supervision order or a joint matter outlives the case that it is about.
_FOLLOWED = _OPEN | _ENDED

SIDE_RULES: tuple[StepRule, ...] = (
    # -- handing on and pressing ----------------------------------------------------------
    row(
        _A.SUB_DISPATCH, WORKING, None, UNIT, needs=("unit", "inner_due"),
        guards=("own_leg", "sub_unit_below", "accused_not_addressed", "unit_not_on_case",
                "inner_due_within"),
    ),
    row(
        _A.ADD_SUPPORT, AT_UNIT, None, CENTRE | UNIT, needs=("unit",),
        guards=("may_add_units", "accused_not_addressed", "unit_not_on_case"),
    ),
    row(
        _A.NOTE_CONTACT, _WITH_UNIT, None,
        UNIT | {_R.UNIT3, _R.ADMIN}, needs=("how",), guards=("own_leg",),
    ),
    row(_A.URGE, _OPEN | {_S.MERGED}, None, INTAKE),
    row(_A.READ_URGES, _WITH_UNIT, None, UNIT | {_R.UNIT3}, guards=("own_leg",)),
    # -- requests and rulings -------------------------------------------------------------
    row(
        _A.ASK_EXTENSION, AT_UNIT, None, UNIT, needs=("told_caller",),
        guards=("own_leg", "before_due", "not_asked_already", "extensions_left"),
    ),
    row(
        _A.ALLOW_EXTENSION, AT_UNIT | {_S.RETURN_REVIEW}, None, CENTRE, needs=("request_id",),
        guards=("request_open", "unit_approved"),
    ),
    row(
        _A.ASK_SUSPENSION, WORKING, None, UNIT, needs=("condition", "resume_on"),
        guards=("own_leg", "not_asked_already", "suspension_left", "resume_within_a_year"),
    ),
    row(
        _A.ASK_UNREASONABLE, AT_UNIT, None, UNIT, needs=("reason_code", "evidence"),
        guards=("own_leg", "not_asked_already"),
    ),
    row(
        _A.ASK_UNREASONABLE, _S.PENDING_CALLBACK, None, CALLERS_BACK,
        needs=("reason_code", "evidence"), guards=("not_asked_already",),
    ),
    row(
        _A.ASK_TERMINATION, _OPEN, None, CENTRE, needs=("channel", "reason"),
        guards=("not_asked_already",),
    ),
    row(
        _A.ASK_REOPEN, _S.CLOSED, None, INTAKE, needs=("reason",),
        guards=("not_asked_already", "reopen_in_time"),
    ),
    row(
        _A.APPROVE_REQUEST, AT_UNIT | {_S.RETURN_REVIEW}, None, frozenset({_R.UNIT_LEAD}),
        needs=("request_id",), guards=("request_open",),
    ),
    row(
        _A.REFUSE_REQUEST, _OPEN | {_S.CLOSED}, None, CENTRE, needs=("request_id", "reason"),
        guards=("request_open",),
    ),
    # -- supervision and joint supervision ------------------------------------------------
    row(
        _A.SUPERVISE, _OPEN, None, RULERS | MACHINE | {_R.LEADER}, needs=("kind", "reason")
    ),
    row(
        _A.REPLY_SUPERVISION, _FOLLOWED, None, UNIT, needs=("order_id", "reply"),
        guards=("order_to_own_unit", "order_open"),
    ),
    row(
        _A.ASK_SUPERVISION_BACK, _FOLLOWED, None, UNIT, needs=("order_id", "reason"),
        guards=("order_to_own_unit", "order_open"),
    ),
    row(
        _A.REVIEW_SUPERVISION, _FOLLOWED, None, RULERS, needs=("order_id", "accepted"),
        guards=("order_open",),
    ),
    row(
        _A.CLOSE_SUPERVISION, _FOLLOWED, None, RULERS, needs=("order_id",), guards=("order_open",)
    ),
    row(
        _A.LINK_JOINT, _FOLLOWED, None, RULERS, needs=("problem_kind", "receiving_body"),
    ),
    row(
        _A.NOTE_JOINT_OPINION, _FOLLOWED, None, RULERS, needs=("joint_id", "opinion", "accepted"),
        guards=("joint_open",),
    ),
    row(
        _A.CONCLUDE_JOINT, _FOLLOWED, None, RULERS, needs=("joint_id", "conclusion"),
        guards=("joint_open",),
    ),
    row(
        _A.NOTE_SESSION, _S.MEDIATION, None, CENTRE | UNIT, needs=("words",),
        guards=("in_mediation",),
    ),
    # -- appeals and clocks ---------------------------------------------------------------
    row(
        _A.APPEAL, _ENDED, None, UNIT, needs=("words",), guards=("own_past_leg", "not_appealed")
    ),
    row(
        _A.REVIEW_APPEAL, _ENDED, None, CENTRE, needs=("request_id", "allowed", "reason"),
        guards=("request_open",),
    ),
    row(
        _A.RULE_APPEAL, _ENDED, None, RULERS, needs=("request_id", "allowed", "reason"),
        guards=("request_open", "appeal_reviewed"),
    ),
    row(
        _A.OVERRIDE_CLOCK, AT_UNIT | {_S.RETURN_REVIEW}, None, RULERS,
        needs=("new_due", "reason"), guards=("new_due_ahead",),
        clock=ClockEffect.RESUME,
    ),
)  # fmt: skip
