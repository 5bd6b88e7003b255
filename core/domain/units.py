"""What a department settles for itself, and how its inbox is divided."""

from collections.abc import Mapping
from enum import StrEnum


class Approval(StrEnum):
    """Steps that a department's leader may want to approve first."""

    REPLY = "REPLY"
    RETURN = "RETURN"
    EXTENSION = "EXTENSION"


APPROVAL_NAMES: Mapping[Approval, str] = {
    Approval.REPLY: "反馈",
    Approval.RETURN: "申请退单",
    Approval.EXTENSION: "申请延期",
}
#: The kind under which a wish waits for the department's own leader.
LEAD_APPROVAL = "LEAD_APPROVAL"
#: The kind under which a callback officer's explanation waits for a ruler's sign-off.
EXPLANATION = "EXPLANATION"


class Tray(StrEnum):
    """The parts of a department's inbox; one case may lie in several."""

    TO_SIGN = "to-sign"
    HANDLING = "handling"
    NEAR_DUE = "near-due"
    OVERDUE = "overdue"
    DISPUTED = "disputed"
    IN_REVIEW = "in-review"
    AGAIN = "again"
    PRESSED = "pressed"
    PAUSED = "paused"
    TO_APPROVE = "to-approve"


TRAY_NAMES: Mapping[Tray, str] = {
    Tray.TO_SIGN: "待签收",
    Tray.HANDLING: "办理中",
    Tray.NEAR_DUE: "临期",
    Tray.OVERDUE: "已超期",
    Tray.DISPUTED: "退单与裁定",
    Tray.IN_REVIEW: "已反馈待审",
    Tray.AGAIN: "再次交办",
    Tray.PRESSED: "催办与督办",
    Tray.PAUSED: "挂账与调解",
    Tray.TO_APPROVE: "待领导审批",
}
