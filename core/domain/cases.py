"""A case: its states, types, and the 13-digit number that can be spoken on the phone."""

from datetime import date
from enum import StrEnum

from core.errors import InputRefused

_NUMBER_LENGTH = 13
_LARGEST_SEQUENCE = 99_999


class CaseStatus(StrEnum):
    """The states of a case from the first word of the draft to the archive (domain.md 1.2)."""

    DRAFT = "DRAFT"
    ANSWERED = "ANSWERED"
    PENDING_INFO = "PENDING_INFO"
    PENDING_VERIFY = "PENDING_VERIFY"
    PENDING_ANALYSE = "PENDING_ANALYSE"
    DISPATCHED = "DISPATCHED"
    HANDLING = "HANDLING"
    RETURN_REVIEW = "RETURN_REVIEW"
    CONSULT = "CONSULT"
    MEDIATION = "MEDIATION"
    SUSPENDED = "SUSPENDED"
    REPLIED = "REPLIED"
    PENDING_CHECK = "PENDING_CHECK"
    PENDING_CALLBACK = "PENDING_CALLBACK"
    REASSIGNED = "REASSIGNED"
    CLOSED = "CLOSED"
    CLOSED_UNREASONABLE = "CLOSED_UNREASONABLE"
    CLOSED_TERMINATED = "CLOSED_TERMINATED"
    MERGED = "MERGED"
    REJECTED = "REJECTED"
    VOID = "VOID"


#: States in which nothing more is owed to the citizen.
FINAL: frozenset[CaseStatus] = frozenset(
    {
        CaseStatus.ANSWERED,
        CaseStatus.CLOSED,
        CaseStatus.CLOSED_UNREASONABLE,
        CaseStatus.CLOSED_TERMINATED,
        CaseStatus.MERGED,
        CaseStatus.REJECTED,
        CaseStatus.VOID,
    }
)

STATUS_NAMES: dict[CaseStatus, str] = {
    CaseStatus.DRAFT: "草稿",
    CaseStatus.ANSWERED: "直接答复办结",
    CaseStatus.PENDING_INFO: "待补充",
    CaseStatus.PENDING_VERIFY: "待核实",
    CaseStatus.PENDING_ANALYSE: "待派遣",
    CaseStatus.DISPATCHED: "已派遣待签收",
    CaseStatus.HANDLING: "办理中",
    CaseStatus.RETURN_REVIEW: "退单待审",
    CaseStatus.CONSULT: "疑难会商中",
    CaseStatus.MEDIATION: "调解中",
    CaseStatus.SUSPENDED: "挂账",
    CaseStatus.REPLIED: "已反馈待审核",
    CaseStatus.PENDING_CHECK: "待核查",
    CaseStatus.PENDING_CALLBACK: "待回访",
    CaseStatus.REASSIGNED: "二次交办中",
    CaseStatus.CLOSED: "已结案",
    CaseStatus.CLOSED_UNREASONABLE: "不合理诉求办结",
    CaseStatus.CLOSED_TERMINATED: "终止办理",
    CaseStatus.MERGED: "已并单",
    CaseStatus.REJECTED: "不予受理",
    CaseStatus.VOID: "作废",
}


class CaseType(StrEnum):
    """What the citizen wants (domain.md 2.1); values are the words in use."""

    CONSULT = "咨询"
    HELP = "求助"
    COMPLAINT = "投诉"
    REPORT = "举报"
    SUGGEST = "建议"
    PRAISE = "表扬"


class Urgency(StrEnum):
    ORDINARY = "一般"
    URGENT = "紧急"
    CRITICAL = "特急"


class Channel(StrEnum):
    """How a matter reached us (domain.md 2.3)."""

    PHONE = "PHONE"
    WEB = "WEB"
    WECHAT = "WECHAT"
    APP = "APP"
    SMS = "SMS"
    LETTER = "LETTER"
    VISIT = "VISIT"
    MEDIA = "MEDIA"
    LEADER = "LEADER"
    PROVINCE = "PROV"
    POLICE_110 = "110"
    INSPECTOR = "INSPECTOR"
    OPEN311 = "OPEN311"


def case_number(day: date, sequence: int) -> str:
    """Thirteen digits: yyyyMMdd and a five-digit daily sequence from 1 (domain.md 2.4)."""
    if not 1 <= sequence <= _LARGEST_SEQUENCE:
        raise InputRefused("当日工单号已用完", sequence=sequence)
    return f"{day:%Y%m%d}{sequence:05d}"


def is_case_number(text: str) -> bool:
    """Whether the text has the shape of a case number."""
    return len(text) == _NUMBER_LENGTH and text.isascii() and text.isdigit()


def spoken_groups(number: str) -> tuple[str, ...]:
    """The number in groups of three or four, as it is shown and read out.

    A longer run of digits is misheard on the phone (measured: four-digit groups came back right).

    >>> spoken_groups("2026112300042")
    ('2026', '112', '300', '042')
    """
    return number[:4], number[4:7], number[7:10], number[10:]
