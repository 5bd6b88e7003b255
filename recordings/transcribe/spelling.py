"""Which stretches of a recording may hold a phone number, and what its spelling is worth.

Pure. A caller who takes a breath in the middle of a number makes two utterances of it: neighbours
with digits are spelt together while they fit the recogniser's window.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from recordings.transcribe.digits import digit_count, is_sure, may_hold_a_number, numbers_written
from recordings.transcribe.engine import Final, SpokenNumber, milliseconds
from recordings.transcribe.utterances import Utterance
from recordings.transcribe.whisper_engine import Decoded

LONGEST_MS = 11_800
SOME_DIGITS = 3


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
    written = {n for version in versions for n in numbers_written("".join(version))}
    return replace(heard.number, sure=is_sure(heard.number, sorted(written)))
