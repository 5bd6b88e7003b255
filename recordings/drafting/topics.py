"""What a call is about, by the phrases heard in it: topics of any city, matched by sound."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from recordings.drafting.sound_index import LONGEST, SoundIndex
from recordings.drafting.sounds import Heard

LEXICON = Path(__file__).with_name("lexicon.toml")
STRONG, WEAK = 1.0, 0.4
# A phrase of two syllables is easily met by chance: it must sound the same.
MOST_BY_LENGTH = {2: 0.035, 3: 0.12}
MOST_LONG = 0.17
SHORT = 2


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of matter: where it belongs in a taxonomy, and what is said about it.

    within: a wider topic whose phrases it takes away where the taxonomy tells the two apart.
    """

    name: str
    like: tuple[str, ...]
    words: tuple[str, ...]
    weak: tuple[str, ...]
    usual: str
    within: str = ""


@dataclass(frozen=True, slots=True)
class PhraseHit:
    """A phrase of some label heard at characters [start, end) with so much weight."""

    label: str
    phrase: str
    start: int
    end: int
    weight: float


class PhraseBook:
    """Labelled phrases, found by sound; a longer phrase weighs more and hides what it holds."""

    def __init__(self, entries: Iterable[tuple[str, str, float]]) -> None:
        kept = [entry for entry in entries if SHORT <= len(entry[1]) <= LONGEST]
        self._labels = tuple(label for label, _, _ in kept)
        self._weights = tuple(weight for _, _, weight in kept)
        self._index = SoundIndex([phrase for _, phrase, _ in kept])

    def find(self, heard: Heard) -> list[PhraseHit]:
        """Every phrase heard; of two that overlap within one label only the weightier."""
        out: list[PhraseHit] = []
        for hit in self._index.search(heard):
            length = len(self._index.texts[hit.row])
            limit = MOST_BY_LENGTH.get(length, MOST_LONG)
            share = hit.cost / length
            if share > limit:
                continue
            weight = self._weights[hit.row] * (0.55 + 0.15 * min(length, 6))
            if not hit.exact:
                weight *= (0.75 if length > SHORT else 0.5) * (1 - 0.5 * share / limit)
            phrase = self._index.texts[hit.row]
            out.append(PhraseHit(self._labels[hit.row], phrase, hit.start, hit.end, weight))
        return _without_overlaps(out)


def _without_overlaps(hits: Sequence[PhraseHit]) -> list[PhraseHit]:
    kept: list[PhraseHit] = []
    taken: dict[str, list[tuple[int, int]]] = {}
    for hit in sorted(hits, key=lambda h: (-h.weight, h.start, h.phrase)):
        spans = taken.setdefault(hit.label, [])
        if all(hit.end <= start or end <= hit.start for start, end in spans):
            spans.append((hit.start, hit.end))
            kept.append(hit)
    return sorted(kept, key=lambda h: (h.start, h.end, h.label))


@cache
def topics() -> tuple[Topic, ...]:
    """The topics that ship with the product."""
    data = tomllib.loads(LEXICON.read_text(encoding="utf-8"))
    return tuple(
        Topic(
            row["name"],
            tuple(row["like"]),
            tuple(row["words"]),
            tuple(row.get("weak", ())),
            row["usual"],
            row.get("within", ""),
        )
        for row in data["topic"]
    )


@cache
def topic_book() -> PhraseBook:
    """All topics' phrases in one book."""
    entries = [(t.name, word, STRONG) for t in topics() for word in t.words]
    entries += [(t.name, word, WEAK) for t in topics() for word in t.weak]
    return PhraseBook(entries)


def topic_scores(hits: Iterable[PhraseHit]) -> dict[str, float]:
    """Topic -> weight; the same phrase said again counts little more."""
    best: dict[tuple[str, str], list[float]] = {}
    for hit in hits:
        best.setdefault((hit.label, hit.phrase), []).append(hit.weight)
    out: dict[str, float] = {}
    for (label, _), weights in best.items():
        again = 0.25 * min(2, len(weights) - 1) * max(weights)
        out[label] = out.get(label, 0.0) + max(weights) + again
    return out


def told_apart(hits: Sequence[PhraseHit], known: Collection[str]) -> list[PhraseHit]:
    """Without the wider topic's hits where a narrower topic, that has a home, was heard."""
    narrow = {t.name: t.within for t in topics() if t.within and t.name in known}
    taken = [(narrow[h.label], h.start, h.end) for h in hits if h.label in narrow]
    return [
        hit
        for hit in hits
        if not any(
            label == hit.label and hit.start < end and start < hit.end
            for label, start, end in taken
        )
    ]


def place_in_taxonomy(
    taxonomy: Mapping[str, Sequence[str]],
) -> dict[str, tuple[str, str]]:
    """Topic -> the category of this city's taxonomy to which it belongs, where there is one."""
    out: dict[str, tuple[str, str]] = {}
    pairs = [(top, low) for top, lows in taxonomy.items() for low in lows]
    for topic in topics():
        scored = [(_likeness(topic, *pair), -i, pair) for i, pair in enumerate(pairs)]
        best = max(scored, default=(0.0, 0, ("", "")))
        if best[0] > 0:
            out[topic.name] = best[2]
    return out


def _likeness(topic: Topic, top: str, low: str) -> float:
    """Earlier words of `like` count more; a whole name more than a part of one."""
    for rank, word in enumerate(topic.like):
        if word == f"{top}/{low}":
            return 200.0
        if word == low:
            return 100.0 - rank
        if word in low:
            return 50.0 - rank + len(word) / len(low)
    return 0.0
