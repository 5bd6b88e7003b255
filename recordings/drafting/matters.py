"""One call, two matters: where the second one begins."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recordings.drafting.classify import Ranked

ANNOUNCED = re.compile(
    r"[两二2](?:个|件|样|桩)(?:事|问题|情况|诉求)|几(?:个|件)事|(?:两|二)件|第一[个件](?:是|呢|事|，|问题)|一个(?:就)?是.{2,40}(?:再|在|另|还有)一[个件]"
)
SECOND = re.compile(
    r"第二[个件点]|第二呢|[再在载]一[个件](?:呢|就是|是|事)|另外?一[个件](?:事|问题|是|就是)|另外[，]?(?:还|我|想|要|有|再)"
    r"|还有一[个件]|还有[个件]事|顺便[再还]?[想问说反映讲提]|还想[再]?[问反说提]|还要反映|再反映|再问一下|再说一[个件下]|二来|其二"
    r"|还有(?:就是|呢)|对了[，]?(?:还|我|再)"
)
# Words that leave no doubt that a matter of its own begins here.
NAMED = re.compile(
    r"(?:另外|还有|再有|此外)[，]?(?:我?还?有)?(?:一|第二)?[个件桩](?:别的|其他的?)?(?:事|问题|情况|诉求)"
    r"|(?:另外|还有)(?:别的|其他的?)(?:事|问题|情况|诉求)"
    r"|第二[个件桩](?:事|问题|情况|诉求|是|呢|，)|(?:还要|还想|顺便再?)(?:反映|投诉|举报)"
)
SENTENCE = re.compile(r"[。！？\n]")
# How much must speak for either matter: less when the caller announced two, or names the second.
TOLD, UNTOLD, BY_NAME = 0.9, 2.2, 0.8
WORTH_READING, SHORTEST = 8, 3


@dataclass(frozen=True, slots=True)
class Matter:
    """Characters [start, end) of the call that tell one matter, and what it is ranked as."""

    start: int
    end: int
    ranked: tuple[Ranked, ...]

    @property
    def weight(self) -> float:
        return sum(hit.weight for hit in self.ranked[0].hits) if self.ranked else 0.0


Judge = Callable[[int, int], Sequence[Ranked]]


def split_matters(text: str, judge: Judge) -> list[Matter]:
    """The matters of a call, one or two; judge ranks categories of a stretch of text."""
    whole = Matter(0, len(text), tuple(judge(0, len(text))))
    announced = ANNOUNCED.search(text) is not None
    floor = TOLD if announced else UNTOLD
    best = _best_cut(text, _starts(NAMED, text, SHORTEST), judge, BY_NAME)
    if best is None:
        best = _best_cut(text, _starts(SECOND, text, WORTH_READING), judge, floor)
    if best is None and announced:
        stops = [m.end() for m in SENTENCE.finditer(text)]
        best = _best_cut(text, stops, judge, floor)
    return best or [whole]


def _starts(words: re.Pattern[str], text: str, least: int) -> list[int]:
    return [m.start() for m in words.finditer(text) if m.start() >= least]


def _best_cut(text: str, cuts: Sequence[int], judge: Judge, floor: float) -> list[Matter] | None:
    """The cut with the clearest matter on both sides, of different categories."""
    found: tuple[float, list[Matter]] | None = None
    for cut in cuts:
        first = Matter(0, cut, tuple(judge(0, cut)))
        second = Matter(cut, len(text), tuple(judge(cut, len(text))))
        if not first.ranked or not second.ranked:
            continue
        if first.ranked[0].label == second.ranked[0].label:
            continue
        clear = min(first.weight, second.weight)
        if clear >= floor and (found is None or clear > found[0]):
            found = (clear, [first, second])
    return found[1] if found else None
