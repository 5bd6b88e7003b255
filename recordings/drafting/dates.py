"""When it happened, relative to the moment of the call: 'three days ago', 'since last month'.

Each reader knows one way of saying a time and answers with an ISO day, minute, month or interval
and with how telling that way is. Times are the city's own: the call time comes in local time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from recordings.drafting.calendar_words import (
    DAY_WORDS,
    FESTIVALS,
    PARTS,
    last_festival,
    last_spring_festival,
    month_back,
)
from recordings.drafting.numbers import read_number
from recordings.drafting.time_words import put_right

DIGIT = "零〇一二两三四五六七八九十"
MANY = rf"(\d+(?:\.\d+)?|[{DIGIT}百]+|好几|几|半|大半)"
DAY = "|".join(sorted(DAY_WORDS, key=len, reverse=True))
PART = "|".join(sorted(PARTS, key=len, reverse=True))
FILLER = r"(?:的|，|、|。|呃|嗯|大概|大约|差不多|是|好像是|就|快|快到)*"
DAY_SAID = re.compile(rf"({DAY})(?:{FILLER}({PART}))?")
CLOCK = re.compile(
    rf"(?:({PART}){FILLER})?(?<![差有快早晚慢大小好几])(\d{{1,2}}|[{DIGIT}]{{1,3}})(?:点钟|点|:|\.(?=班|半|点|$))"
    rf"(半|一刻|三刻|\d{{1,2}}(?!点)|[{DIGIT}]{{1,3}}(?!点))?(?:分)?(多)?"
)
NO_OCCURRENCE = re.compile(
    r"出生|辞职|毕业|结婚|买的房|退休|打工|邻居|岁|没下过|工龄|干了|住了|放假|给我?答复|之内"
    r"|以内|期限"
)
RECURRENT = re.compile(r"每天|天天|每晚|每到|每次|经常|一到|日日|夜夜")
TOLD = re.compile(
    r"(?:我|我们|又)?(?:去|打|跟|给|也)?.{0,3}?(?:讲|说|反映|打电话|投诉过|敲|问|气不过|来过)"
)
LASTED = re.compile(
    rf"(连续|最近|这|近|已经|都|有|快|将近|差不多|前后|整整|\w了|过了|了)?(?:大概)?{MANY}"
    r"(多|来)?(个)?(多|半)?(工作日|天|日(?!期)|晚上|夜|礼拜|星期|周(?!末|岁|围)|月(?!份)|年)"
    r"(多|半|把)?(了|没|不|一直|都|来)?"
)
DAYS_IN = {
    **dict.fromkeys(("天", "日", "晚上", "夜", "工作日"), 1),
    **dict.fromkeys(("礼拜", "星期", "周"), 7),
    "月": 30,
    "年": 365,
}
WEEKDAY = re.compile(r"(上上|上|这|本)?个?(?:周|星期|礼拜)([一二三四五六日天1-6])(?!个|天|期)")
LAST_WEEK = re.compile(r"(上上|上)个?(?:周|星期|礼拜)(?![一二三四五六日天末1-6])")
NEXT_WEEK = re.compile(r"下个?(?:周|星期|礼拜)([一二三四五六日天])?")
MONTH = re.compile(
    rf"(去年|前年|今年)?(?:的)?(\d{{1,2}}|[一二三四五六七八九十]{{1,2}})月份?"
    rf"(?:(\d{{1,2}}|[{DIGIT}]{{1,3}})[号日])?"
)
MONTH_WORD = re.compile(
    rf"(上上个月|上个月|上月|这个月|本月)(?:(\d{{1,2}}|[{DIGIT}]{{1,3}})[号日])?"
)
AGO = re.compile(
    rf"{MANY}(?:多|来)?个?(?:多|半)?(小时|钟头|分钟|刻钟|天|礼拜|星期|月|年)(?:之前|以前|前)"
)
NOW = re.compile(
    r"现在(?:正|还|就在|又)|正在|刚刚|刚才|这会儿|此时|就在现场|随时|马上要|(?<!亲)眼看"
)
SINCE = re.compile(
    r"^(?:份|底|初|中旬)?(?:就)?(?:开始|以来|以后|之后|起|到现在|一直|干到|至今|过后)"
)
FEST = re.compile("|".join(sorted(FESTIVALS, key=len, reverse=True)) + "|过年|春节|年初")
SOON, ADJOINING, WINDOW = 8, 6, 26
HOURS_A_DAY, NOON, SMALL_HOURS, EVENING_BEFORE = 24, 12, 5, 10
MINUTES_AN_HOUR, MONTHS_A_YEAR = 60, 12
A_WEEK_LESS_ONE, TWO_MONTHS = 6, 60
#: More days, months or years than this nobody means: a recogniser has gone astray.
MOST_COUNTED = 400
YEARS_OF_A_LIFE = 5
EVERY_MONTH_HAS, LONG_MONTH = 28, 31
LONG_MONTHS = (1, 3, 5, 7, 8, 10, 12)
DEAL = {"小时": 60, "钟头": 60, "分钟": 1, "刻钟": 15}


@dataclass(frozen=True, slots=True)
class TimeSaid:
    """One reading: ISO value, the words' place in the text, and how telling it is."""

    value: str
    start: int
    end: int
    weight: float
    rule: str


