"""The life of a unit's monthly appraisal sheet (domain.md 3.2), as a table.

Draft by the system, objections of the unit, review, signature, publication. A signed sheet is
locked: nothing about it changes any more, only its publication.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.auth import Role
from core.errors import NotAllowed, TransitionRefused


class SheetState(StrEnum):
    """Where a sheet is."""

    DRAFTED = "DRAFTED"
    OBJECTION = "OBJECTION"
    REVIEW = "REVIEW"
    SIGNED = "SIGNED"
    PUBLISHED = "PUBLISHED"


class SheetStep(StrEnum):
    """What may be done with one; values are the words of the trade."""

    ANNOUNCE = "开始异议期"
    OBJECT = "提出异议"
    REVIEW = "进入复核"
    RULE = "裁定异议"
    SIGN = "签发"
    PUBLISH = "发布"


SHEET_STATE_NAMES: Mapping[SheetState, str] = {
    SheetState.DRAFTED: "草稿",
    SheetState.OBJECTION: "异议期",
    SheetState.REVIEW: "复核中",
    SheetState.SIGNED: "已签发",
    SheetState.PUBLISHED: "已发布",
}
LOCKED = frozenset({SheetState.SIGNED, SheetState.PUBLISHED})
#: How long a unit may object (domain.md 3.2); an administrator sets another.
OBJECTION_DAYS = 3


@dataclass(frozen=True, slots=True)
class SheetRule:
    """From which state, to which, by whom."""

    from_: SheetState
    to: SheetState
    roles: frozenset[Role]


_CHIEFS = frozenset({Role.SUPERVISOR, Role.DIRECTOR})
SHEET_RULES: Mapping[SheetStep, SheetRule] = {
    SheetStep.ANNOUNCE: SheetRule(SheetState.DRAFTED, SheetState.OBJECTION, _CHIEFS),
    SheetStep.OBJECT: SheetRule(
        SheetState.OBJECTION, SheetState.OBJECTION, frozenset({Role.UNIT_OPS, Role.UNIT_LEAD})
    ),
    SheetStep.REVIEW: SheetRule(SheetState.OBJECTION, SheetState.REVIEW, _CHIEFS),
    SheetStep.RULE: SheetRule(SheetState.REVIEW, SheetState.REVIEW, _CHIEFS),
    SheetStep.SIGN: SheetRule(
        SheetState.REVIEW, SheetState.SIGNED, frozenset({Role.DIRECTOR})
    ),
    SheetStep.PUBLISH: SheetRule(
        SheetState.SIGNED, SheetState.PUBLISHED, frozenset({Role.DIRECTOR})
    ),
}  # fmt: skip


def check_sheet_step(step: SheetStep, state: SheetState, role: Role) -> SheetState:
    """The state after the step. Raises NotAllowed or TransitionRefused."""
    rule = SHEET_RULES[step]
    if role not in rule.roles:
        raise NotAllowed("您的岗位不能进行此操作", step=step.value)
    if state is not rule.from_:
        raise TransitionRefused(
            f"考核表处于“{SHEET_STATE_NAMES[state]}”，不能{step.value}", state=state.value
        )
    return rule.to
