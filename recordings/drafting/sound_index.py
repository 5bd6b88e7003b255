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
TONES = 6
#: So many characters beyond its ends may a text be tried at.
MARGIN = 2
#: The most that a character's being the same can take off its price, beyond what sounds allow.
SAME_CHARACTER = 0.1


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
        prices = _Prices.of(heard)
        lengths = self.lengths[rows]
        out: list[Hit] = []
        for length in np.unique(lengths):
            same = np.flatnonzero(lengths == length)
            out += self._of_length(rows[same], starts[same], prices, (int(length), most))
        return out

    def _of_length(
        self, rows: Ids, starts: Ids, prices: _Prices, rule: tuple[int, float]
    ) -> list[Hit]:
        """Texts of one length: first all at once and roughly, then the near ones exactly."""
        length, most = rule
        sounds, tones = self.sounds[rows, :length], self.tones[rows, :length]
        straight = prices.rough(starts, sounds, tones)
        rough = straight.sum(1)
        near = np.flatnonzero(rough <= (most + SAME_CHARACTER) * length)
        exact = prices.exact(straight[near], starts[near], self.characters[rows[near], :length])
        cost = exact.sum(1)
        out = [
            Hit(int(rows[i]), int(starts[i]), int(starts[i]) + length,
                float(cost[at]), float(exact[at].max()), float(cost[at]) == 0.0)
            for at, i in enumerate(near)
            if cost[at] <= most * length
        ]  # fmt: skip
        if length >= GAP_FROM:
            far = np.ones(len(rows), np.bool_)
            far[near[cost <= most * length]] = False
            some = np.flatnonzero(far)
            out += self._gapped(rows[some], starts[some], prices, straight[some])
        return out

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

    def _gapped(self, rows: Ids, starts: Ids, prices: _Prices, straight: Floats) -> list[Hit]:
        """Names of four and more syllables with one lost or one too many."""
        length = straight.shape[1]
        limit = MOST * length
        # The first syllable stands in its place: a gap at an edge proves nothing.
        hopeful = np.flatnonzero(straight[:, 0] + GAP <= limit)
        rows, starts, straight = rows[hopeful], starts[hopeful], straight[hopeful]
        sounds, tones = self.sounds[rows, :length], self.tones[rows, :length]
        before = np.cumsum(straight, 1)[:, :-1]
        out: list[Hit] = []
        for shift in (-1, 1):
            moved = prices.rough(starts + shift, sounds, tones)
            # after[:, k]: the price of the syllables from k + 1 on, one place aside
            after = np.cumsum(moved[:, :0:-1], 1)[:, ::-1]
            # one place back: syllable k + 1 is lost, which the last one may not be
            total = before[:, :-1] + after[:, 1:] if shift < 0 else before + after
            best = total.min(1) + GAP
            for i in np.flatnonzero(best <= limit):
                start = int(starts[i])
                cost = float(best[i])
                out.append(Hit(int(rows[i]), start, start + length + shift, cost, GAP, False))
        return out


@dataclass(frozen=True)
class _Prices:
    """What each syllable costs at each character of a talk, with a margin of silence around it."""

    sounds: Floats  # [characters + 2 * MARGIN, syllables]
    tones: Floats  # [characters + 2 * MARGIN, tones]
    letters: Ids

    @classmethod
    def of(cls, heard: Heard) -> _Prices:
        size = len(heard.text) + 2 * MARGIN
        sounds = np.ones((size, len(sound_table().cost)), np.float32)
        sounds[MARGIN:-MARGIN] = heard_costs(heard) + np.float32(OTHER_CHARACTER)
        tones = np.zeros((size, TONES), np.float32)
        unlike = heard.tones[:, None] != np.arange(TONES)[None, :]
        tones[MARGIN:-MARGIN] = unlike * np.float32(OTHER_TONE)
        letters = np.zeros(size, np.int32)
        letters[MARGIN:-MARGIN] = [ord(c) for c in heard.text]
        return cls(sounds, tones, letters)

    def rough(self, starts: Ids, sounds: Ids, tones: Ids) -> Floats:
        """[candidates, syllables]: what each syllable costs where it would stand."""
        at = (starts + MARGIN)[:, None] + np.arange(sounds.shape[1])[None, :]
        out: Floats = self.sounds.ravel().take(at * self.sounds.shape[1] + sounds)
        out += self.tones.ravel().take(at * TONES + tones)
        return out

    def exact(self, rough: Floats, starts: Ids, characters: Ids) -> Floats:
        """The same, where the very same character costs nothing."""
        at = (starts + MARGIN)[:, None] + np.arange(characters.shape[1])[None, :]
        out: Floats = np.where(self.letters[at] == characters, np.float32(0), rough)
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
