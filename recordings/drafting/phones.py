"""The phone number a caller says: read from the words, never trusted without a confirmation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PLAIN = {
    **{c: str(i) for i, c in enumerate("零一二三四五六七八九")},
    **{c: c for c in "0123456789"},
    "〇": "0", "幺": "1", "两": "2", "洞": "0", "拐": "7", "勾": "9",
}  # fmt: skip
# What recognisers write for a digit; only believed between digits.
SOUND_ALIKE = {
    **dict.fromkeys("要妖腰邀摇药夭吆优悠", "1"),
    **dict.fromkeys("灵领铃凌另令", "0"),
    **dict.fromkeys("散伞山三", "3"),
    **dict.fromkeys("思四斯司", "4"),
    **dict.fromkeys("舞五无武吴", "5"),
    **dict.fromkeys("刘流留溜柳", "6"),
    **dict.fromkeys("期七起气旗骑", "7"),
    **dict.fromkeys("吧巴把爸罢", "8"),
    **dict.fromkeys("酒久救九旧就", "9"),
    **dict.fromkeys("而儿耳", "2"),
}
BETWEEN = r"[，,、。.\s\-—]{0,2}"
RUN = re.compile(rf"[{''.join(PLAIN)}](?:{BETWEEN}[{''.join(PLAIN)}{''.join(SOUND_ALIKE)}])+")
LOOSE_RUN = re.compile(
    rf"[{''.join(PLAIN)}{''.join(SOUND_ALIKE)}]"
    rf"(?:{BETWEEN}[{''.join(PLAIN)}{''.join(SOUND_ALIKE)}]){{5,}}"
)
MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{2,3}[2-8]\d{6,7}")
LOCAL = re.compile(r"[2-8]\d{6,7}")
CUE = re.compile(r"电话|号码|手机|联系|打我|打这个")
SERVICE = re.compile(r"^(?:1[12]\d|12[0-9]{3}|95\d{3,4}|96\d{3,4}|10\d{3})$")
FIX = re.compile(r"不对|错了|说错|重新|应该是")
MOBILE_LENGTH = 11
SURE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class NumberHeard:
    """A number an audio decoder found: how far it stands above the next best, and its place."""

    digits: str
    sure: bool
    margin: float
    start_ms: int
    end_ms: int
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhoneSaid:
    """A number read from the words at characters [start, end)."""

    digits: str
    start: int
    end: int
    repaired: bool
    cued: bool


def phones_said(text: str) -> list[PhoneSaid]:
    """Every complete phone number in a text, the most trustworthy first."""
    found = [*_runs(text, RUN, strict=True), *_runs(text, LOOSE_RUN, strict=False)]
    seen: dict[str, PhoneSaid] = {}
    for one in found:
        seen.setdefault(one.digits, one)
    corrected = _after_a_correction(text, list(seen.values()))
    return sorted(
        seen.values(),
        key=lambda p: (
            not MOBILE.fullmatch(p.digits),
            p.repaired,
            p not in corrected,
            p.start,
        ),
    )


def _after_a_correction(text: str, found: Sequence[PhoneSaid]) -> list[PhoneSaid]:
    """Numbers said after 'no, wrong': they stand above those said before."""
    marks = [m.end() for m in FIX.finditer(text)]
    return [p for p in found if any(mark <= p.start for mark in marks)]


def _runs(text: str, pattern: re.Pattern[str], *, strict: bool) -> Iterator[PhoneSaid]:
    for run in pattern.finditer(text):
        spots = [(i, text[i]) for i in range(run.start(), run.end()) if _digit(text[i], strict)]
        sure = sum(c in PLAIN for _, c in spots)
        if not strict and sure < SURE_DIGITS:
            continue
        digits = "".join(_digit(c, strict) for _, c in spots)
        cued = CUE.search(text[max(0, run.start() - 12) : run.start()]) is not None
        for match in _numbers(digits, cued=cued):
            first, last = spots[match.start()][0], spots[match.end() - 1][0] + 1
            fixed = any(text[i] not in PLAIN for i, _ in spots[match.start() : match.end()])
            yield PhoneSaid(match.group(), first, last, fixed, cued)


def _numbers(digits: str, *, cued: bool) -> Iterator[re.Match[str]]:
    """Complete numbers in a run of digits: a mobile number first, then landlines."""
    mobile = MOBILE.search(digits)
    if mobile is not None and len(digits) <= 2 * MOBILE_LENGTH:
        yield mobile
        return
    if SERVICE.match(digits):
        return
    whole = LANDLINE.fullmatch(digits) or (LOCAL.fullmatch(digits) if cued else None)
    if whole is not None:
        yield whole


def _digit(character: str, strict: bool) -> str:
    if character in PLAIN:
        return PLAIN[character]
    return "" if strict else SOUND_ALIKE.get(character, "")


def is_read_back(digits: str, agent_text: str) -> bool:
    """Whether the agent said the very number: the caller could object."""
    said = "".join(PLAIN.get(c, "" if c in "，,、。.- \n" else "|") for c in agent_text)
    return bool(digits) and digits in said
