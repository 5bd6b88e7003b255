"""Mentions of places as one address: its wording, its point on the map, and what to ask."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from recordings.drafting.knowledge import Place
from recordings.drafting.numbers import read_number
from recordings.drafting.places import Candidate, Mention, PlaceResolver

RELATION = re.compile(
    r"^(?:那里|这里|那边|这边|的)?(?P<what>(?:正|斜)?对面|门口|旁边|隔壁|楼下|后面|前面|附近|边上|里面|桥下|下面|东侧|西侧|南侧|北侧"
    r"|(?:东|南|西|北)门|后门|路口|外面|巷子口|村口)"
)
HOUSE = re.compile(r"(?:[\d零一二三四五六七八九十百]+(?:号楼|号|栋|幢|单元|室|组|楼|弄|队|区))+")
WALK = re.compile(
    r"(?:往|向|朝)(?P<side>[东南西北]{1,2})(?:走|边)?(?P<n>[\d.]+|[零一二两三四五六七八九十百千]+)(?P<unit>米|公里|里)"
)
JOINT = re.compile(r"^[，]?(?:跟|和|与|、|同|到|还有)?(?:那个|这个)?$")
CROSSING = re.compile(r"^(?:那个|这个|的)?(?:交叉口|路口|十字路口|交汇|交界|丁字路口)")
KIND_ORDER = {"town": 0, "village": 1, "road": 2, "river": 3, "community": 4, "landmark": 5}
METRES = {"米": 1.0, "公里": 1000.0, "里": 500.0}
BEARING = {"东": (0.0, 1.0), "西": (0.0, -1.0), "南": (-1.0, 0.0), "北": (1.0, 0.0)}
METRES_PER_DEGREE = 111_320.0
CLEAR = 0.25


@dataclass(frozen=True, slots=True)
class Address:
    """Where the matter is: canonical names, one wording, a point, and doubts to clear."""

    names: tuple[str, ...]
    wording: str
    short: str
    town: str
    lat: float | None
    lon: float | None
    grid: str
    question: str


def address(mentions: Sequence[Mention], text: str, resolver: PlaceResolver) -> Address:
    """Put a call's mentions together; negated ones and the city itself are left out."""
    kept = [m for m in mentions if not m.negated and m.best.place.kind != "city"]
    names = tuple(dict.fromkeys(m.best.place.name for m in kept))
    town = next((t for t in (resolver.town_of(m.best.place) for m in kept) if t), "")
    crossing = crossing_of(kept, text)
    short = crossing or _most_exact(kept)
    wording = _wording(kept, text, town, crossing)
    lat, lon, grid = _point(kept, text, crossing=bool(crossing))
    return Address(names, wording, short, town, lat, lon, grid, question(kept, resolver))


def crossing_of(mentions: Sequence[Mention], text: str) -> str:
    """'A路与B路交叉口' where two roads are named in one breath as a crossing."""
    for one, other in pairwise(mentions):
        roads = one.best.place.kind == other.best.place.kind == "road"
        joined = JOINT.match(text[one.end : other.start]) is not None
        meets = CROSSING.match(text[other.end : other.end + 8]) is not None
        if roads and joined and meets and one.best.place.name != other.best.place.name:
            return f"{one.best.place.name}与{other.best.place.name}交叉口"
    return ""


def question(mentions: Sequence[Mention], resolver: PlaceResolver) -> str:
    """The one question that best splits the candidates of the most doubtful mention."""
    doubtful = [m for m in mentions if len(m.candidates) > 1 and _gap(m) < CLEAR]
    if not doubtful:
        return ""
    mention = min(doubtful, key=_gap)
    first, second = mention.candidates[0].place, mention.candidates[1].place
    towns = resolver.town_of(first), resolver.town_of(second)
    if first.name == second.name and towns[0] != towns[1] and all(towns):
        return f"请问是{towns[0]}的{first.name}，还是{towns[1]}的{second.name}？"
    if first.kind != second.kind and first.name[-1] != second.name[-1]:
        ends = f"是“{first.name[-1]}”还是“{second.name[-1]}”？"
        return f"请问您说的是{first.name}还是{second.name}？{ends}"
    if towns[0] != towns[1] and all(towns):
        return f"请问是{towns[0]}的{first.name}，还是{towns[1]}的{second.name}？"
    differ = next(((a, b) for a, b in zip(first.name, second.name, strict=False) if a != b), None)
    if differ is not None:
        return f"请问是{first.name}还是{second.name}？是“{differ[0]}”字还是“{differ[1]}”字？"
    return f"请问您说的是{first.name}还是{second.name}？附近有什么路口或标志？"


