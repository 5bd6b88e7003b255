"""How often and how long things may happen to a case; an administrator edits these as rows."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from core.errors import InputRefused


@dataclass(frozen=True, slots=True)
class CaseLimits:
    """Every number and word list of the law that a city may set otherwise (domain.md 1.3-1.7).

    The values here are those of a city that has set nothing. Limits in days and hours by type of
    case are rows of their own (`SlaRule`).
    """

    returns: int = 2
    return_work_hours: int = 8
    hops: int = 3
    rounds: int = 2
    conference_units: int = 3
    suspensions: int = 1
    suspension_days: int = 366
    callback_attempts: int = 3
    callback_days: int = 2
    urges_for_supervision: int = 3
    returns_for_supervision: int = 2
    reopen_days: int = 15
    accept_minutes: int = 15
    dispatch_minutes: int = 15
    task_minutes: int = 30
    callback_work_days: int = 1
    supervision_work_days: int = 3
    second_round_share: float = 0.5
    unit_approval: bool = False
    supervise_when_late: bool = True
    voice_callback: bool = False
    backstop_unit: str = ""
    subjective_causes: tuple[str, ...] = ("未联系", "敷衍", "未到现场", "超时", "未解决")
    objective_causes: tuple[str, ...] = ("政策限制", "历史遗留", "缺条件")
    unreasonable_causes: tuple[str, ...] = ("期望过高", "无理要求")

    @classmethod
    def of(cls, rows: Mapping[str, Any]) -> "CaseLimits":
        """The limits with these rows in the place of the defaults. Raises InputRefused."""
        known = {entry.name for entry in fields(cls)}
        return cls(**{name: checked(name, rows[name]) for name in known & set(rows)})


_DEFAULTS = CaseLimits()


def checked(name: str, value: Any) -> Any:
    """The value of one row in the type of its default. Raises InputRefused."""
    default = getattr(_DEFAULTS, name, None)
    if default is None:
        raise InputRefused("没有这个规则", name=name)
    if isinstance(default, tuple):
        return _words(name, value)
    if isinstance(default, str):
        if not isinstance(value, str):
            raise InputRefused("该规则应为文字", name=name)
        return value
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise InputRefused("该规则只能开或关", name=name)
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise InputRefused("该规则应为大于零的数", name=name)
    return type(default)(value)


def _words(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) and v for v in value):
        raise InputRefused("该规则应为词语列表", name=name)
    return tuple(value)
