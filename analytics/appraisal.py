"""The appraisal sheet: fixed baselines with deductions, no bonus, no ranking.

Source: domain.md 3.2 (Haimen 2014 scheme) and 国办函〔2025〕66号. Facts and appraisal stay apart:
an exempted case is left out of the appraisal but stays late in every list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from analytics.rates import Rate


class Direction(StrEnum):
    """On which side of the baseline a value is good."""

    AT_LEAST = ">="
    AT_MOST = "<="


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a scheme. step and baseline in percent; cap and points in points.

    min_cases: below this many cases the item is not scored (small-number guard).
    floor, floor_points: a hard floor and what falling below it costs in addition.
    """

    kpi: str
    cap: Decimal
    baseline: Decimal
    direction: Direction
    step: Decimal
    points_per_step: Decimal
    min_cases: int = 10
    floor: Decimal | None = None
    floor_points: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class EventItem:
    """Points for each occurrence of an event, up to a cap (None: no cap)."""

    kind: str
    points: Decimal
    cap: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The result of one item or event kind for one unit; deduct is None when not scored."""

    name: str
    value: str
    gap: Decimal
    deduct: Decimal | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A unit's sheet for one period."""

    lines: tuple[Line, ...]
    total: Decimal

    @property
    def score(self) -> Decimal:
        """Total minus deductions, never below zero."""
        lost = sum((line.deduct for line in self.lines if line.deduct is not None), Decimal(0))
        return max(Decimal(0), self.total - lost)


def score_item(item: Item, rate: Rate) -> Line:
    """Deduct for the gap to the baseline; inside the baseline nothing is won or lost."""
    value = rate.percent
    if value is None or rate.den < item.min_cases:
        return Line(item.kpi, rate.shown(), Decimal(0), None)
    distance = item.baseline - value
    if item.direction is Direction.AT_MOST:
        distance = -distance
    gap = max(Decimal(0), distance)
    steps = (gap / item.step).to_integral_value(rounding=ROUND_CEILING)
    deduct = steps * item.points_per_step
    if item.floor is not None and value < item.floor:
        deduct += item.floor_points
    return Line(item.kpi, rate.shown(), gap, min(item.cap, deduct))


def score_events(item: EventItem, count: int) -> Line:
    """Deduct for each occurrence, up to the cap."""
    deduct = item.points * count
    if item.cap is not None:
        deduct = min(item.cap, deduct)
    return Line(item.kind, str(count), Decimal(count), deduct)


def appraise(
    items: Sequence[Item],
    event_items: Sequence[EventItem],
    rates: Mapping[str, Rate],
    events: Mapping[str, int],
    *,
    total: Decimal = Decimal(100),
) -> Sheet:
    """One unit's sheet. A rate that is not given counts as "no cases"."""
    nothing = Rate.of(0, 0)
    lines = [score_item(item, rates.get(item.kpi, nothing)) for item in items]
    lines += [score_events(item, events.get(item.kind, 0)) for item in event_items]
    return Sheet(tuple(lines), total)