def _gap(mention: Mention) -> float:
    return mention.candidates[0].score - mention.candidates[1].score


def _most_exact(mentions: Sequence[Mention]) -> str:
    """The narrowest place with its town or road before it."""
    if not mentions:
        return ""
    places = {m.best.place.name: m.best.place for m in mentions}
    order = sorted(places.values(), key=lambda p: KIND_ORDER.get(p.kind, 6))
    narrow = order[-1]
    wide = next((p for p in order if p.name in (narrow.parent, narrow.desc)), None)
    return f"{wide.name if wide else ''}{narrow.name}"


def _wording(mentions: Sequence[Mention], text: str, town: str, crossing: str) -> str:
    parts: list[str] = []
    for mention in mentions:
        name = mention.best.place.name
        if name not in parts and not (crossing and name in crossing):
            parts.append(name)
    ordered = sorted(parts, key=lambda n: _rank(n, mentions))
    if crossing:
        ordered.append(crossing)
    if town and town not in ordered:
        ordered.insert(0, town)
    return "".join(ordered) + _detail(mentions, text)


def _rank(name: str, mentions: Sequence[Mention]) -> int:
    kind = next(m.best.place.kind for m in mentions if m.best.place.name == name)
    return KIND_ORDER.get(kind, 6)


def _detail(mentions: Sequence[Mention], text: str) -> str:
    """House, building, group, side: what is said right after the narrowest place."""
    if not mentions:
        return ""
    narrow = max(mentions, key=lambda m: (KIND_ORDER.get(m.best.place.kind, 6), -m.start))
    after = text[narrow.end : narrow.end + 14].lstrip("，、 ")
    house = HOUSE.match(after)
    relation = RELATION.match(after[house.end() if house else 0 :])
    walk = WALK.search(text)
    out = house.group() if house else ""
    out += relation.group("what") if relation else ""
    return out + (walk.group() if walk else "")


def _point(
    mentions: Sequence[Mention], text: str, *, crossing: bool
) -> tuple[float | None, float | None, str]:
    """The point meant: of two crossing roads the middle, moved by 'two hundred metres east'."""
    located = [m.best.place for m in mentions if m.best.place.lat is not None]
    if not located:
        return None, None, ""
    if crossing:
        roads = [p for p in located if p.kind == "road"][:2]
        lat, lon = _mean(roads, "lat"), _mean(roads, "lon")
        grid = ""
    else:
        narrow = max(located, key=lambda p: KIND_ORDER.get(p.kind, 6))
        lat, lon, grid = narrow.lat or 0.0, narrow.lon or 0.0, narrow.grid
    walk = WALK.search(text)
    if walk:
        metres = (read_number(walk.group("n")) or 0.0) * METRES[walk.group("unit")]
        lat, lon = _moved(lat, lon, walk.group("side"), metres)
    return round(lat, 6), round(lon, 6), grid


def _mean(places: Sequence[Place], name: str) -> float:
    return sum(float(getattr(place, name)) for place in places) / len(places)


def _moved(lat: float, lon: float, side: str, metres: float) -> tuple[float, float]:
    north = sum(BEARING[c][0] for c in side) / len(side)
    east = sum(BEARING[c][1] for c in side) / len(side)
    width = METRES_PER_DEGREE * math.cos(math.radians(lat))
    return lat + north * metres / METRES_PER_DEGREE, lon + east * metres / width


def as_choice(candidate: Candidate, resolver: PlaceResolver) -> dict[str, object]:
    """A candidate for a form: name, score, town, point, grid."""
    place = candidate.place
    return {
        "value": place.name,
        "score": candidate.score,
        "place_id": place.id,
        "kind": place.kind,
        "town": resolver.town_of(place),
        "lat": place.lat,
        "lon": place.lon,
        "grid": place.grid,
        "heard_exactly": candidate.exact,
        "in_jurisdiction": place.in_jurisdiction,
    }
