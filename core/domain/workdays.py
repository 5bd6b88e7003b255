"""Working-day arithmetic: from a start instant and a limit to the due instant.

Sources: Civil Code articles 201 and 203 (the start day is not counted; a last day that is no
working day moves to the next one), the yearly State Council notice for days off and working
weekend days, domain.md 1.5. All calculations run on the city's wall clock, which has one zone
and no daylight saving time.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from core.clock import CITY_TIME
from core.errors import InputRefused

_SATURDAY = 5
_LONGEST_SEARCH_DAYS = 3_660


class LimitType(StrEnum):
    """How a limit is counted (domain.md 1.5)."""

    WORK_DAY = "work_day"
    WORK_HOUR = "work_hour"
    URGENT_HOUR = "urgent_hour"
    NATURAL_DAY = "natural_day"


class DayKind(StrEnum):
    """What the yearly notice or a local rule makes of a day.

    WORK_AM and WORK_PM are half days, for example a local half holiday or a typhoon afternoon.
    """

    OFF = "OFF"
    WORK = "WORK"
    WORK_AM = "WORK_AM"
    WORK_PM = "WORK_PM"


Slot = tuple[time, time]
OFFICE_SLOTS: tuple[Slot, ...] = ((time(8), time(12)), (time(14), time(18)))


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit: its type and a positive number of days or hours."""

    type: LimitType
    value: float

    def __post_init__(self) -> None:
        if self.value <= 0:
            raise InputRefused("时限必须大于零", value=self.value)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days and hours are worked.

    days: exceptions to Monday-Friday. slots: office hours of a full day, in order.
    due_time: at what time a limit in working days ends on its last day.
    """

    days: Mapping[date, DayKind] = field(default_factory=dict)
    slots: tuple[Slot, ...] = OFFICE_SLOTS
    due_time: time = time(18)

    def is_working_day(self, day: date) -> bool:
        """Whether anything at all is worked on this day."""
        kind = self.days.get(day)
        if kind is None:
            return day.weekday() < _SATURDAY
        return kind is not DayKind.OFF

    def slots_of(self, day: date) -> tuple[Slot, ...]:
        """The office hours of this day; empty on a day off."""
        if not self.is_working_day(day):
            return ()
        kind = self.days.get(day)
        if kind is DayKind.WORK_AM:
            return self.slots[:1]
        if kind is DayKind.WORK_PM:
            return self.slots[1:]
        return self.slots

    def is_office_time(self, instant: datetime) -> bool:
        """Whether the offices are open at this instant."""
        local = instant.astimezone(CITY_TIME)
        return any(opens <= local.time() < closes for opens, closes in self.slots_of(local.date()))

    def knows_year(self, year: int) -> bool:
        """Whether the yearly notice for this year has been entered."""
        return any(day.year == year for day in self.days)

    def next_working_day(self, day: date) -> date:
        """The first working day after this one. Raises InputRefused when there is none."""
        for offset in range(1, _LONGEST_SEARCH_DAYS):
            if self.is_working_day(day + timedelta(days=offset)):
                return day + timedelta(days=offset)
        raise InputRefused("日历中找不到工作日")


def due_at(start: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    """When a limit that starts now is due; an aware instant in the city's zone."""
    local = start.astimezone(CITY_TIME)
    if limit.type is LimitType.URGENT_HOUR:
        return local + timedelta(hours=limit.value)
    if limit.type is LimitType.NATURAL_DAY:
        return local + timedelta(days=limit.value)
    if limit.type is LimitType.WORK_HOUR:
        return _add_work_time(local, timedelta(hours=limit.value), calendar)
    return _add_work_days(local, limit.value, calendar)


def work_time_between(start: datetime, end: datetime, calendar: WorkCalendar) -> timedelta:
    """Office time between two instants; zero when end is not after start."""
    total = timedelta()
    first, last = start.astimezone(CITY_TIME), end.astimezone(CITY_TIME)
    for opens, closes in _slots_from(first.date(), calendar):
        if opens >= last:
            break
        total += max(timedelta(), min(closes, last) - max(opens, first))
    return total


def _add_work_days(start: datetime, days: float, calendar: WorkCalendar) -> datetime:
    """The start day is not counted; a half day ends at the close of the morning."""
    day = start.date()
    whole, half = int(days), days % 1 != 0
    for _ in range(whole):
        day = calendar.next_working_day(day)
    if not half:
        return datetime.combine(day, calendar.due_time, CITY_TIME)
    day = calendar.next_working_day(day)
    closes = calendar.slots_of(day)[0][1]
    return datetime.combine(day, closes, CITY_TIME)


def _add_work_time(start: datetime, duration: timedelta, calendar: WorkCalendar) -> datetime:
    left = duration
    for opens, closes in _slots_from(start.date(), calendar):
        begin = max(opens, start)
        if begin >= closes:
            continue
        if closes - begin >= left:
            return begin + left
        left -= closes - begin
    raise InputRefused("日历中找不到足够的工作时间")


def _slots_from(day: date, calendar: WorkCalendar) -> Iterator[tuple[datetime, datetime]]:
    for offset in range(_LONGEST_SEARCH_DAYS):
        present = day + timedelta(days=offset)
        for opens, closes in calendar.slots_of(present):
            yield (
                datetime.combine(present, opens, CITY_TIME),
                datetime.combine(present, closes, CITY_TIME),
            )


def missing_years(calendar: WorkCalendar, today: date) -> Iterable[int]:
    """Years whose list is needed and absent: this year, and from 1 December the next one."""
    wanted = [today.year] + ([today.year + 1] if today.month == 12 else [])  # noqa: PLR2004
    return [year for year in wanted if not calendar.knows_year(year)]
