"""A case's or leg's clock as people read it: a lamp, a bar, and what is left in words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent_ui.i18n import mark
from core.domain.sla import CaseClock, Lamp
from core.domain.workdays import LimitType, WorkCalendar, work_time_between

Translate = Callable[[str], str]
_OFFICE_DAY = timedelta(hours=8)
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_OFFICE = frozenset({LimitType.WORK_DAY, LimitType.WORK_HOUR})


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock at one instant. state: running, paused or stopped; percent: of the limit used."""

    lamp: Lamp
    state: str
    due_at: datetime
    left: timedelta
    late: bool
    in_office_time: bool
    percent: int
    exempt: bool = False


def clock_view(clock: CaseClock, now: datetime, calendar: WorkCalendar) -> ClockView:
    """The clock as it stands; a stopped or paused one stands where it stopped."""
    seen = clock.stopped_at or clock.paused_at or now
    late = seen >= clock.due_at
    office = clock.limit.type in _OFFICE
    first, last = (clock.due_at, seen) if late else (seen, clock.due_at)
    left = work_time_between(first, last, calendar) if office else last - first
    whole = max(clock.due_at - clock.started_at, timedelta(seconds=1))
    used = (seen - clock.started_at) / whole
    return ClockView(
        lamp=clock.lamp(now, calendar),
        state="stopped" if clock.stopped_at else "paused" if clock.paused_at else "running",
        due_at=clock.due_at,
        left=left,
        late=late,
        in_office_time=office,
        percent=max(0, min(100, round(used * 100))),
        exempt=clock.exempt,
    )


def left_in_words(view: ClockView, translate: Translate) -> str:
    """What is left, or by how much it is late: one short phrase."""
    amount = duration_in_words(view.left, translate, office=view.in_office_time)
    if view.state == "stopped":
        pattern = mark("超期 {amount}办结") if view.late else mark("按时")
    elif view.state == "paused":
        pattern = mark("计时暂停，还剩 {amount}")
    elif view.late:
        pattern = mark("已超期 {amount}")
    else:
        pattern = mark("还剩 {amount}")
    return translate(pattern).format(amount=amount)


def duration_in_words(span: timedelta, translate: Translate, *, office: bool = False) -> str:
    """A duration with its two largest units; office time counts days of eight hours."""
    day = _OFFICE_DAY if office else _DAY
    days, rest = divmod(max(span, timedelta()), day)
    hours, minutes = rest // _HOUR, rest % _HOUR // _MINUTE
    if days:
        texts = (mark("{days} 个工作日"), mark("{days} 个工作日 {hours} 小时"))
        if not office:
            texts = (mark("{days} 天"), mark("{days} 天 {hours} 小时"))
        return translate(texts[bool(hours)]).format(days=days, hours=hours)
    if hours:
        texts = (mark("{hours} 小时"), mark("{hours} 小时 {minutes} 分"))
        return translate(texts[bool(minutes)]).format(hours=hours, minutes=minutes)
    if span < _MINUTE:
        return translate(mark("不到 1 分钟"))
    return translate(mark("{minutes} 分钟")).format(minutes=minutes)
