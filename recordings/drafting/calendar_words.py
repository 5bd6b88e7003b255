"""Words for days, parts of a day and feasts, and where they lie in the calendar."""

from __future__ import annotations

from datetime import date, timedelta

DAY_WORDS = {
    **dict.fromkeys(("大前天",), -3),
    **dict.fromkeys(("前天", "前日", "前晚", "前儿"), -2),
    **dict.fromkeys(("昨天", "昨日", "昨晚", "昨夜", "昨儿"), -1),
    **dict.fromkeys(("今天", "今日", "今早", "今晚", "今晨", "今儿"), 0),
    **dict.fromkeys(("明天", "明日", "明早"), 1),
    "后天": 2,
}
#: Parts of a day: the usual first and middle hour.
PARTS = {
    **dict.fromkeys(("凌晨", "大清早", "天没亮"), (0, 3)),
    **dict.fromkeys(("清早", "清晨", "早上", "早晨", "今早", "今晨", "早间", "一早"), (5, 7)),
    "上午": (8, 10),
    "中午": (11, 12),
    **dict.fromkeys(("下午", "午后"), (12, 15)),
    **dict.fromkeys(("傍晚", "帮晚"), (16, 18)),
    **dict.fromkeys(("晚上", "今晚", "昨晚", "前晚", "晚间"), (17, 20)),
    **dict.fromkeys(("夜里", "夜间", "昨夜", "深夜", "半夜"), (18, 23)),
}
#: Feasts of fixed date: first day, and days off.
FESTIVALS = {
    **dict.fromkeys(("元旦",), (1, 1, 3)),
    **dict.fromkeys(("清明", "清明节"), (4, 5, 3)),
    **dict.fromkeys(("五一", "劳动节"), (5, 1, 5)),
    **dict.fromkeys(("国庆", "国庆节", "十一长假"), (10, 1, 7)),
}
#: Lunar new year's day.
SPRING_FESTIVAL = {
    2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26),
    2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31), 2034: (2, 19),
    2035: (2, 8),
}  # fmt: skip


def month_back(day: date, months: int) -> date:
    """The first day of the month that lies so many months before."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def last_festival(name: str, today: date, *, after: bool) -> date:
    """The latest first day of a feast before today; after: the first day after its holidays."""
    month, day, days_off = FESTIVALS[name]
    start = date(today.year, month, day)
    if start > today:
        start = date(today.year - 1, month, day)
    return min(today, start + timedelta(days=days_off)) if after else start


def last_spring_festival(today: date) -> date:
    """The latest lunar new year's day; outside the table, the start of February."""
    for year in (today.year, today.year - 1):
        day = date(year, *SPRING_FESTIVAL.get(year, (2, 1)))
        if day <= today:
            return day
    return today
