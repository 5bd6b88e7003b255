"""How alike two short texts are, by the pairs of characters they share."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def pairs(text: str) -> frozenset[str]:
    """Every two characters that stand side by side, without spaces and signs."""
    letters = "".join(sign for sign in text if sign.isalnum())
    return frozenset(letters[i : i + 2] for i in range(len(letters) - 1))


def likeness(one: str, other: str) -> float:
    """The share of pairs that both have (Dice): 0 nothing, 1 the same pairs.

    >>> round(likeness("人民路路灯不亮", "人民路路灯坏了"), 2)
    0.67
    """
    first, second = pairs(one), pairs(other)
    whole = len(first) + len(second)
    return 2 * len(first & second) / whole if whole else 0.0


def most_alike(
    text: str, candidates: Sequence[T], *, words: Callable[[T], str], limit: int
) -> list[T]:
    """The candidates nearest to the text, nearest first; the given order breaks ties."""
    ranked = sorted(candidates, key=lambda one: -likeness(text, words(one)))
    return ranked[:limit]
