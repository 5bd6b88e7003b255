"""When a citizen may be called back about a case, and when trying is over (domain.md 1.3).

Three attempts on two days at least, one of them outside office hours; nobody is rung twice within
an hour or at night.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from core.clock import CITY_TIME, city_time
from core.domain.workdays import WorkCalendar

#: Hours in which a citizen may be rung at all, and the pause between two attempts.
EARLIEST, LATEST = time(8), time(21)
PAUSE = timedelta(hours=1)
_DAY = timedelta(days=1)
_SEARCH_STEP = timedelta(minutes=15)
_LONGEST_SEARCH = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt that reached nobody."""

    at: datetime
    off_hours: bool


@dataclass(frozen=True, slots=True)
class TrialState:
    """Where the attempts of a round stand; next_at: from when the next one may be made."""

    number: int
    needed: int
    off_hours_needed: bool
    another_day_needed: bool
    may_close: bool
    next_at: datetime

    def is_due(self, now: datetime) -> bool:
        """Whether somebody may be rung now."""
        return self.next_at <= now


def trial_state(
    tried: Sequence[Tried],
    now: datetime,
    calendar: WorkCalendar,
    *,
    needed: int = 3,
    days: int = 2,
) -> TrialState:
    """The state after these attempts; the next one is placed where the rule still has a gap."""
    dates = {city_time(one.at).date() for one in tried}
    off_hours_needed = not any(one.off_hours for one in tried)
    left = needed - len(tried)
    day_needed = len(dates) < days
    # The last attempt must close every gap that is open; earlier ones only keep their distance.
    must = left <= 1
    return TrialState(
        number=len(tried) + 1,
        needed=needed,
        off_hours_needed=off_hours_needed,
        another_day_needed=day_needed,
        may_close=left <= 0 and not day_needed and not off_hours_needed,
        next_at=_next(
            tried, now, calendar,
            off_hours=must and off_hours_needed, other_day=must and day_needed,
        ),
    )  # fmt: skip


def _next(
    tried: Sequence[Tried],
    now: datetime,
    calendar: WorkCalendar,
    *,
    off_hours: bool,
    other_day: bool,
) -> datetime:
    last = max((one.at for one in tried), default=None)
    start = now if last is None else max(now, last + PAUSE)
    if other_day and last is not None:
        morning = datetime.combine(city_time(last).date() + _DAY, EARLIEST, CITY_TIME)
        start = max(start, morning)
    at = start
    while at < start + _LONGEST_SEARCH:
        if _allowed(at, calendar, off_hours=off_hours):
            return at
        at = _round_up(at)
    return start


def _allowed(at: datetime, calendar: WorkCalendar, *, off_hours: bool) -> bool:
    local = city_time(at)
    if not EARLIEST <= local.time() < LATEST:
        return False
    return not (off_hours and calendar.is_office_time(at))


def _round_up(at: datetime) -> datetime:
    """The next quarter of an hour."""
    whole = at.replace(minute=0, second=0, microsecond=0)
    return whole + _SEARCH_STEP * ((at - whole) // _SEARCH_STEP + 1)