def times_said(text: str, call_time: datetime) -> list[TimeSaid]:
    """Every reading of a text, the most telling first."""
    found: list[TimeSaid] = []
    text = put_right(text)
    for reader in (_moments, _ago, _lasted, _weekdays, _months, _festivals, _now):
        found += reader(text, call_time.replace(tzinfo=None))
    kept = [one for one in found if not NO_OCCURRENCE.search(_clause(text, one))]
    return sorted(kept, key=lambda one: (-one.weight, one.start))


def _clause(text: str, one: TimeSaid) -> str:
    """The words around a time, up to the next stop."""
    before = re.split(r"[，。！？\n]", text[max(0, one.start - 6) : one.start])[-1]
    after = re.split(r"[，。！？\n]", text[one.end : one.end + 8])[0]
    return before + text[one.start : one.end] + after


def _count(words: str) -> float:
    if words in ("几", "好几"):
        return 3.0
    if words in ("半", "大半"):
        return 0.5 if words == "半" else 0.6
    count = read_number(words) or 0.0
    return count if count <= MOST_COUNTED else 0.0


def _moments(text: str, now: datetime) -> Iterator[TimeSaid]:
    """'今天早上七点多', '昨天夜里十一点', '昨天'."""
    for said in DAY_SAID.finditer(text):
        offset = DAY_WORDS[said.group(1)]
        if offset > 0:
            continue
        day = now.date() + timedelta(days=offset)
        part = said.group(2) or (said.group(1) if said.group(1) in PARTS else None)
        clock = _clock_after(text, said.end(), part)
        if clock is None:
            told = TOLD.match(text[said.end() : said.end() + 9])
            weight = 1.0 if told else 3.2 if part else 3.0
            yield TimeSaid(day.isoformat(), said.start(), said.end(), weight, "day")
            continue
        end, hour, minute, moved = clock
        at = _at(day, hour, minute, moved)
        yield TimeSaid(_minute(at), said.start(), end, 5.0, "day and hour")


def _clock_after(text: str, at: int, part: str | None) -> tuple[int, int, int, int] | None:
    """The last clock time said in the next words: (end, hour, minute, days to add)."""
    best = None
    window = text[at : at + WINDOW]
    for found in CLOCK.finditer(window):
        if best is not None and found.start() - best.end() > ADJOINING:
            break
        if best is None and found.start() > SOON:
            break
        best = found
        part = found.group(1) or part
    if best is None:
        return None
    hour = int(read_number(best.group(2)) or 0)
    if hour > HOURS_A_DAY:
        return None
    minute = _minutes(best.group(3))
    hour, moved = _on_the_day(hour, part)
    return at + best.end(), hour, minute, moved


def _minutes(words: str | None) -> int:
    known = {"半": 30, "一刻": 15, "三刻": 45}
    if words is None:
        return 0
    value = known.get(words, int(read_number(words) or 0))
    return value if value < MINUTES_AN_HOUR else 0


def _on_the_day(hour: int, part: str | None) -> tuple[int, int]:
    """'夜里两点' is the next day's early morning; '下午三点' is 15."""
    name = part or ""
    if name in ("夜里", "半夜", "深夜", "昨夜") and hour <= SMALL_HOURS:
        return hour, 1
    late = PARTS.get(name, (0, 0))[0] >= NOON or name == "中午"
    if late and (hour < EVENING_BEFORE or (hour < NOON and name != "中午")):
        return hour + NOON, 0
    return (0, 1) if hour == HOURS_A_DAY else (hour, 0)


