"""What an alarm of a clock means: its words, whether it calls supervision, how long to sleep."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum


class AlarmKind(StrEnum):
    """Everything that a clock announces."""

    SIGN_DUE = "SIGN_DUE"
    CONTACT_DUE = "CONTACT_DUE"
    SOON = "SOON"
    LATE = "LATE"
    CASE_LATE = "CASE_LATE"
    STAGE_LATE = "STAGE_LATE"
    ORDER_LATE = "ORDER_LATE"
    RESUME = "RESUME"


#: The entry that an announcement leaves on the timeline of the case.
ALARM_NAMES: Mapping[AlarmKind, str] = {
    AlarmKind.SIGN_DUE: "签收超时",
    AlarmKind.CONTACT_DUE: "首次联系超时",
    AlarmKind.SOON: "到期预警",
    AlarmKind.LATE: "承办单超期",
    AlarmKind.CASE_LATE: "工单超期",
    AlarmKind.STAGE_LATE: "环节超时",
    AlarmKind.ORDER_LATE: "督办逾期未复",
    AlarmKind.RESUME: "挂账到期",
}
#: A unit of the third level answers to the unit above it, not to the centre.
_SUPERVISED_LEVEL = 2


def calls_supervision(kind: AlarmKind, level: int | None) -> bool:
    """Whether this breach calls an order to the unit by itself (domain.md 1.6)."""
    return kind is AlarmKind.LATE and level == _SUPERVISED_LEVEL


def seconds_to_sleep(
    now: datetime, next_at: datetime | None, *, busy: timedelta, longest: timedelta
) -> float:
    """Until the next alarm, never longer than `longest`; `busy` while others hold what is due."""
    if next_at is None:
        return longest.total_seconds()
    wait = min(next_at - now, longest)
    return (wait if wait > timedelta(0) else busy).total_seconds()
