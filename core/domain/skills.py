"""Skills, and the rings in which a waiting call asks for fewer of them."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import NewType

Skill = NewType("Skill", str)

#: Mandarin needs no skill: every agent speaks it.
EVERYBODYS_LANGUAGE = "zh"


@dataclass(frozen=True, slots=True)
class Ring:
    """From `after` of waiting on, an agent with all of `needs` may take the call."""

    after: timedelta
    needs: frozenset[Skill]


def language_skill(language: str) -> Skill | None:
    """The skill of speaking a language; None where everybody speaks it."""
    if not language or language == EVERYBODYS_LANGUAGE:
        return None
    return Skill(f"lang:{language}")


def rings_for(
    rings: tuple[Ring, ...],
    *,
    extra: AbstractSet[Skill],
    language: str,
    language_relaxes_after: timedelta | None,
) -> tuple[Ring, ...]:
    """The rings of one call: its queue's, each with the call's own skills and language added.

    A language is kept in every ring until `language_relaxes_after`; then a last ring opens that
    asks for what the queue's last ring asks, without the language.
    """
    spoken = language_skill(language)
    added = frozenset(extra) | ({spoken} if spoken else frozenset())
    narrowed = tuple(Ring(ring.after, ring.needs | added) for ring in rings)
    if spoken is None or language_relaxes_after is None or not rings:
        return narrowed
    last = rings[-1]
    relaxed_after = max(last.after, language_relaxes_after)
    return (*narrowed, Ring(relaxed_after, last.needs | frozenset(extra)))


def open_ring(rings: tuple[Ring, ...], skills: AbstractSet[Skill], waited: timedelta) -> int | None:
    """The first ring open after `waited` that an agent with these skills fits; None if none."""
    for index, ring in enumerate(rings):
        if ring.after <= waited and ring.needs <= skills:
            return index
    return None


def fits_ever(rings: tuple[Ring, ...], skills: AbstractSet[Skill]) -> bool:
    """Whether an agent with these skills may take the call now or later."""
    return any(ring.needs <= skills for ring in rings)