def _ago(text: str, now: datetime) -> Iterator[TimeSaid]:
    for said in AGO.finditer(text):
        count, unit = _count(said.group(1)), said.group(2)
        if not count:
            continue
        if unit in DEAL:
            at = now - timedelta(minutes=count * DEAL[unit])
            yield TimeSaid(_minute(at), said.start(), said.end(), 5.0, "minutes ago")
        elif unit == "月":
            yield TimeSaid(_month(month_back(now, round(count))), *said.span(), 3.5, "months ago")
        else:
            day = now.date() - timedelta(days=count * DAYS_IN[unit])
            yield TimeSaid(day.isoformat(), said.start(), said.end(), 3.8, "days ago")


def _lasted(text: str, now: datetime) -> Iterator[TimeSaid]:
    """'坏了三天了', '最近半个月', '连续三个晚上', '有大半年了'."""
    for said in LASTED.finditer(text):
        lead, words, unit = said.group(1), said.group(2), said.group(6)
        if not _is_duration(said, text):
            continue
        count = _count(words)
        if not count or (unit == "年" and words.startswith(("二〇", "二零", "20"))):
            continue
        extra = any(said.group(i) in ("多", "来", "半", "把") for i in (3, 5, 7))
        if unit == "月" and count >= 1 and said.group(5) == "半":
            count += 0.5
        days = count * DAYS_IN[unit] * (1.15 if extra and DAYS_IN[unit] > 1 else 1.0)
        value = _since(now, days, unit, in_a_row=lead == "连续")
        weight = 2.6 if words in ("几", "好几") else 4.0
        if unit == "年" and count >= YEARS_OF_A_LIFE:
            weight = 0.8  # who has lived or worked somewhere so long tells of himself
        yield TimeSaid(value, said.start(), said.end(), weight, "duration")


def _is_duration(said: re.Match[str], text: str) -> bool:
    """'三天了' and '有一个礼拜没' are durations; '三天之内' and '一年收两千' are not."""
    tail = text[said.end() : said.end() + 3]
    if re.match(r"(?:之?前|以前|之?内|以内|收|一次|最低|要交|多少|能办|的时候|卡|级)", tail):
        return False
    unit, individual = said.group(6), said.group(4)
    if unit in ("年", "天") and said.group(5) == "半":
        return False  # '一半年' is no length of time: '一半' of something
    if unit == "月" and not (individual or said.group(2) in ("半", "大半")):
        return False
    after = said.group(8) or re.match(r"[，]?(?:没|不|一直|都|了|河|天天|每)", tail)
    if unit in ("晚上", "夜") and said.group(2) in ("一", "1"):
        return False
    strong = said.group(1) in ("连续", "最近", "已经", "前后", "整整", "近")
    led = bool(said.group(1)) and said.group(1) not in ("这", "近")
    return strong or bool(after) or (led and not RECURRENT.search(tail))


def _since(now: datetime, days: float, unit: str, *, in_a_row: bool) -> str:
    if DAYS_IN[unit] == 1:
        start = now.date() - timedelta(days=round(days) - (1 if in_a_row else 0))
        if in_a_row or days > A_WEEK_LESS_ONE:
            return f"{start.isoformat()}/{now.date().isoformat()}"
        return start.isoformat()
    start = now.date() - timedelta(days=round(days))
    if days >= TWO_MONTHS:
        first = month_back(now, round(days / 30.4))
        return f"{_month(first)}/{_month(now.date())}"
    return f"{start.isoformat()}/{now.date().isoformat()}"


