"""Which limit applies to a case, when it is due soon, late, and what a later clock knows.

Sources: domain.md 1.5. The rules are rows an administrator edits; these functions only read
them. A clock never stops because somebody has not signed or disputes the case (design, 12).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.domain.workdays import Limit, LimitType, WorkCalendar, due_at, work_time_between
from core.errors import NotFound, TransitionRefused

_SOON_SHARE = 0.2
_SOON_WORK_HOURS = 4


@dataclass(frozen=True, slots=True)
class SlaRule:
    """One row: what it applies to (None: anything) and the limits it sets.

    category_prefix: "城市管理" or "城市管理/路灯照明". statutory: a law's own limit, which
    overrides every other rule.
    """

    limit: Limit
    sign_limit: Limit
    contact_limit: Limit
    case_type: str | None = None
    category_prefix: str | None = None
    urgency: str | None = None
    channel: str | None = None
    statutory: bool = False
    extensions: int = 2

    def applies(self, case_type: str, category: str, urgency: str, channel: str) -> bool:
        """Whether every stated condition holds."""
        return (
            self.case_type in (None, case_type)
            and self.urgency in (None, urgency)
            and self.channel in (None, channel)
            and (self.category_prefix is None or _within(category, self.category_prefix))
        )

    @property
    def specificity(self) -> tuple[bool, int, int]:
        """What makes one row win: a law, then more conditions, then a longer prefix."""
        given = (self.case_type, self.category_prefix, self.urgency, self.channel)
        return (
            self.statutory,
            sum(condition is not None for condition in given),
            len(self.category_prefix or ""),
        )


def _within(category: str, prefix: str) -> bool:
    return category == prefix or category.startswith(prefix.rstrip("/") + "/")


def choose_rule(
    rules: Sequence[SlaRule], *, case_type: str, category: str, urgency: str, channel: str
) -> SlaRule:
    """The most specific rule that applies. Raises NotFound when none does."""
    fitting = [r for r in rules if r.applies(case_type, category, urgency, channel)]
    if not fitting:
        raise NotFound("没有适用的时限规则，请管理员补充")
    return max(fitting, key=lambda rule: rule.specificity)


class Lamp(StrEnum):
    """The warning lamp of a case or a leg."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"


@dataclass(frozen=True, slots=True)
class CaseClock:
    """The clock of a case or a leg: running unless `paused_at` or `stopped_at` is set.

    due_at already contains approved extensions and the length of ended pauses.
    """

    limit: Limit
    started_at: datetime
    due_at: datetime
    paused_at: datetime | None = None
    stopped_at: datetime | None = None
    exempt: bool = False

    @classmethod
    def start(cls, limit: Limit, now: datetime, calendar: WorkCalendar) -> "CaseClock":
        """A clock that starts now, at dispatch."""
        return cls(limit, now, due_at(now, limit, calendar))

    def lamp(self, now: datetime, calendar: WorkCalendar) -> Lamp:
        """Green, yellow from the warning instant on, red from due on; facts, not appraisal."""
        seen = self.stopped_at or self.paused_at or now
        if seen >= self.due_at:
            return Lamp.RED
        return Lamp.YELLOW if seen >= self.warn_at(calendar) else Lamp.GREEN

    def warn_at(self, calendar: WorkCalendar) -> datetime:
        """When the case is due soon: the greater of 20 % and four working hours is left."""
        total = self.due_at - self.started_at
        by_share = self.due_at - total * _SOON_SHARE
        if self.limit.type is LimitType.URGENT_HOUR:
            return by_share
        by_hours = _before(self.due_at, timedelta(hours=_SOON_WORK_HOURS), calendar)
        return max(self.started_at, min(by_share, by_hours))

    def pause(self, now: datetime) -> "CaseClock":
        """Stop counting for an approved reason. Raises TransitionRefused when it cannot."""
        if self.paused_at or self.stopped_at:
            raise TransitionRefused("时钟已暂停或已停止")
        return replace(self, paused_at=now)

    def resume(self, now: datetime, calendar: WorkCalendar) -> "CaseClock":
        """Go on; due moves by the time that the pause took out of the limit."""
        if self.paused_at is None:
            raise TransitionRefused("时钟没有暂停")
        if self.limit.type in (LimitType.URGENT_HOUR, LimitType.NATURAL_DAY):
            moved = self.due_at + (now - self.paused_at)
        else:
            lost = work_time_between(self.paused_at, now, calendar)
            hours = lost / timedelta(hours=1)
            moved = self.due_at if hours == 0 else _after(self.due_at, hours, calendar)
        return replace(self, due_at=moved, paused_at=None)

    def extend(self, by: Limit, calendar: WorkCalendar) -> "CaseClock":
        """An approved extension: the old due instant plus the limit, never now plus the limit."""
        return replace(self, due_at=due_at(self.due_at, by, calendar))

    def stop(self, now: datetime) -> "CaseClock":
        """The reply passed review; whether it was late no longer changes."""
        return replace(self, stopped_at=self.stopped_at or now)

    @property
    def late(self) -> bool:
        """Whether it stopped after due (a fact, also when an appeal exempts it)."""
        return self.stopped_at is not None and self.stopped_at > self.due_at


def _after(start: datetime, hours: float, calendar: WorkCalendar) -> datetime:
    return due_at(start, Limit(LimitType.WORK_HOUR, hours), calendar)


def _before(end: datetime, duration: timedelta, calendar: WorkCalendar) -> datetime:
    """The latest instant from which `duration` of office time is left until `end`."""
    left, day = duration, end.date()
    for _ in range(60):
        for opens, closes in reversed(calendar.slots_of(day)):
            start = datetime.combine(day, opens, end.tzinfo)
            stop = min(end, datetime.combine(day, closes, end.tzinfo))
            if stop <= start:
                continue
            if stop - start >= left:
                return stop - left
            left -= stop - start
        day -= timedelta(days=1)
    return end - duration
