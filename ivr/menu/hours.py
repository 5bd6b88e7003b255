"""Decides whether a line is open: weekly hours, holidays, and working days moved for them."""

from dataclasses import dataclass
from datetime import date, datetime, time

from core.clock import city_time

#: Weekdays 0 (Monday) to 6 (Sunday), as datetime counts them.
Weekday = int


@dataclass(frozen=True, slots=True)
class Span:
    """Open from `start` up to, not including, `end` on one weekday; midnight as end means 24:00."""

    weekday: Weekday
    start: time
    end: time

    def covers(self, weekday: Weekday, moment: time) -> bool:
        """Whether the moment of that weekday lies inside."""
        before_end = self.end == time(0) or moment < self.end
        return self.weekday == weekday and self.start <= moment and before_end


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When a line is served; the dates are civil dates of the city."""

    spans: tuple[Span, ...]
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def is_open(self, now: datetime) -> bool:
        """A holiday is closed; a weekend day declared a working day follows Monday's hours."""
        local = city_time(now)
        day, moment = local.date(), local.time()
        if self.is_holiday(now):
            return False
        weekday = 0 if day in self.workdays else day.weekday()
        return any(span.covers(weekday, moment) for span in self.spans)

    def is_holiday(self, now: datetime) -> bool:
        """Whether today is a public holiday in the city."""
        return city_time(now).date() in self.holidays

    def first_opening(self) -> time | None:
        """The hour at which the line's day begins, if that is the same on all its days."""
        firsts: dict[Weekday, time] = {}
        for span in self.spans:
            firsts[span.weekday] = min(span.start, firsts.get(span.weekday, span.start))
        hours = set(firsts.values())
        return hours.pop() if len(hours) == 1 else None