def _weekdays(text: str, now: datetime) -> Iterator[TimeSaid]:
    monday = now.date() - timedelta(days=now.weekday())
    for said in WEEKDAY.finditer(text):
        number = "一二三四五六日".find(said.group(2).replace("天", "日"))
        number = int(said.group(2)) - 1 if number < 0 else number
        weeks = {"上上": 2, "上": 1}.get(said.group(1) or "", 0)
        day = monday + timedelta(days=number - 7 * weeks)
        if weeks == 0 and day > now.date():
            day -= timedelta(days=7)
        since = SINCE.match(text[said.end() :]) or "从" in text[: said.start()][-2:]
        weight = 4.6 if since else 4.2
        yield _with_clock(text, day, said, weight)
    for said in LAST_WEEK.finditer(text):
        first = monday - timedelta(days=14 if said.group(1) == "上上" else 7)
        value = f"{first.isoformat()}/{(first + timedelta(days=6)).isoformat()}"
        yield TimeSaid(value, said.start(), said.end(), 3.0, "last week")
    for said in NEXT_WEEK.finditer(text):
        number = max(0, "一二三四五六日".find((said.group(1) or "一").replace("天", "日")))
        day = monday + timedelta(days=7 + number)
        yield TimeSaid(day.isoformat(), said.start(), said.end(), 2.2, "next week")


def _with_clock(text: str, day: date, said: re.Match[str], weight: float) -> TimeSaid:
    clock = _clock_after(text, said.end(), None)
    if clock is None:
        return TimeSaid(day.isoformat(), said.start(), said.end(), weight, "weekday")
    end, hour, minute, moved = clock
    at = _at(day, hour, minute, moved)
    return TimeSaid(_minute(at), said.start(), end, weight, "weekday and hour")


def _months(text: str, now: datetime) -> Iterator[TimeSaid]:
    for said in MONTH.finditer(text):
        number = int(read_number(said.group(2)) or 0)
        if not 1 <= number <= MONTHS_A_YEAR:
            continue
        back = {"去年": 1, "前年": 2}.get(said.group(1) or "", 0)
        year = now.year - back - (1 if not said.group(1) and number > now.month else 0)
        yield _month_value(text, said, date(year, number, 1), now)
    for said in MONTH_WORD.finditer(text):
        back = {"上上个月": 2, "上个月": 1, "上月": 1}.get(said.group(1), 0)
        yield _month_value(text, said, month_back(now, back), now)


def _month_value(text: str, said: re.Match[str], first: date, now: datetime) -> TimeSaid:
    day = said.group(said.re.groups)
    number = int(read_number(day) or 0) if day else 0
    last = LONG_MONTH if first.month in LONG_MONTHS else EVERY_MONTH_HAS
    if 1 <= number <= last:
        value = first.replace(day=number).isoformat()
        return TimeSaid(value, said.start(), said.end(), 3.6, "day of a month")
    since = SINCE.match(text[said.end() : said.end() + 6])
    if since and said.re is MONTH:
        value = f"{_month(first)}/{_month(now.date())}"
        return TimeSaid(value, said.start(), said.end() + since.end(), 4.5, "since a month")
    weight = 4.1 if since else 2.4 if said.re is MONTH_WORD else 2.0
    return TimeSaid(_month(first), said.start(), said.end(), weight, "month")


def _festivals(text: str, now: datetime) -> Iterator[TimeSaid]:
    for said in FEST.finditer(text):
        tail = text[said.end() : said.end() + 6]
        since = SINCE.match(tail)
        led = text[: said.start()].endswith(("从", "自", "打"))
        if not (since or led):
            continue
        if said.group() in FESTIVALS:
            after = since is not None and "后" in since.group()
            day = last_festival(said.group(), now.date(), after=after)
            yield TimeSaid(day.isoformat(), said.start(), said.end(), 4.5, "since a festival")
        else:
            day = last_spring_festival(now.date())
            value = f"{day.isoformat()}/{now.date().isoformat()}"
            yield TimeSaid(value, said.start(), said.end(), 4.5, "since a festival")


def _now(text: str, now: datetime) -> Iterator[TimeSaid]:
    for said in NOW.finditer(text):
        weight = 2.5 if said.group().startswith(("现在正", "正在", "刚")) else 1.9
        yield TimeSaid(_minute(now), said.start(), said.end(), weight, "now")


def _at(day: date, hour: int, minute: int, days_later: int) -> datetime:
    # Local wall time on purpose: what a caller says has no zone.
    return datetime.combine(day, time(hour, minute)) + timedelta(days=days_later)


def _minute(at: datetime) -> str:
    return at.isoformat(timespec="minutes")


def _month(day: date) -> str:
    return day.strftime("%Y-%m")
