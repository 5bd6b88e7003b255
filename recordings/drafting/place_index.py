"""The gazetteer by sound: every way of saying each place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from recordings.drafting.knowledge import Place
from recordings.drafting.sound_index import LONGEST, Hit, SoundIndex
from recordings.drafting.sounds import Heard

ROAD_ENDINGS = ("大道", "路", "街")
DIRECTIONS = "东西南北中"
TOWN_ENDINGS = ("街道", "镇", "乡")
COMMON_ENDING = 3
SHORTEST, SHORT_LANDMARK = 2, 3


@dataclass(frozen=True, slots=True)
class Surface:
    """One way of saying a place: its name, a listed alias, or a usual short form."""

    place: int
    text: str
    kind: str  # name, alias, short


def surfaces_of(number: int, place: Place, city_names: Sequence[str]) -> list[Surface]:
    """Every way a place may be said."""
    out = [Surface(number, place.name, "name")]
    out += [Surface(number, alias, "alias") for alias in place.aliases]
    for short in _short_forms(place, city_names):
        if all(short != one.text for one in out):
            out.append(Surface(number, short, "short"))
    return [one for one in out if SHORTEST <= len(one.text) <= LONGEST]


def _short_forms(place: Place, city_names: Sequence[str]) -> list[str]:
    out: list[str] = []
    name = place.name
    for ending in ROAD_ENDINGS:
        stem = name.removesuffix(ending)
        if name.endswith(ending) and stem and stem[-1] not in DIRECTIONS:
            out += [f"{stem}{one}{ending}" for one in DIRECTIONS]
            break
    if place.kind == "town":
        for ending in TOWN_ENDINGS:
            if name.endswith(ending) and len(name) - len(ending) >= SHORTEST:
                short = name.removesuffix(ending)
                out += [] if short in city_names else [short]
                break
    for city in city_names:
        if name.startswith(city) and len(name) - len(city) >= SHORT_LANDMARK:
            out.append(name.removeprefix(city))
    return out


class PlaceIndex:
    """All surfaces of a gazetteer, ready to be searched."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = tuple(places)
        cities = [p for p in self.places if p.kind == "city"]
        names = [n for p in cities for n in (p.name, *p.aliases)]
        found: list[Surface] = []
        for number, place in enumerate(self.places):
            found += surfaces_of(number, place, names)
        self.surfaces = tuple(found)
        readings = [self.places[s.place].pinyin if s.kind == "name" else () for s in found]
        self._sounds = SoundIndex([s.text for s in found], readings)
        self.endings = _common_endings(self.places)

    def search(self, heard: Heard, most: float) -> list[Hit]:
        """Every surface that the talk may have meant, at a price of at most `most` a syllable."""
        return self._sounds.search(heard, most)


def _common_endings(places: Sequence[Place]) -> frozenset[str]:
    """Last characters that many names share: they tell the kind, not the place."""
    ends = Counter(place.name[-1] for place in places if place.name)
    return frozenset(one for one, count in ends.items() if count >= COMMON_ENDING)
