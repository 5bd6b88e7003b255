"""The log of who saw personal data: what is written, and the chain that shows any later change."""

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum

from core.errors import InputRefused

#: The hash before the first row.
START = "0" * 64
LONGEST_REASON = 200
_FIRST_HOUR, _LAST_HOUR, _SATURDAY = 8, 18, 5


class SeenField(StrEnum):
    """What somebody saw or did with it."""

    VIEW = "VIEW"
    PHONE = "PHONE"
    IDENTITY = "IDENTITY"
    LISTEN = "LISTEN"
    PRINT = "PRINT"
    FORWARD = "FORWARD"
    EXPORT = "EXPORT"
    SEARCH = "SEARCH"


SEEN_NAMES: dict[SeenField, str] = {
    SeenField.VIEW: "查看工单",
    SeenField.PHONE: "查看号码",
    SeenField.IDENTITY: "查看保密身份",
    SeenField.LISTEN: "收听录音",
    SeenField.PRINT: "打印",
    SeenField.FORWARD: "转发",
    SeenField.EXPORT: "导出",
    SeenField.SEARCH: "按号码查询",
}


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One row of the log, without its hash."""

    seq: int
    at: datetime
    account_id: str
    department_id: str | None
    case_id: str
    field: str
    reason: str
    address: str

    def chained(self, before: str, key: bytes) -> str:
        """The keyed hash of this row and the one before: whoever changes a row cannot redo it."""
        content = asdict(self) | {"at": self.at.astimezone(UTC).isoformat()}
        text = before + json.dumps(content, ensure_ascii=False, sort_keys=True)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def check_reason(reason: str) -> str:
    """The reason, trimmed. Raises InputRefused when there is none."""
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise InputRefused("请说明查看理由（200 字以内）")
    return reason


def is_off_hours(local: datetime) -> bool:
    """Whether somebody looked outside office hours; `local` is the city's time."""
    return local.weekday() >= _SATURDAY or not _FIRST_HOUR <= local.hour < _LAST_HOUR
