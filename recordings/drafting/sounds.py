"""Chinese text as syllables, and how easily one syllable is heard as another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
from pypinyin import Style, lazy_pinyin, pinyin
from pypinyin.constants import PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

Costs = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int32]

INITIALS = (
    *("zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h"),
    *("j", "q", "x", "r", "z", "c", "s", "y", "w"),
)
# Pairs that telephones, accents and recognisers mix up; the number is the price of the swap.
LIKE_INITIALS = (
    "zh z .08|ch c .08|sh s .08|n l .12|f h .15|r l .18|r y .28|zh j .25|ch q .25|sh x .25|z j .28"
    "|c q .28|s x .28|b p .25|d t .25|g k .25|zh ch .25|z c .25|j q .25|q x .25|sh ch .25|s c .28"
    "|k h .28|g h .32|m n .28|b m .33|n d .35|l d .35|f p .35|y _ .15|w _ .15|h _ .35|f w .3"
    "|zh sh .3|z s .32|j x .3|h w .3|n y .35|sh c .3|zh c .3|d zh .35|t ch .4|b d .4|p t .4"
)
LIKE_FINALS = (
    "en eng .08|in ing .08|an ang .1|uan uang .1|ian iang .16|eng ong .22|un ong .28|en un .25"
    "|uo o .05|ou uo .3|e uo .28|ai ei .25|ao ou .28|iao iu .32|ie ian .32|an ai .35|a ang .33"
    "|a an .33|a ia .25|u v .22|u ou .28|en in .28|i ei .32|i ie .35|i in .32|i ing .35|eng ing .28"
    "|ang iang .28|ai uai .28|e en .32|ui ei .25|i v .25|ian an .28|uan an .28|uang ang .28"
    "|e ei .35|ie ia .35|u o .32|ie ve .3|ian in .35|van ian .25|vn in .2|ue ve .0|u un .35"
    "|iu ou .3|iong ong .25|iong ing .35|ui un .35|ao uo .35|ua a .25|e a .4|i e .35|er e .25"
)
UNLIKE = 0.6
NOT_HANZI = re.compile(r"[^\u3400-\u9fff]")


def split_syllable(syllable: str) -> tuple[str, str]:
    """'zhuang' -> ('zh', 'uang'); a syllable without an initial has '_'."""
    for initial in INITIALS:
        if syllable.startswith(initial) and len(syllable) > len(initial):
            return initial, syllable[len(initial) :].replace("ü", "v")
    return "_", syllable.replace("ü", "v")


@dataclass(frozen=True)
class SoundTable:
    """Every syllable of Mandarin, the price of each swap, and classes of easily confused ones."""

    ids: dict[str, int]
    cost: Costs
    sound_class: Ids


def _pairs(listed: str) -> dict[frozenset[str], float]:
    rows = (row.split() for row in listed.split("|"))
    return {frozenset((a, b)): float(price) for a, b, price in rows}


def _matrix(names: list[str], listed: str) -> Costs:
    prices = _pairs(listed)
    size = len(names)
    out = np.full((size, size), UNLIKE, np.float32)
    for i, a in enumerate(names):
        for j, b in enumerate(names):
            out[i, j] = 0 if a == b else prices.get(frozenset((a, b)), UNLIKE)
    return out


FOLDED_INITIAL = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "r": "l", "f": "h", "y": "_", "w": "_"}
FOLDED_FINAL = {"eng": "en", "ing": "in", "ang": "an", "uang": "uan", "iang": "ian", "o": "uo"}


@cache
def sound_table() -> SoundTable:
    """Build the table once a process: about 400 syllables."""
    readings = {to_normal(one) for marks in PINYIN_DICT.values() for one in marks.split(",")}
    names = sorted(one for one in readings if one and one.isascii() and one.isalpha())
    parts = [split_syllable(name) for name in names]
    initials = sorted({a for a, _ in parts})
    finals = sorted({b for _, b in parts})
    first = np.array([initials.index(a) for a, _ in parts])
    last = np.array([finals.index(b) for _, b in parts])
    by_initial = _matrix(initials, LIKE_INITIALS)[np.ix_(first, first)]
    by_final = _matrix(finals, LIKE_FINALS)[np.ix_(last, last)]
    cost = np.minimum(1.0, by_initial + by_final).astype(np.float32)
    folded = [(FOLDED_INITIAL.get(a, a), FOLDED_FINAL.get(b, b)) for a, b in parts]
    classes = {pair: i for i, pair in enumerate(sorted(set(folded)))}
    sound_class = np.array([classes[pair] for pair in folded], np.int32)
    # One column more: a character without a sound costs 1 against everything.
    cost = np.pad(cost, ((0, 1), (0, 1)), constant_values=1.0)
    sound_class = np.append(sound_class, -1).astype(np.int32)
    return SoundTable({name: i for i, name in enumerate(names)}, cost, sound_class)


def silent() -> int:
    """The id of 'no sound': punctuation, letters, padding."""
    return len(sound_table().ids)


@lru_cache(maxsize=20_000)
def _readings(hanzi: str) -> tuple[int, ...]:
    ids = sound_table().ids
    found = pinyin(hanzi, style=Style.NORMAL, heteronym=True)
    return tuple(ids[one] for one in found[0] if one in ids)[:3] if found else ()


@dataclass(frozen=True)
class Heard:
    """A text by sound: one syllable id and tone a character, and every reading it may have."""

    text: str
    ids: Ids
    tones: Ids
    others: tuple[tuple[int, ...], ...]


def hear(text: str) -> Heard:
    """Read a text aloud, character by character, word-wise where a character has two readings."""
    ids = np.full(len(text), silent(), np.int32)
    tones = np.zeros(len(text), np.int32)
    for run in re.finditer(r"[\u3400-\u9fff]+", text):
        spoken = lazy_pinyin(run.group(), style=Style.TONE3, neutral_tone_with_five=True)
        for at, one in enumerate(spoken[: len(run.group())]):
            ids[run.start() + at] = sound_table().ids.get(one.rstrip("12345"), silent())
            tones[run.start() + at] = int(one[-1]) if one[-1:].isdigit() else 5
    others = tuple(() if NOT_HANZI.match(c) else _readings(c) for c in text)
    return Heard(text, ids, tones, others)


def heard_costs(heard: Heard) -> Costs:
    """[characters, syllables]: the price of taking each character for each syllable."""
    table = sound_table()
    costs = table.cost[heard.ids].copy()
    for at, readings in enumerate(heard.others):
        for other in readings:
            if other != heard.ids[at]:
                np.minimum(costs[at], table.cost[other] + 0.04, out=costs[at])
    return costs


def folded_key(text: str) -> str:
    """A text by folded sounds, one character a syllable: equal keys are easily confused."""
    classes = sound_table().sound_class[hear(text).ids]
    return "".join(chr(0x4E00 + int(c)) if c >= 0 else " " for c in classes)
