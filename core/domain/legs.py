"""A department's part of a case: its states, and what a complete reply holds."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any


class LegStatus(StrEnum):
    """Where a leg is (domain.md 1.2)."""

    TO_SIGN = "TO_SIGN"
    HANDLING = "HANDLING"
    REPLIED = "REPLIED"
    ACCEPTED = "ACCEPTED"
    REWORK = "REWORK"
    RETURNED = "RETURNED"
    WITHDRAWN = "WITHDRAWN"


class LegRole(StrEnum):
    """Lead (主办) or supporting (协办) unit."""

    LEAD = "LEAD"
    SUPPORT = "SUPPORT"


#: Legs that somebody still owes work on.
OPEN_LEGS = frozenset({LegStatus.TO_SIGN, LegStatus.HANDLING, LegStatus.REWORK})

LEG_NAMES: Mapping[LegStatus, str] = {
    LegStatus.TO_SIGN: "待签收",
    LegStatus.HANDLING: "办理中",
    LegStatus.REPLIED: "已反馈待审",
    LegStatus.ACCEPTED: "已通过",
    LegStatus.REWORK: "退回重办",
    LegStatus.RETURNED: "已退单",
    LegStatus.WITHDRAWN: "已撤回",
}

#: The department's reply form (domain.md 1.4): field -> whether it must be filled.
REPLY_FORM: Mapping[str, bool] = {
    "demand_true": True,
    "beyond_duty": False,
    "contacted": True,
    "not_contacted_reason": False,
    "contact_time": False,
    "solved": True,
    "unsolved_reason": False,
    "plan_date": False,
    "handling_detail": True,
    "public_reply": True,
    "law_basis": False,
    "handler": True,
    "approver": False,
}
SOLVED_CHOICES = ("已解决", "部分解决", "未解决", "列入计划")
_ALIKE = 0.95
#: Aligning takes the square of the length: a reply's beginning shows whether it is a template.
_COMPARED = 1_000


def missing_in_reply(reply: Mapping[str, Any]) -> list[str]:
    """Names of reply fields that are needed and empty, conditional ones included."""
    missing = [name for name, needed in REPLY_FORM.items() if needed and not reply.get(name)]
    if reply.get("contacted") == "未联系" and not reply.get("not_contacted_reason"):
        missing.append("not_contacted_reason")
    if reply.get("solved") == "未解决" and not reply.get("unsolved_reason"):
        missing.append("unsolved_reason")
    if reply.get("solved") == "列入计划" and not reply.get("plan_date"):
        missing.append("plan_date")
    return missing


def looks_like_a_template(text: str, earlier: Sequence[str]) -> bool:
    """Whether the reply says almost the same as one of the unit's earlier ones (> 0.95 alike)."""
    begins = text[:_COMPARED]
    for other in earlier:
        matcher = SequenceMatcher(None, begins, other[:_COMPARED], autojunk=False)
        bounds = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)
        if all(bound() > _ALIKE for bound in bounds):  # the cheap upper bounds first
            return True
    return False
