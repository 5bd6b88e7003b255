"""Which places of the gazetteer a caller means, and which he says that he does not mean."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from recordings.drafting.knowledge import Place
from recordings.drafting.place_index import PlaceIndex
from recordings.drafting.sound_index import MOST, Hit
from recordings.drafting.sounds import hear

# What a hit is worth: its syllables, less the price of what was misheard.
PER_COST = 4.0
BASE = 0.9
ENOUGH = 0.25
SHORT_PENALTY = 0.35
INVENTED_PENALTY = 0.5
ENDING_RIGHT = 0.3
ENDING_WRONG = -0.45
NEIGHBOUR = 0.35
IN_CONTEXT = 0.2
HEARD_BEFORE = 0.1
TOO_FAR = 0.7
SHORT = 2
#: Marks say little about pauses: a name with one inside is only a little less likely.
MARKS = frozenset("，。、！？；：,.!?;: ")
ACROSS_MARKS = 0.4
#: How far a name may be from what was heard to be worth listening for again, and how many.
LOOSELY, SURE_SHORT, NAMES_SUGGESTED = 0.36, 0.1, 14

BEFORE = re.compile(
    r"(?:在|到|住|就是|是|位于|从|往|靠近|过|去|我们|这个|叫|跟|和|与|、|，|。|\n|^)$"
)
AFTER = re.compile(
    r"^(?:这边|那边|这里|那里|路口|门口|对面|附近|旁边|边上|交叉|东|西|南|北|上面|上|下面|下|里"
    r"|后面|前面|小区|村|的|跟|和|与|、|，|这一段|段|往|靠近|外面|一个|有)"
)
LOCAL = re.compile(
    r"^(?:这边|那边|这里|那里|路口|门口|对面|附近|旁边|边上|交叉|上面|这一段|往|靠近|一个|的"
    r"|有|、|，)"
)
NOT_THIS = re.compile(
    r"(?:不是|并不是|而不是|不在|不要弄成|不要写成|别写成|不属于|别弄成|不叫|不要派到|别派到"
    r"|搞错成|弄错成|派到|以为是|误以为)(?:那个|这个|我们|在|说的|是|了)?$"
)
NOT_TAG = re.compile(r"^(?:那边|那个)?(?:不是|吗|么)?(?:的事|那个)?不是")
CROSSING = re.compile(
    r"^(?:跟|和|与|、|同|到|，)?(?:那个|这个)?$",
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entry that a stretch of talk may mean."""

    place: Place
    score: float
    cost: float
    exact: bool
    surface: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of talk that names a place; the candidates best first."""

    start: int
    end: int
    words: str
    candidates: tuple[Candidate, ...]
    negated: bool = False

    @property
    def best(self) -> Candidate:
        return self.candidates[0]


@dataclass(frozen=True, slots=True)
class _Scored:
    hit: Hit
    place: int
    score: float


class PlaceResolver:
    """Finds mentions; history's counts say which places are talked about more."""

    def __init__(self, places: Sequence[Place], seen: Mapping[str, int] | None = None) -> None:
        self.index = PlaceIndex(places)
        self._seen = dict(seen or {})
        self._towns = {p.name for p in places if p.kind == "town"}
        self._by_name: dict[str, list[int]] = {}
        for number, place in enumerate(self.index.places):
            self._by_name.setdefault(place.name, []).append(number)

    def mentions(self, text: str, *, top: int = 5) -> list[Mention]:
        """Every place named in a text, in order, homophones and negations told apart."""
        hits = self._hits(text, MOST)
        scored = [one for one in (self._score(hit, text) for hit in hits) if one is not None]
        scored = self._with_neighbours(scored)
        chosen = _best_cover([one for one in scored if one.score >= ENOUGH])
        found = [self._mention(one, scored, text, top) for one in chosen]
        return _drop_negated(found, text)

    def possible(self, texts: Sequence[str], *, most: int = NAMES_SUGGESTED) -> tuple[str, ...]:
        """Names that talk may have held, loosely heard, the likeliest first: to listen for again.

        A place gains when what it lies in is among them.
        """
        best: dict[int, float] = {}
        for text in texts:
            for hit in self._hits(text, LOOSELY):
                surface = self.index.surfaces[hit.row]
                if len(surface.text) == SHORT and hit.cost > SURE_SHORT:
                    continue
                worth = len(surface.text) - PER_COST * hit.cost - BASE
                worth -= SHORT_PENALTY if surface.kind == "short" else 0.0
                best[surface.place] = max(best.get(surface.place, worth), worth)
        places = self.index.places
        named = {places[number].name for number, worth in best.items() if worth > ENOUGH}
        lifted = {
            number: worth
            + (NEIGHBOUR if {places[number].parent, places[number].desc} & named else 0)
            for number, worth in best.items()
            if places[number].kind != "city"
        }
        order = sorted(lifted, key=lambda number: (-lifted[number], number))
        return tuple(dict.fromkeys(places[number].name for number in order))[:most]

    def _hits(self, text: str, most: float) -> list[Hit]:
        """What the talk may have meant, read across the marks that a recogniser puts anywhere."""
        kept = [at for at, character in enumerate(text) if character not in MARKS]
        hits = self.index.search(hear("".join(text[at] for at in kept)), most)
        return [replace(hit, start=kept[hit.start], end=kept[hit.end - 1] + 1) for hit in hits]

    def town_of(self, place: Place) -> str:
        """The town a place lies in: itself, its parent, or its parent's parent."""
        seen: set[str] = set()
        while place.name not in seen:
            if place.kind == "town":
                return place.name
            seen.add(place.name)
            above = self._by_name.get(place.parent) or self._by_name.get(place.desc)
            if not above:
                return ""
            place = self.index.places[above[0]]
        return ""

    def _score(self, hit: Hit, text: str) -> _Scored | None:
        surface = self.index.surfaces[hit.row]
        place = self.index.places[surface.place]
        length = len(surface.text)
        score = length - PER_COST * hit.cost - BASE
        if hit.worst > TOO_FAR:
            return None
        words = text[hit.start : hit.end]
        if any(character in MARKS for character in words):
            score -= ACROSS_MARKS
        if surface.text[-1] in self.index.endings and length > SHORT:
            score += ENDING_RIGHT if words[-1] == surface.text[-1] else ENDING_WRONG
        if length == SHORT and not self._short_may_stand(hit, text):
            return None
        if surface.kind == "short":
            invented = not hit.exact and surface.text not in text
            score -= INVENTED_PENALTY if invented else SHORT_PENALTY
        if BEFORE.search(text[max(0, hit.start - 3) : hit.start]):
            score += IN_CONTEXT
        if AFTER.match(text[hit.end : hit.end + 3]):
            score += IN_CONTEXT
        score += HEARD_BEFORE * math.log1p(self._seen.get(place.name, 0)) / 3
        return _Scored(hit, surface.place, score)

    def _short_may_stand(self, hit: Hit, text: str) -> bool:
        """Two syllables alone prove little: the same characters, and said like a place."""
        if not hit.exact:
            return False
        before = BEFORE.search(text[max(0, hit.start - 3) : hit.start]) is not None
        after = LOCAL.match(text[hit.end : hit.end + 3]) is not None
        return before and after

    def _with_neighbours(self, scored: list[_Scored]) -> list[_Scored]:
        """A place gains when its town, its road or one of its own places is named too."""
        named: dict[str, list[_Scored]] = {}
        for one in scored:
            if one.score >= ENOUGH:
                named.setdefault(self.index.places[one.place].name, []).append(one)
        towns = {self.town_of(self.index.places[o.place]) for os in named.values() for o in os}
        said_towns = {name for name in named if name in self._towns}
        out = []
        for one in scored:
            place = self.index.places[one.place]
            near = {place.parent, place.desc} & set(named)
            inside = place.name in towns and any(
                self.index.places[o.place].parent == place.name
                for os in named.values()
                for o in os
                if not _overlap(o.hit, one.hit)
            )
            bonus = NEIGHBOUR if near or inside else 0.0
            if said_towns and not near and self.town_of(place) not in said_towns:
                bonus -= 0.1
            out.append(replace(one, score=one.score + bonus))
        return out

    def _mention(self, chosen: _Scored, scored: Sequence[_Scored], text: str, top: int) -> Mention:
        rivals: dict[int, _Scored] = {}
        for one in scored:
            same = _overlap(one.hit, chosen.hit)
            best = rivals.get(one.place)
            if same and (best is None or one.score > best.score):
                rivals[one.place] = one
        order = sorted(rivals.values(), key=lambda one: (one.place != chosen.place, -one.score))
        candidates = tuple(
            Candidate(
                self.index.places[one.place],
                round(_sure(one.score, one.hit), 3),
                round(one.hit.cost, 3),
                one.hit.exact,
                self.index.surfaces[one.hit.row].text,
            )
            for one in order[:top]
        )
        hit = chosen.hit
        return Mention(hit.start, hit.end, text[hit.start : hit.end], candidates)


