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


@dataclass(frozen=True, slots=True)
class Relaxing:
    """After how long a call no longer insists on its own skills, and on its language."""

    skills: timedelta = timedelta(seconds=15)
    language: timedelta | None = timedelta(seconds=60)


def rings_for(
    rings: tuple[Ring, ...], *, extra: AbstractSet[Skill], language: str, relaxing: Relaxing
) -> tuple[Ring, ...]:
    """The rings of one call: its queue's, each with the call's own skills and language added.

    The call's own skills (those of a merged line, of a menu choice) are asked for until
    `relaxing.skills`, its language until `relaxing.language`; for each a last ring opens that
    asks for what the queue's last ring asks, without them. None keeps the language for ever.
    """
    made = rings
    if extra and rings:
        made = _narrowed(rings, frozenset(extra), until=relaxing.skills)
    spoken = language_skill(language)
    if spoken is not None and rings:
        made = _narrowed(made, frozenset({spoken}), until=relaxing.language)
    return made


def _narrowed(
    rings: tuple[Ring, ...], needs: frozenset[Skill], *, until: timedelta | None
) -> tuple[Ring, ...]:
    if until is None:
        return tuple(Ring(ring.after, ring.needs | needs) for ring in rings)
    early = [ring for ring in rings if ring.after < until]
    late = [ring for ring in rings if ring.after >= until]
    widest = late[0] if late else Ring(until, rings[-1].needs)
    opening = [] if late else [widest]
    return (*(Ring(ring.after, ring.needs | needs) for ring in early), *opening, *late)


def open_ring(rings: tuple[Ring, ...], skills: AbstractSet[Skill], waited: timedelta) -> int | None:
    """The first ring open after `waited` that an agent with these skills fits; None if none."""
    for index, ring in enumerate(rings):
        if ring.after <= waited and ring.needs <= skills:
            return index
    return None


def fits_ever(rings: tuple[Ring, ...], skills: AbstractSet[Skill]) -> bool:
    """Whether an agent with these skills may take the call now or later."""
    return any(ring.needs <= skills for ring in rings)
