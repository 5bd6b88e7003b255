"""Signals in a call: what kind it is, what is dangerous, what the caller asks of us."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from recordings.drafting.sounds import Heard
from recordings.drafting.topics import PhraseBook, PhraseHit

SIGNALS = Path(__file__).with_name("signals.toml")
# Words that make a danger a fear, a story or a comparison instead of a fact.
UNREAL = re.compile(
    r"万一|如果|要是|假如|新闻|以前|听说|会不会|怕[^，。]{0,4}$|容易|可能会|就怕|去年|不然|哪天|迟早|早晚"
    r"|出了事|好像听|电视|差点|幸亏|还好|前阵子|投诉过|上次|防止|避免|预防|没有"
)
STOP = re.compile(r"[，。！？；\n]")
STRONG_WEIGHT, WEAK_WEIGHT = 1.0, 0.45


@dataclass(frozen=True, slots=True)
class Signal:
    """One label with its weight and the hits behind it."""

    label: str
    weight: float
    hits: tuple[PhraseHit, ...]


@cache
def _tables() -> Mapping[str, Mapping[str, Sequence[str]]]:
    return tomllib.loads(SIGNALS.read_text(encoding="utf-8"))


@cache
def signal_book() -> PhraseBook:
    """Every signal's phrases in one book; the case types' are labelled 'type:...'."""
    entries: list[tuple[str, str, float]] = []
    for name, table in _tables().items():
        if name == "case_type":
            entries += [(f"type:{label}", w, 1.0) for label, ws in table.items() for w in ws]
            continue
        strong = set(table["strong"])
        for word in dict.fromkeys((*table["words"], *table["strong"])):
            entries.append((name, word, STRONG_WEIGHT if word in strong else WEAK_WEIGHT))
    return PhraseBook(entries)


def signals(heard: Heard) -> dict[str, Signal]:
    """Label -> signal, for every label with a hit that is meant as a fact."""
    found: dict[str, list[PhraseHit]] = {}
    for hit in signal_book().find(heard):
        if hit.label in ("danger", "police") and is_unreal(heard.text, hit):
            continue
        found.setdefault(hit.label, []).append(hit)
    return {label: Signal(label, _weight(hits), tuple(hits)) for label, hits in found.items()}


def is_unreal(text: str, hit: PhraseHit) -> bool:
    """Whether the clause of a phrase speaks of what might be, or was, and not of what is."""
    before = STOP.split(text[max(0, hit.start - 14) : hit.start])[-1]
    return UNREAL.search(before) is not None


def _weight(hits: Iterable[PhraseHit]) -> float:
    best: dict[str, float] = {}
    for hit in hits:
        best[hit.phrase] = max(best.get(hit.phrase, 0.0), hit.weight)
    return sum(best.values())
