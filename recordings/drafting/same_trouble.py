"""Other callers with the same trouble: how alike two matters are, groups, and sudden bursts.

A machine only proposes: joining a case and opening a mother case are a person's keys, and what a
person has called 'not the same' is never proposed again.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

AGAIN = re.compile(r"再次|催办|已反映|又打|上次|反映过|多次反映|一直没|还没处理|打过电话|来过人")
METRES_PER_DEGREE = 111_320.0
NEAR_METRES = 250.0
LONGEST = timedelta(days=10)
HALF_FORGOTTEN = timedelta(hours=36)
SAME_FROM = 0.8
BURST_WITHIN = timedelta(hours=72)
BURST_FROM = 5
WORDS_ALIKE = 0.5
HOURS_SHOWN = 48
TOWN_KINDS = ("街道", "镇", "乡")


@dataclass(frozen=True, slots=True)
class Matter:
    """One case or one call's draft, as far as likeness needs it."""

    id: str
    category: tuple[str, str]
    text: str
    at: datetime
    places: tuple[str, ...] = ()
    town: str = ""
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike (0-1) another matter is, and why, in words for the desk."""

    id: str
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Burst:
    """Many calls about one trouble in a short time; the first is proposed as mother case."""

    category: tuple[str, str]
    place: str
    ids: tuple[str, ...]
    start: datetime
    end: datetime

    @property
    def mother(self) -> str:
        return self.ids[0]


@dataclass
class _Group:
    members: list[Matter] = field(default_factory=list)


def alike(one: Matter, other: Matter) -> Likeness:
    """Score two matters by category, place, time and words."""
    reasons: list[str] = []
    score = _category_part(one, other, reasons)
    score += _place_part(one, other, reasons)
    apart = abs(one.at - other.at)
    if apart > LONGEST:
        return Likeness(other.id, 0.0, ())
    score += 0.2 * math.exp(-apart / HALF_FORGOTTEN * math.log(2))
    reasons.append(f"相隔{_hours(apart)}")
    words = text_likeness(one.text, other.text)
    score += 0.12 * words
    if words > WORDS_ALIKE:
        reasons.append("描述相近")
    later = one if one.at >= other.at else other
    if AGAIN.search(later.text):
        score += 0.12
        reasons.append("市民称再次来电")
    return Likeness(other.id, round(min(1.0, score), 3), tuple(reasons))


def best_matches(
    one: Matter,
    others: Iterable[Matter],
    *,
    not_same: Collection[frozenset[str]] = (),
    top: int = 3,
    least: float = 0.6,
) -> list[Likeness]:
    """The most alike matters, best first; pairs that a person refused are left out."""
    found = [
        alike(one, other)
        for other in others
        if other.id != one.id and frozenset((one.id, other.id)) not in not_same
    ]
    kept = [match for match in found if match.score >= least]
    return sorted(kept, key=lambda match: (-match.score, match.id))[:top]


def groups(
    matters: Sequence[Matter], *, not_same: Collection[frozenset[str]] = ()
) -> list[list[Matter]]:
    """Matters that belong together, in order of time; each with its nearest earlier one."""
    out: list[_Group] = []
    for matter in sorted(matters, key=lambda m: (m.at, m.id)):
        best: tuple[float, _Group] | None = None
        for group in out:
            score = _to_group(matter, group, not_same)
            if score >= SAME_FROM and (best is None or score > best[0]):
                best = (score, group)
        if best is None:
            out.append(_Group([matter]))
        else:
            best[1].members.append(matter)
    return [group.members for group in out]


def bursts(found: Iterable[Sequence[Matter]]) -> list[Burst]:
    """Groups in which many called within three days: something has happened there."""
    out = []
    for members in found:
        start = _burst_start(members)
        if start is None:
            continue
        place = Counter(name for m in members for name in m.places).most_common(1)
        out.append(
            Burst(
                members[0].category,
                place[0][0] if place else members[0].town,
                tuple(m.id for m in members),
                members[0].at,
                members[-1].at,
            )
        )
    return out


def _burst_start(members: Sequence[Matter]) -> datetime | None:
    for number in range(len(members) - BURST_FROM + 1):
        if members[number + BURST_FROM - 1].at - members[number].at <= BURST_WITHIN:
            return members[number].at
    return None


def _to_group(matter: Matter, group: _Group, not_same: Collection[frozenset[str]]) -> float:
    """The likeness to the latest members: a trouble moves on with its callers."""
    recent = group.members[-4:]
    if any(frozenset((matter.id, m.id)) in not_same for m in recent):
        return 0.0
    return max(alike(matter, m).score for m in recent)


def _category_part(one: Matter, other: Matter, reasons: list[str]) -> float:
    if one.category == other.category and one.category[1]:
        reasons.append(f"同类：{one.category[1]}")
        return 0.35
    if one.category[0] == other.category[0] and one.category[0]:
        return 0.08
    return 0.0


def _place_part(one: Matter, other: Matter, reasons: list[str]) -> float:
    narrow = {p for p in one.places if not p.endswith(TOWN_KINDS)}
    shared = narrow & {p for p in other.places if not p.endswith(TOWN_KINDS)}
    metres = distance(one, other)
    if shared:
        reasons.append(f"同一地点：{'、'.join(sorted(shared))}")
        return 0.35
    if set(one.places) & set(other.places) and not narrow:
        reasons.append(f"同在{one.town or other.town}")
        return 0.22
    if metres is not None and metres <= 2 * NEAR_METRES and narrow:
        reasons.append(f"相距约{round(metres, -1):.0f}米")
        return 0.28 * math.exp(-metres / NEAR_METRES)
    if one.town and one.town == other.town:
        return 0.05
    return 0.0


def distance(one: Matter, other: Matter) -> float | None:
    """Metres between two matters, where both have a point."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    north = (one.lat - other.lat) * METRES_PER_DEGREE
    east = (one.lon - other.lon) * METRES_PER_DEGREE * math.cos(math.radians(one.lat))
    return math.hypot(north, east)


def text_likeness(one: str, other: str) -> float:
    """Share of common character pairs (0-1)."""
    a, b = _pairs(one), _pairs(other)
    if not a or not b:
        return 0.0
    common = (a & b).total()
    return 2 * common / (a.total() + b.total())


def _pairs(text: str) -> Counter[str]:
    plain = re.sub(r"[^\u4e00-\u9fff]", "", text)
    return Counter(plain[i : i + 2] for i in range(len(plain) - 1))


def _hours(apart: timedelta) -> str:
    hours = apart.total_seconds() / 3600
    return f"{hours:.0f}小时" if hours < HOURS_SHOWN else f"{hours / 24:.0f}天"
