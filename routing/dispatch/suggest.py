"""Which department should act, and why: first the duty catalogue, then what was learned.

A suggestion for the dispatcher, who decides. The unit that is complained about is never
suggested; nor is a town where a functional department owns the matter (国办函〔2025〕66号).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from core.domain.accused import is_accused

#: Kinds of departments that serve an area, and that lie outside the city.
LOCAL_KINDS = frozenset({"街道", "镇"})
OUTSIDE_KIND = "外市"
_BY_CATALOGUE, _WITH_AREA = 0.9, 0.08
_BY_DRAFT, _BY_WORD, _MOST_BY_WORDS = 0.7, 0.15, 0.5
_FURTHER = 0.02


class Ground(StrEnum):
    """What a suggestion rests on, strongest first."""

    CATALOGUE = "派单目录"
    LEARNED = "历史派单"
    KEYWORDS = "关键词"
    BACKSTOP = "兜底单位"


@dataclass(frozen=True, slots=True)
class Duty:
    """A line of the duty catalogue."""

    id: str
    category_prefix: str
    area: str | None
    lead_id: str
    supporting: tuple[str, ...]
    basis: str
    source: str
    valid_from: date
    valid_to: date | None = None

    def applies(self, category: str, areas: Iterable[str], today: date) -> bool:
        """Whether it is in force today for this category and one of these areas."""
        in_force = self.valid_from <= today and (self.valid_to is None or today < self.valid_to)
        within = category == self.category_prefix or category.startswith(self.category_prefix + "/")
        return in_force and within and (self.area is None or self.area in areas)


@dataclass(frozen=True, slots=True)
class Unit:
    """A department that can be made to act; below: the names of its own units."""

    id: str
    name: str
    kind: str
    keywords: tuple[str, ...] = ()
    below: tuple[str, ...] = ()

    def is_accused(self, accused: str) -> bool:
        """Whether it, or a unit of its own, is complained about."""
        return is_accused(accused, [self.name, *self.below])


@dataclass(frozen=True, slots=True)
class Guess:
    """What the draft took from earlier cases: a department's name, how sure, which words."""

    name: str
    confidence: float
    words: str = ""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is known of a case. areas: names of the towns and communities it lies in."""

    category: str = ""
    text: str = ""
    areas: tuple[str, ...] = ()
    accused: str = ""
    guesses: tuple[Guess, ...] = ()
    backstop: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence of the why. duty_id: the line of the catalogue; basis: the law it names."""

    ground: Ground
    words: str
    weight: float
    duty_id: str | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A department with everything that speaks for it, strongest first."""

    unit: Unit
    score: float
    reasons: tuple[Reason, ...]
    supporting: tuple[str, ...] = ()

    @property
    def basis(self) -> str:
        """What a dispatch gives as its basis."""
        return next((r.basis for r in self.reasons if r.basis), self.reasons[0].words)


@dataclass(slots=True)
class _Weighing:
    units: Mapping[str, Unit]
    accused: str
    reasons: dict[str, list[Reason]] = field(default_factory=dict)
    supporting: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, unit_id: str, reason: Reason) -> None:
        unit = self.units.get(unit_id)
        if unit is not None and not unit.is_accused(self.accused):
            self.reasons.setdefault(unit_id, []).append(reason)


def suggest(
    facts: CaseFacts, duties: Sequence[Duty], units: Sequence[Unit], today: date, *, most: int = 3
) -> tuple[Suggestion, ...]:
    """The departments that should act, best first, each with its reasons."""
    weighing = _Weighing({unit.id: unit for unit in units}, facts.accused)
    _by_catalogue(weighing, facts, duties, today)
    _by_draft(weighing, facts)
    _by_words(weighing, facts)
    _spare_the_towns(weighing)
    if not weighing.reasons and facts.backstop:
        reason = Reason(Ground.BACKSTOP, "无明确主责单位，按规定由兜底单位先行受理", 0.1)
        weighing.add(facts.backstop, reason)
    ranked = sorted(
        (_suggestion(weighing, unit_id) for unit_id in weighing.reasons),
        key=lambda found: (-found.score, found.unit.id),
    )
    return tuple(ranked[:most])


def _suggestion(weighing: _Weighing, unit_id: str) -> Suggestion:
    reasons = sorted(weighing.reasons[unit_id], key=lambda reason: -reason.weight)
    score = min(1.0, reasons[0].weight + _FURTHER * (len(reasons) - 1))
    helping = tuple(
        helper
        for helper in weighing.supporting.get(unit_id, ())
        if helper in weighing.units
        and helper != unit_id
        and not weighing.units[helper].is_accused(weighing.accused)
    )
    return Suggestion(weighing.units[unit_id], round(score, 3), tuple(reasons), helping)


def _by_catalogue(
    weighing: _Weighing, facts: CaseFacts, duties: Sequence[Duty], today: date
) -> None:
    """Every line that applies; the most specific one weighs most."""
    if not facts.category:
        return
    fitting = [d for d in duties if d.applies(facts.category, facts.areas, today)]
    fitting.sort(key=lambda d: (d.area is not None, len(d.category_prefix), d.valid_from))
    for rank, duty in enumerate(reversed(fitting)):
        weight = _BY_CATALOGUE + (_WITH_AREA if duty.area else 0.0) - _FURTHER * rank
        where = f"（{duty.area}）" if duty.area else ""
        words = f"派单目录：{duty.category_prefix}{where}"
        reason = Reason(Ground.CATALOGUE, words, weight, duty.id, duty.basis)
        weighing.add(duty.lead_id, reason)
        weighing.supporting.setdefault(duty.lead_id, duty.supporting)


def _by_draft(weighing: _Weighing, facts: CaseFacts) -> None:
    """What earlier cases of this kind teach; never as strong as the catalogue."""
    ids = {unit.name: unit.id for unit in weighing.units.values()}
    for guess in facts.guesses:
        if guess.name in ids:
            said = f"，来电提到“{guess.words}”" if guess.words else ""
            words = f"与历史工单相近（把握 {guess.confidence:.0%}）{said}"
            weight = _BY_DRAFT * max(0.0, min(1.0, guess.confidence))
            weighing.add(ids[guess.name], Reason(Ground.LEARNED, words, weight))


def _by_words(weighing: _Weighing, facts: CaseFacts) -> None:
    for unit in weighing.units.values():
        found = [word for word in unit.keywords if word and word in facts.text]
        if found and unit.kind != OUTSIDE_KIND:
            words = f"内容提到{'、'.join(f'“{word}”' for word in found[:3])}"
            weight = min(_MOST_BY_WORDS, _BY_WORD * len(found))
            weighing.add(unit.id, Reason(Ground.KEYWORDS, words, weight))


def _spare_the_towns(weighing: _Weighing) -> None:
    """What a functional department owns by the catalogue is not pushed down to a town.

    A line of the catalogue that names the town itself stands.
    """
    owned = {
        unit_id
        for unit_id, reasons in weighing.reasons.items()
        if any(reason.ground is Ground.CATALOGUE for reason in reasons)
    }
    if any(weighing.units[unit_id].kind not in LOCAL_KINDS for unit_id in owned):
        for unit_id in set(weighing.reasons) - owned:
            if weighing.units[unit_id].kind in LOCAL_KINDS:
                del weighing.reasons[unit_id]
