"""Periods of figures: from a first instant (included) to a last one (excluded), in city time."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.clock import CITY_TIME, city_time
from core.errors import InputRefused

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR = re.compile(r"\d{4}")
_LONGEST_DAYS = 3 * 366
_DECEMBER, _FEBRUARY, _LEAP_DAY = 12, 2, 29


@dataclass(frozen=True, slots=True)
class Period:
    """[start, end)."""

    start: datetime
    end: datetime

    @property
    def days(self) -> tuple[date, date]:
        """The first day, and the first day no longer in it."""
        return city_time(self.start).date(), city_time(self.end).date()

    @property
    def last_day(self) -> date:
        """The last day that is in it."""
        return self.days[1] - timedelta(days=1)

    def year_before(self) -> "Period":
        """The same days of the year before, for the year-on-year comparison."""
        first, last = self.days
        return of_days(_year_earlier(first), _year_earlier(last))

    def just_before(self) -> "Period":
        """As many days right before, or the month before a whole month (环比)."""
        first, last = self.days
        if first.day == 1 and last == month_after(first):
            return of_month(month_before(f"{first:%Y-%m}"))
        return of_days(first - (last - first), first)

    def shown(self) -> str:
        """As a table's heading says it; the last day is one that is still in it."""
        return f"{self.days[0].isoformat()} — {self.last_day.isoformat()}"


def of_days(first: date, after: date) -> Period:
    """From the start of one day to the start of another. Raises InputRefused when empty."""
    if after <= first:
        raise InputRefused("统计时段的结束须晚于开始")
    if (after - first).days > _LONGEST_DAYS:
        raise InputRefused("统计时段不能超过三年")
    return Period(_midnight(first), _midnight(after))


def of_month(text: str) -> Period:
    """A month written 2026-11. Raises InputRefused."""
    found = _MONTH.fullmatch(text.strip())
    if found is None or not 1 <= int(found[2]) <= _DECEMBER or int(found[1]) < 1:
        raise InputRefused("月份应写作 2026-11")
    first = date(int(found[1]), int(found[2]), 1)
    return of_days(first, month_after(first))


def of_year(text: str) -> Period:
    """A calendar year. Raises InputRefused."""
    if _YEAR.fullmatch(text.strip()) is None or not 1 <= int(text) < date.max.year:
        raise InputRefused("年份应为四位数字")
    return of_days(date(int(text), 1, 1), date(int(text) + 1, 1, 1))


def month_after(day: date) -> date:
    """The first day of the next month."""
    if day.month == _DECEMBER:
        return date(day.year + 1, 1, 1)
    return date(day.year, day.month + 1, 1)


def month_of(instant: datetime) -> str:
    """The month of an instant on the city's wall clock, as 2026-11."""
    return f"{city_time(instant):%Y-%m}"


def month_before(month: str) -> str:
    """The month before one written as 2026-11."""
    first = of_month(month).days[0]
    return f"{first - timedelta(days=1):%Y-%m}"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CITY_TIME)


def _year_earlier(day: date) -> date:
    leap = (day.month, day.day) == (_FEBRUARY, _LEAP_DAY)
    return date(day.year - 1, day.month, 28 if leap else day.day)
