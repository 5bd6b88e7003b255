"""What the bench's city is made of: units, categories, callers, limits, and how they behave."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from core.clock import CITY_TIME
from core.domain.workdays import Limit, LimitType, WorkCalendar, due_at

DAYS_PER_YEAR = 365
CALLERS_PER_CASE = 0.4
#: How a day's cases spread over its hours, and how much weaker a weekend day is.
HOURS = (1, 1, 0, 0, 0, 1, 2, 5, 9, 11, 10, 7, 5, 6, 9, 9, 8, 6, 5, 4, 4, 3, 2, 1)
WEEKEND_SHARE = 0.55
YEARLY_GROWTH = 1.117


@dataclass(frozen=True, slots=True)
class CitySize:
    """How big a city is made. end: "now" of the city; cases go back this many years."""

    end: datetime
    cases: int = 1_000_000
    units: int = 60
    years: int = 3
    calls: int = 100_000
    seed: int = 12345


@dataclass(frozen=True, slots=True)
class Unit:
    """A department and how it works: the share of replies in time, and of content citizens."""

    id: str
    name: str
    punctual: float
    liked: float


@dataclass(frozen=True, slots=True)
class Caller:
    """A citizen's number in the forms the database keeps."""

    hash: str
    tail_hash: str
    mask: str
    sealed: str


@dataclass(frozen=True)
class Plan:
    """Everything a life is drawn from.

    weights: how often a unit is the right one; taken: the last case number given out on a day.
    """

    size: CitySize
    units: Sequence[Unit]
    categories: Sequence[str]
    places: Sequence[str]
    callers: Sequence[Caller]
    calendar: WorkCalendar
    weights: Sequence[float] = field(default=())
    taken: Mapping[date, int] = field(default_factory=dict)
    _due: dict[tuple[date, float], datetime] = field(default_factory=dict)

    def unit_of(self, rng: random.Random, category: str) -> Unit:
        """Mostly the unit that the category belongs to, now and then another."""
        if rng.random() < 0.8:  # noqa: PLR2004 - the rest shows that a catalogue has exceptions
            return self.units[self.categories.index(category) % len(self.units)]
        return rng.choices(self.units, self.weights)[0]

    def due(self, start: datetime, days: float) -> datetime:
        """When so many working days from this start are over."""
        day = start.astimezone(CITY_TIME).date()
        key = (day, days)
        if key not in self._due:
            noon = datetime.combine(day, time(12), CITY_TIME)
            self._due[key] = due_at(noon, Limit(LimitType.WORK_DAY, days), self.calendar)
        return self._due[key]


def make_units(known: Sequence[tuple[str, str]], size: CitySize) -> list[Unit]:
    """The city's own departments, filled up with made ones; some work better than others."""
    rng = random.Random(size.seed)  # noqa: S311 - a made city, not a secret
    made = [
        (f"dep-bench-{number:03d}", f"压测单位{number:02d}")
        for number in range(1, size.units - len(known) + 1)
    ]
    return [
        Unit(key, name, punctual=rng.uniform(0.93, 0.995), liked=rng.uniform(0.82, 0.97))
        for key, name in [*known, *made][: size.units]
    ]


def instants(size: CitySize, calendar: WorkCalendar) -> list[datetime]:
    """When each case comes in, in order, the last one shortly before the end."""
    rng = random.Random(size.seed + 1)  # noqa: S311
    last = size.end.astimezone(CITY_TIME)
    days = [
        last.date() - timedelta(days=back) for back in range(size.years * DAYS_PER_YEAR - 1, -1, -1)
    ]
    weights = [_weight(day, number, calendar) for number, day in enumerate(days)]
    chosen = rng.choices(days, weights, k=size.cases)
    hours = rng.choices(range(24), HOURS, k=size.cases)
    made = [
        datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), CITY_TIME)
        for day, hour in zip(chosen, hours, strict=True)
    ]
    return sorted(moment if moment < last else last - (moment - last) for moment in made)


def _weight(day: date, number: int, calendar: WorkCalendar) -> float:
    growth: float = YEARLY_GROWTH ** (number / DAYS_PER_YEAR)
    return growth if calendar.is_working_day(day) else growth * WEEKEND_SHARE


def zipf(count: int) -> list[float]:
    """A few units get most of the cases."""
    return [1 / (rank + 2) for rank in range(count)]


def case_types() -> Mapping[str, float]:
    """How often each type comes."""
    return {"投诉": 0.47, "咨询": 0.33, "求助": 0.1, "举报": 0.04, "建议": 0.04, "表扬": 0.02}
