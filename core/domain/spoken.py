"""Numbers, times and dates as the pieces of audio that say them, by a language's rules."""

from collections.abc import Callable, Sequence
from datetime import date, time
from enum import StrEnum

#: The silence between two groups of digits.
PAUSE = "pause_short"

_LARGEST = 9_999
_PHONE_LENGTH = 11
_LONGEST_GROUP = 4
_HALF_PAST = 30
_NOON = 12
_TEN, _TWENTY, _HUNDRED, _THOUSAND = 10, 20, 100, 1000

Pieces = tuple[str, ...]


class NumberRules(StrEnum):
    """How a language builds its numbers; a new language names the one that fits."""

    CHINESE = "chinese"
    ENGLISH = "english"
    DIGITS = "digits"  # figure by figure: right in every language


def speak_number(number: int, rules: NumberRules) -> Pieces:
    """A whole number; what is too large or negative is read figure by figure."""
    if not 0 <= number <= _LARGEST or rules is NumberRules.DIGITS:
        return speak_digits(str(number), rules)
    if number < _HUNDRED:
        return _below_hundred(number)
    unit = _THOUSAND if number >= _THOUSAND else _HUNDRED
    head, rest = divmod(number, unit)
    pieces: Pieces = (f"num_{head}", f"num_{unit}")
    if not rest:
        return pieces
    if rules is NumberRules.CHINESE:
        # 一百零五, 一千零二十, 一百一十二
        gap: Pieces = ("num_0",) if rest < unit // 10 else ()
        teens: Pieces = ("num_1",) if _TEN <= rest < _TWENTY else ()
        return pieces + gap + teens + speak_number(rest, rules)
    return pieces + speak_number(rest, rules)


def speak_count(number: int, rules: NumberRules) -> Pieces:
    """A number of things: Mandarin says 两位, 两分钟, not 二."""
    if number == 2 and rules is NumberRules.CHINESE:  # noqa: PLR2004 - the two of 两
        return ("count_2",)
    return speak_number(number, rules)


def speak_digits(text: str, rules: NumberRules) -> Pieces:
    """Figure by figure in one group; on the phone Mandarin says 幺 for one."""
    one = "digit_1" if rules is NumberRules.CHINESE else "num_1"
    return tuple(one if figure == "1" else f"num_{figure}" for figure in text if figure.isdigit())


def speak_groups(groups: Sequence[str], rules: NumberRules) -> Pieces:
    """Groups of figures with a short silence between them, as people dictate numbers."""
    pieces: list[str] = []
    for group in groups:
        if pieces:
            pieces.append(PAUSE)
        pieces.extend(speak_digits(group, rules))
    return tuple(pieces)


def group_figures(text: str) -> tuple[str, ...]:
    """Groups of three or four, the longer ones first: one long run is not understood."""
    figures = "".join(figure for figure in text if figure.isdigit())
    count = -(-len(figures) // _LONGEST_GROUP)
    if count == 0:
        return ()
    short, longer = divmod(len(figures), count)
    groups: list[str] = []
    start = 0
    for index in range(count):
        end = start + short + (index < longer)
        groups.append(figures[start:end])
        start = end
    return tuple(groups)


def group_phone(text: str) -> tuple[str, ...]:
    """A mobile number as 3-4-4, any other number in even groups."""
    figures = "".join(figure for figure in text if figure.isdigit())
    if len(figures) == _PHONE_LENGTH and figures.startswith("1"):
        return (figures[:3], figures[3:7], figures[7:])
    return group_figures(figures)


def speak_clock(at: time, rules: NumberRules) -> Pieces:
    """A time of day on the twelve-hour clock: 上午九点半, nine thirty a.m."""
    half = "clock_afternoon" if at.hour >= _NOON else "clock_morning"
    hour = at.hour - _NOON if at.hour > _NOON else at.hour
    if rules is not NumberRules.CHINESE:
        minutes = () if not at.minute else _two_figures(at.minute)
        return (*speak_number(hour or _NOON, rules), *minutes, half)
    pieces: Pieces = (half, *speak_count(hour, rules), "clock_hour")
    if not at.minute:
        return pieces
    if at.minute == _HALF_PAST:
        return (*pieces, "clock_half")
    return (*pieces, *_two_figures(at.minute), "clock_minute")


def speak_date(day: date, rules: NumberRules) -> Pieces:
    """Month, day and weekday, as a promise is made on the phone."""
    suffix: Pieces = ("date_day",) if rules is NumberRules.CHINESE else ()
    number = speak_number(day.day, rules)
    return (f"month_{day.month}", *number, *suffix, PAUSE, f"weekday_{day.isoweekday()}")


def _below_hundred(number: int) -> Pieces:
    if number < _TWENTY or number % _TEN == 0:
        return (f"num_{number}",)
    return (f"num_{number - number % _TEN}", f"num_{number % _TEN}")


def _two_figures(number: int) -> Pieces:
    """Minutes keep their leading zero: 九点零五分, nine zero five."""
    return (("num_0",) if number < _TEN else ()) + _below_hundred(number)


#: How each kind of slot is spoken; the kind "prompt" is the catalogue's own matter.
SPEAKERS: dict[str, tuple[type, Callable[..., Pieces]]] = {
    "number": (int, speak_number),
    "count": (int, speak_count),
    "digits": (str, speak_digits),
    "case_number": (str, lambda text, rules: speak_groups(group_figures(text), rules)),
    "phone": (str, lambda text, rules: speak_groups(group_phone(text), rules)),
    "clock": (time, speak_clock),
    "date": (date, speak_date),
}
