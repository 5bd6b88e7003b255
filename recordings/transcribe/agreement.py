"""Several hearings of one stretch: which of them the others agree with most. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from recordings.transcribe.chinese import core_characters
from recordings.transcribe.engine import Final

LONGEST = 400
#: So much of the second longest text's length a text must have.
WHOLE = 0.4


def most_agreed(texts: Sequence[str]) -> int:
    """The number of the text that is least far from all the others; of equals the first.

    A recogniser often stops in the middle and hardly ever twice writes the same words too many: a
    text that lacks much of what two others have is not chosen, be there ever so many like it.
    """
    plain = [core_characters(text)[:LONGEST] for text in texts]
    said = whole(plain)
    if not said:
        return 0
    far = {number: sum(distance(plain[number], plain[other]) for other in said) for number in said}
    return min(said, key=lambda number: (far[number], number))


def whole(texts: Sequence[str]) -> list[int]:
    """The numbers of the texts that are not cut off."""
    lengths = sorted((len(text) for text in texts), reverse=True)
    least = WHOLE * lengths[min(1, len(lengths) - 1)]
    return [number for number, text in enumerate(texts) if text and len(text) >= least]


def agreed(hearings: Sequence[Sequence[Final]]) -> list[Final]:
    """For every stretch the hearing most agreed upon, the others' texts as its alternatives."""
    out = []
    for versions in zip(*hearings, strict=True):
        texts = [one.text for one in versions]
        best = most_agreed(texts)
        # a hearing that stopped in the middle has no voice: it repeats the chosen one
        heard = whole(texts)
        kept = [text if number in heard else texts[best] for number, text in enumerate(texts)]
        others = tuple(text for number, text in enumerate(kept) if number != best)
        out.append(replace(versions[best], alternatives=others))
    return out


def distance(one: str, other: str) -> int:
    """Least number of characters to put in, take out or change."""
    row = list(range(len(other) + 1))
    for number, a in enumerate(one, 1):
        before, row[0] = row[0], number
        for at, b in enumerate(other, 1):
            now = row[at]
            row[at] = min(now + 1, row[at - 1] + 1, before + (a != b))
            before = now
    return row[-1]
