"""Which stretches of a recording may hold a phone number, and what its spelling is worth.

Pure. A caller who takes a breath in the middle of a number makes two utterances of it: neighbours
with digits are spelt together while they fit the recogniser's window.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from recordings.transcribe.digits import (
    digit_count,
    heard_digits,
    is_sure,
    may_hold_a_number,
    numbers_written,
)
from recordings.transcribe.engine import Final, SpokenNumber, milliseconds
from recordings.transcribe.utterances import Utterance
from recordings.transcribe.whisper_engine import Decoded

LONGEST_MS = 11_800
SOME_DIGITS = 3
#: What one digit more in common with the free wordings is worth, in the decoder's nats.
WORDS_WEIGH = 1.0
SLIP, GAP = 1.0, 0.6


def stretches_to_spell(
    utterances: Sequence[Utterance], finals: Sequence[Final]
) -> Iterator[tuple[int, int]]:
    """(first, last) of neighbouring utterances that together may hold a number."""
    texts = [(final.text, *final.alternatives) for final in finals]
    number = 0
    while number < len(finals):
        last = number
        while last + 1 < len(finals) and _belongs(number, last + 1, utterances, texts):
            last += 1
        together = ["".join(parts) for parts in zip(*texts[number : last + 1], strict=False)]
        if any(may_hold_a_number(text) for text in together):
            yield number, last
        number = last + 1


def _belongs(
    first: int, other: int, utterances: Sequence[Utterance], texts: Sequence[Sequence[str]]
) -> bool:
    samples = sum(len(one.pcm) // 2 for one in utterances[first : other + 1])
    digits = (max(digit_count(text) for text in texts[n]) for n in (other - 1, other))
    return milliseconds(samples) <= LONGEST_MS and min(digits) >= SOME_DIGITS


def number_of(heard: Decoded, finals: Sequence[Final]) -> SpokenNumber | None:
    """The spelt number, sure or not by what the free words of the same stretch say."""
    if heard.number is None:
        return None
    versions = zip(*((final.text, *final.alternatives) for final in finals), strict=False)
    texts = ["".join(version) for version in versions]
    written = {number for text in texts for number in numbers_written(text)}
    number = chosen(heard.number, texts)
    sure = is_sure(heard.number, sorted(written)) and number.digits == heard.number.digits
    return replace(number, sure=sure)


def chosen(number: SpokenNumber, texts: Sequence[str]) -> SpokenNumber:
    """The candidate that the decoder and the free wordings of the same sound like best together."""
    runs = [run for run in (heard_digits(text) for text in texts) if run]
    if not runs or not number.others:
        return number
    candidates = [(number.digits, 0.0), *zip(number.others, number.behind, strict=True)]

    def total(candidate: tuple[str, float]) -> float:
        digits, behind = candidate
        return WORDS_WEIGH * sum(likeness(digits, run) for run in runs) / len(runs) - behind

    order = sorted(candidates, key=lambda candidate: -total(candidate))
    best, second = order[0], order[1]
    top = total(best)
    return SpokenNumber(
        best[0],
        round(top - total(second), 2),
        round(number.length_margin - best[1], 2),
        tuple(digits for digits, _ in order[1:]),
        behind=tuple(round(top - total(one), 2) for one in order[1:]),
    )


def likeness(number: str, run: str) -> float:
    """How well digits heard fit into a number: matches less slips, wherever in it they lie."""
    row = [0.0] * (len(run) + 1)
    best = 0.0
    for digit in number:
        before, row[0] = row[0], 0.0
        for at, heard in enumerate(run, 1):
            now = row[at]
            step = before + (1.0 if digit == heard else -SLIP)
            row[at] = max(0.0, step, row[at] - GAP, row[at - 1] - GAP)
            before = now
            best = max(best, row[at])
    return best
