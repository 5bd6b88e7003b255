"""Chinese numerals, as spoken and as recognisers write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

DIGITS = {
    **{c: i for i, c in enumerate("零一二三四五六七八九")},
    "〇": 0, "幺": 1, "两": 2, "俩": 2, "洞": 0, "拐": 7, "勾": 9,
}  # fmt: skip
HUNDRED, TEN, MYRIAD = 100, 10, 10_000
UNITS = {"十": 10, "百": 100, "千": 1000}
SPOKEN = "零〇一二两三四五六七八九十百千万亿半"
# One character a turn: nested repeats would take for ever on a recogniser's endless digits.
NUMBER = re.compile(r"(?:[\d零〇一二两三四五六七八九十百千万亿]|(?<=\d)\.(?=\d))+")
#: The longest number a person says; what is longer is a recogniser's babble.
LONGEST = 32
MORE = re.compile(r"^(?:多|来|几|余)")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a text: value, characters [start, end), and whether it is 'some more'."""

    value: float
    start: int
    end: int
    rough: bool = False


def read_number(words: str) -> float | None:
    """'两千八百' -> 2800, '1万6千' -> 16000, '一百五' -> 150, '二〇二六' -> 2026; None if none."""
    words = words.strip()
    if not words or len(words) > LONGEST:
        return None
    if re.fullmatch(r"\d+(\.\d+)?", words):
        return float(words)
    if any(c not in DIGITS and c not in UNITS and c not in "万亿.0123456789" for c in words):
        return None
    if not any(c in UNITS or c in "万亿" for c in words):
        return _digit_by_digit(words)
    return _with_units(words)


def _digit_by_digit(words: str) -> float | None:
    digits = "".join(c if c.isdigit() else str(DIGITS[c]) for c in words if c != ".")
    return float(digits) if digits else None


def _with_units(words: str) -> float | None:
    for big, factor in (("亿", 100_000_000), ("万", 10_000)):
        if big in words:
            head, tail = words.rsplit(big, 1)
            above = _with_units(head) if head else 1.0
            if above is None:
                return None
            if len(tail) == 1 and _one_digit(tail) is not None:
                # '两万五': a bare last digit counts the next unit below.
                return above * factor + float(_one_digit(tail) or 0) * factor / 10
            below = _with_units(tail) if tail else 0.0
            return None if below is None else above * factor + below
    return _section(words)


def _section(words: str) -> float | None:
    """Below ten thousand."""
    parts = re.findall(r"(\d+(?:\.\d+)?|[零〇一二两三四五六七八九幺])|([十百千])", words)
    total, current, last = 0.0, 0.0, 1
    for digit, unit in parts:
        if digit:
            current = float(digit) if digit[0].isdigit() else float(DIGITS[digit])
        else:
            total += (current or 1.0) * UNITS[unit]
            current, last = 0.0, UNITS[unit]
    ends_bare = bool(parts) and bool(parts[-1][0])
    if current and ends_bare and last >= HUNDRED and not re.search(r"[零〇]", words):
        return total + current * last / 10 if current < TEN else total + current
    return total + current


def _one_digit(words: str) -> int | None:
    return int(words) if words.isdigit() else DIGITS.get(words)


def write_number(value: int) -> str:
    """2800 -> '二千八百': the way it is said; the reader's inverse for 0 <= value < 10^12."""
    if value < 0 or value >= 10**12:
        raise ValueError("only numbers from 0 below 10^12 are written out")
    if value < MYRIAD:
        return _write_section(value)
    for factor, name in ((100_000_000, "亿"), (10_000, "万")):
        if value >= factor:
            head, tail = divmod(value, factor)
            joint = "零" if 0 < tail < factor // 10 else ""
            return write_number(head) + name + (joint + write_number(tail) if tail else "")
    raise AssertionError("unreachable")


def _write_section(value: int) -> str:
    if value < TEN:
        return "零一二三四五六七八九"[value]
    out, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            out += ("零" if gap and out else "") + "零一二三四五六七八九"[digit] + name
            gap = False
        else:
            gap = True
    return out.removeprefix("一") if out.startswith("一十") else out


def numbers_in(text: str) -> Iterator[Amount]:
    """Every number of a text in order."""
    for found in NUMBER.finditer(text):
        value = read_number(found.group())
        if value is not None:
            rough = MORE.match(text[found.end() : found.end() + 1]) is not None
            yield Amount(value, found.start(), found.end(), rough)
