"""Names and phrases by sound: finds each one that a stretch of talk may have meant.

Texts are stored as rows of syllable ids. Pairs of neighbouring sounds (and pairs with one sound
between) point to rows; the pointed-to rows are compared with the talk all at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recordings.drafting.sounds import Heard, Ids, hear, heard_costs, silent, sound_table

Floats = npt.NDArray[np.float32]

LONGEST = 12
GAP = 0.55
GAP_FROM = 4
OTHER_CHARACTER = 0.015
OTHER_TONE = 0.02
MOST = 0.24
ROWS = 100_000
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """A text heard at characters [start, end); cost is the sum over its syllables."""

    row: int
    start: int
    end: int
    cost: float
    worst: float
    exact: bool


class SoundIndex:
    """Texts of 2 to 12 characters, ready to be found by sound.

    readings: for a text the syllables with tone as its owner gives them, or none.
    """

    def __init__(
        self, texts: Sequence[str], readings: Sequence[Sequence[str]] | None = None
    ) -> None:
        self.texts = tuple(texts)
        size = len(self.texts)
        self.lengths = np.array([len(text) for text in self.texts], np.int32)
        self.sounds = np.full((size, LONGEST), silent(), np.int32)
        self.tones = np.zeros((size, LONGEST), np.int32)
        self.characters = np.zeros((size, LONGEST), np.int32)
        joined = hear("\n".join(self.texts))
        at = 0
        for row, text in enumerate(self.texts):
            length = len(text)
            self.sounds[row, :length] = joined.ids[at : at + length]
            self.tones[row, :length] = joined.tones[at : at + length]
            self.characters[row, :length] = [ord(c) for c in text]
            at += length + 1
        for row, given in enumerate(readings or ()):
            self._take_reading(row, given)
        classes = sound_table().sound_class[self.sounds]
        self._near = _Postings(classes, 1)
        self._apart = _Postings(classes, 2)

    def _take_reading(self, row: int, given: Sequence[str]) -> None:
        """The owner's own reading wins over the dictionary's."""
        ids = sound_table().ids
        if len(given) != int(self.lengths[row]):
            return
        for at, one in enumerate(given):
            plain = one.lower().rstrip("12345").replace("ü", "v")
            if plain in ids:
                self.sounds[row, at] = ids[plain]
                self.tones[row, at] = int(one[-1]) if one[-1].isdigit() else 0

    def search(self, heard: Heard, most: float = MOST) -> list[Hit]:
        """Every text whose cost a syllable is at most `most`, in no order."""
        if not self.texts or len(heard.text) < SHORTEST:
            return []
        rows, starts = self._shortlist(heard)
        if not len(rows):
            return []
        steps = np.arange(LONGEST)
        valid = steps[None, :] < self.lengths[rows][:, None]
        costs = heard_costs(heard)
        letters = np.array([ord(c) for c in heard.text], np.int32)
        straight = self._diagonal(rows, starts, costs, (heard.tones, letters))
        straight[~valid] = 0
        cost = straight.sum(1)
        limit = most * self.lengths[rows]
        near = np.flatnonzero(cost <= limit).astype(np.int32)
        hits = self._collect(near, rows, starts, (straight, cost))
        wide = np.flatnonzero((cost > limit) & (self.lengths[rows] >= GAP_FROM))
        return hits + self._gapped(rows[wide], starts[wide], costs, (heard.tones, letters))

    def _shortlist(self, heard: Heard) -> tuple[Ids, Ids]:
        classes = sound_table().sound_class[heard.ids]
        rows, starts = [], []
        for postings in (self._near, self._apart):
            row, start = postings.find(classes)
            rows.append(row)
            starts.append(start)
        row, start = np.concatenate(rows), np.concatenate(starts)
        fits = (start >= 0) & (start + self.lengths[row] <= len(heard.text) + 1)
        if not fits.any():
            return row[:0], start[:0]
        both = np.unique(row[fits].astype(np.int64) * ROWS + start[fits])
        return (both // ROWS).astype(np.int32), (both % ROWS).astype(np.int32)

    def _diagonal(
        self, rows: Ids, starts: Ids, costs: Floats, rest: tuple[Ids, Ids], shift: int = 0
    ) -> Floats:
        """[candidates, syllables]: the cost of each syllable at start + its number + shift."""
        tones, letters = rest
        at = starts[:, None] + np.arange(LONGEST)[None, :] + shift
        outside = (at < 0) | (at >= len(letters))
        at = np.where(outside, 0, at)
        out: Floats = costs[at, self.sounds[rows]] + np.float32(OTHER_CHARACTER)
        out += np.where(tones[at] == self.tones[rows], 0, OTHER_TONE).astype(np.float32)
        out[letters[at] == self.characters[rows]] = 0
        out[outside] = 1.0
        return out

    def _collect(
        self, kept: Ids, rows: Ids, starts: Ids, found: tuple[Floats, Floats]
    ) -> list[Hit]:
        straight, cost = found
        out = []
        for i in kept:
            row, start = int(rows[i]), int(starts[i])
            end = start + int(self.lengths[row])
            worst = float(straight[i].max())
            out.append(Hit(row, start, end, float(cost[i]), worst, float(cost[i]) == 0.0))
        return out

    def _gapped(self, rows: Ids, starts: Ids, costs: Floats, rest: tuple[Ids, Ids]) -> list[Hit]:
        """Names of four and more syllables with one lost or one too many."""
        if not len(rows):
            return []
        valid = np.arange(LONGEST)[None, :] < self.lengths[rows][:, None]
        plain = np.where(valid, self._diagonal(rows, starts, costs, rest), 0)
        before = np.cumsum(plain, 1) - plain
        out: list[Hit] = []
        for shift in (-1, 1):
            moved = np.where(valid, self._diagonal(rows, starts, costs, rest, shift), 0)
            after = moved.sum(1)[:, None] - np.cumsum(moved, 1)
            total = before + GAP + (after if shift < 0 else after + moved)
            # The first and the last syllable must be there: a gap at an edge proves nothing.
            total[:, 0] = 99
            last = np.arange(LONGEST)[None, :] >= self.lengths[rows][:, None] - (shift < 0)
            best = np.where(last, 99, total).min(1)
            for i in np.flatnonzero(best <= MOST * self.lengths[rows]):
                row, start = int(rows[i]), int(starts[i])
                end = start + int(self.lengths[row]) + shift
                out.append(Hit(row, start, end, float(best[i]), GAP, False))
        return out


class _Postings:
    """From a pair of sound classes, `apart` syllables from each other, to (row, offset)."""

    def __init__(self, classes: Ids, apart: int) -> None:
        self.apart = apart
        first, second = classes[:, :-apart], classes[:, apart:]
        rows, offsets = np.nonzero((first >= 0) & (second >= 0))
        keys = first[rows, offsets].astype(np.int64) * 4096 + second[rows, offsets]
        order = np.argsort(keys, kind="stable")
        self.keys = keys[order]
        self.rows = rows[order].astype(np.int32)
        self.offsets = offsets[order].astype(np.int32)

    def find(self, classes: Ids) -> tuple[Ids, Ids]:
        """Rows pointed to by a text's pairs, with the place in the text where each begins."""
        first, second = classes[: -self.apart], classes[self.apart :]
        if not len(second):
            return np.zeros(0, np.int32), np.zeros(0, np.int32)
        at = np.flatnonzero((first >= 0) & (second >= 0))
        rows, starts = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
        for position in at:
            key = int(first[position]) * 4096 + int(second[position])
            low = int(np.searchsorted(self.keys, key, "left"))
            high = int(np.searchsorted(self.keys, key, "right"))
            if high > low:
                rows.append(self.rows[low:high])
                starts.append(int(position) - self.offsets[low:high])
        return np.concatenate(rows), np.concatenate(starts).astype(np.int32)
