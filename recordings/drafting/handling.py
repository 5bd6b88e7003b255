"""How a call must be handled: ordinary, police, mediation, emergency, or another city's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from core.domain.drafts import Tripwire
from recordings.drafting.knowledge import Place
from recordings.drafting.places import Mention
from recordings.drafting.signals import Signal
from recordings.drafting.transcript import Transcript

ORDINARY = "ordinary"
POLICE = "transfer_110"
MEDIATION = "mediation"
EMERGENCY = "emergency"
OUTSIDE = "out_of_jurisdiction"

LABELS = {
    "danger": "疑似危及生命安全",
    "police": "疑似110警务事项",
    "mediation": "市民希望调解",
    "petition": "疑似信访或群体苗头",
    OUTSIDE: "疑似不在本市管辖",
    "abuse": "辱骂或骚扰",
}
DANGER_FROM, POLICE_FROM, MEDIATION_FROM, OTHER_FROM = 1.05, 1.0, 0.6, 0.5
NOW = re.compile(r"现在|正在|马上|赶紧|赶快|快来|快快|随时|刚刚|刚才|分钟前|立刻|快点来|就要|明天")
ASKING = re.compile(r"要不要|怎么办理|条件|多少钱|政策")
BELONGS = re.compile(r"(?:属于|是|归|在)([\u4e00-\u9fff]{2,6}?)(?:市|县|区|管|的|，|。|那边)")


def tripwires(
    transcript: Transcript, found: Mapping[str, Signal], mentions: Sequence[Mention]
) -> tuple[Tripwire, ...]:
    """What a person must see at once, with the words that say so."""
    out = []
    floors = {"danger": 0.8, "police": 0.8, "mediation": MEDIATION_FROM, "petition": OTHER_FROM,
              "abuse": OTHER_FROM}  # fmt: skip
    for label, floor in floors.items():
        signal = found.get(label)
        if signal is not None and signal.weight >= floor:
            hit = max(signal.hits, key=lambda h: h.weight)
            out.append(Tripwire(label, LABELS[label], transcript.span(hit.start, hit.end, label)))
    away = outside_place(mentions)
    if away is not None:
        span = transcript.span(away.start, away.end, "gazetteer")
        out.append(Tripwire(OUTSIDE, LABELS[OUTSIDE], span))
    return tuple(out)


def handling(
    text: str,
    found: Mapping[str, Signal],
    mentions: Sequence[Mention],
    *,
    case_type: str,
) -> tuple[str, float]:
    """The way of handling and how sure we are of it; only a suggestion, never an act."""
    danger = _weight(found, "danger") + (0.35 if NOW.search(text) else 0.0)
    police = _weight(found, "police")
    mediation = _weight(found, "mediation")
    if case_type in ("表扬", "建议", "咨询"):
        danger, police = danger - 0.8, police - 0.6
    if danger >= DANGER_FROM and danger >= police:
        return EMERGENCY, min(0.97, 0.5 + danger / 5)
    if police >= POLICE_FROM:
        return POLICE, min(0.97, 0.5 + police / 5)
    if mediation >= MEDIATION_FROM and case_type not in ("表扬", "建议", "咨询"):
        return MEDIATION, min(0.95, 0.5 + mediation / 4)
    if outside_place(mentions) is not None:
        return OUTSIDE, 0.8
    return ORDINARY, 0.9


def outside_place(mentions: Sequence[Mention]) -> Mention | None:
    """The place outside the city that the matter is about; None where a place inside is named."""
    inside = [m for m in mentions if not m.negated and m.best.place.in_jurisdiction
              and m.best.place.kind != "city"]  # fmt: skip
    outside = [m for m in mentions if not m.negated and not m.best.place.in_jurisdiction]
    return outside[0] if outside and not inside else None


def outside_city(agent_text: str, place: Place, places: Sequence[Place]) -> str:
    """The other city that must act: as the agent said, else the nearest one known."""
    cities = [p for p in places if not p.in_jurisdiction and p.name[-1:] in ("市", "县", "区")]
    for city in cities:
        if city.name.rstrip("市县区") in agent_text:
            return city.name
    if place in cities:
        return place.name
    near = [p for p in cities if p.lat is not None and p.lon is not None]
    if place.lat is None or place.lon is None or not near:
        return ""
    lat, lon = place.lat, place.lon
    return min(near, key=lambda p: ((p.lat or 0) - lat) ** 2 + ((p.lon or 0) - lon) ** 2).name


def _weight(found: Mapping[str, Signal], label: str) -> float:
    return found[label].weight if label in found else 0.0