def _sure(score: float, hit: Hit) -> float:
    """A score as a share: exact names near 1, the barely accepted near one half."""
    if hit.exact:
        return min(0.99, 0.9 + 0.03 * (hit.end - hit.start - 2))
    misheard = hit.cost / (hit.end - hit.start)
    return (1 - 2 * misheard) / (1 + math.exp(-1.4 * (score - ENOUGH)))


def _overlap(a: Hit, b: Hit) -> bool:
    return a.start < b.end and b.start < a.end


def _best_cover(scored: Sequence[_Scored]) -> list[_Scored]:
    """The set of hits without overlap that is worth most."""
    order = sorted(scored, key=lambda one: (one.hit.end, one.hit.start, -one.score, one.place))
    best: list[tuple[float, list[_Scored]]] = [(0.0, [])]
    ends = [0]
    for one in order:
        before = max(i for i, end in enumerate(ends) if end <= one.hit.start)
        value = best[before][0] + one.score
        if value > best[-1][0] + 1e-9:
            best.append((value, [*best[before][1], one]))
        else:
            best.append(best[-1])
        ends.append(one.hit.end)
    return best[-1][1]


def _drop_negated(mentions: Sequence[Mention], text: str) -> list[Mention]:
    """Mark places that the caller rules out ('不是常乐镇'), everywhere in the call.

    Ruling out needs a place that is meant: one said before, or another of the same kind. Without
    it the 'not' is more likely a misheard word ('我是' as '不是').
    """
    ruled_out = {
        mention.best.place.id
        for mention in mentions
        if NOT_THIS.search(text[max(0, mention.start - 8) : mention.start])
    }
    meant = {
        mention.best.place.id
        for mention in mentions
        if re.search(r"(?<!不)(?:就是|是|在)$", text[max(0, mention.start - 3) : mention.start])
    }
    ruled_out -= meant
    kinds = {kind_group(m.best.place) for m in mentions if m.best.place.id not in ruled_out}
    first = min((m.start for m in mentions if m.best.place.id not in ruled_out), default=None)

    def denied(mention: Mention) -> bool:
        told_before = first is not None and first < mention.start
        return told_before or kind_group(mention.best.place) in kinds

    return [
        replace(mention, negated=mention.best.place.id in ruled_out and denied(mention))
        for mention in mentions
    ]


def kind_group(place: Place) -> str:
    """What one may be taken for instead of the other: towns here and elsewhere, roads, the rest."""
    return "town" if place.kind in ("town", "outside", "city") else place.kind
