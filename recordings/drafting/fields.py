"""Every field of one matter's draft: value, confidence, and the words it was read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.drafts import FieldValue, Span
from recordings.drafting import handling as ways
from recordings.drafting.case_types import HELP, case_type_scores
from recordings.drafting.classify import OUTSIDE_KIND, Ranked
from recordings.drafting.dates import TimeSaid, times_said
from recordings.drafting.hearings import agreed_times
from recordings.drafting.matters import Matter
from recordings.drafting.particulars import (
    Particular,
    amount,
    caller_name,
    confidential,
    people_count,
    urgency,
    wants_callback,
)
from recordings.drafting.phone_field import phone_field
from recordings.drafting.place_wording import Address, address, as_choice
from recordings.drafting.places import Mention
from recordings.drafting.prepared import CallFacts, PreparedCity
from recordings.drafting.signals import Signal
from recordings.drafting.sounds import hear
from recordings.drafting.topics import PhraseHit
from recordings.drafting.transcript import Transcript
from recordings.drafting.writing import write

NO_CATEGORY = ("", "")
RURAL = ("village",)
CO_DEPARTMENT_FROM = 0.12
TIME_FROM = 1.5
ASKING_TYPES = ("咨询",)
# A caller who asks seldom tells when something happened, unless to the hour.
ASKING_TIMES = ("day and hour", "minutes ago", "next week")
MOST_SOURCES = 4


@dataclass(frozen=True)
class MatterReader:
    """Reads fields of a call; the readings that belong to the whole call are given."""

    city: PreparedCity
    transcript: Transcript
    facts: CallFacts
    mentions: Sequence[Mention]
    found: Mapping[str, Signal]

    def fields(self, matter: Matter, *, head_end: int, only: bool) -> dict[str, FieldValue]:
        """All fields that can be read; a field without a value is left out.

        head_end: where the first matter begins to differ; places before it count for both.
        """
        text = self.transcript.text[matter.start : matter.end]
        mentions = self._mentions_of(matter, head_end=head_end)
        out: dict[str, FieldValue] = {}
        category = _category(matter)
        scores = self._types(text, category)
        case_type = max(scores, key=lambda name: scores[name])
        way, sure = ways.handling(text, self._found_in(matter), mentions, case_type=case_type)
        where = address(mentions, self.transcript.text, self.city.resolver)
        if category != NO_CATEGORY:
            out["case_type"] = FieldValue(case_type, _share(scores), self._type_spans(case_type))
            out["category"] = self._category_field(matter)
            out |= self._departments(matter, category, where, mentions)
        out |= self._places(mentions, where)
        out |= self._when(matter, case_type, only=only)
        out["handling"] = FieldValue(way, sure, self._signal_spans(way))
        out |= self._particulars(matter, way, case_type)
        if category != NO_CATEGORY or only:
            out |= self._words(text, matter, case_type, where)
        return out

    def _types(self, text: str, category: tuple[str, str]) -> dict[str, float]:
        past = self.city.type_priors.get(category)
        scores = case_type_scores(text, self.found, past)
        for label, floor in (("danger", ways.DANGER_FROM), ("police", ways.POLICE_FROM)):
            if label in self.found and self.found[label].weight >= floor:
                scores[HELP] += 1.0
        return scores

    def _mentions_of(self, matter: Matter, *, head_end: int) -> list[Mention]:
        inside = [m for m in self.mentions if matter.start <= m.start < matter.end]
        if inside or matter.start == 0:
            return inside
        return [m for m in self.mentions if m.start < head_end]

    def _found_in(self, matter: Matter) -> dict[str, Signal]:
        out = {}
        for label, signal in self.found.items():
            hits = tuple(h for h in signal.hits if matter.start <= h.start < matter.end)
            if hits:
                share = sum(h.weight for h in hits) / sum(h.weight for h in signal.hits)
                out[label] = Signal(label, signal.weight * share, hits)
        return out

    def _category_field(self, matter: Matter) -> FieldValue:
        best = matter.ranked[0]
        choices = tuple(
            {"value": one.label.split("/", 1), "score": round(one.share, 3)}
            for one in matter.ranked[:4]
        )
        spans = self._spans(best.hits, matter.start, "phrase")
        return FieldValue(best.label.split("/", 1), best.share, spans, choices=choices)

    def _departments(
        self, matter: Matter, category: tuple[str, str], where: Address, mentions: Sequence[Mention]
    ) -> dict[str, FieldValue]:
        away = ways.outside_place(mentions)
        if away is not None:
            name = self._outside_department(away)
            span = self.transcript.span(away.start, away.end, "gazetteer")
            return {"department": FieldValue(name, 0.75, (span,))}
        heard = hear(self.transcript.text[matter.start : matter.end])
        rural = any(m.best.place.kind in RURAL for m in mentions)
        ranked = self.city.classifier.departments(category, heard, where.town, rural=rural)
        if not ranked:
            return {}
        best = ranked[0]
        choices = tuple({"value": o.label, "score": round(o.share, 3)} for o in ranked[:4])
        spans = self._spans(best.hits, matter.start, "keyword") or self._spans(
            matter.ranked[0].hits, matter.start, "category"
        )
        helpers = [one.label for one in ranked[1:4] if one.share >= CO_DEPARTMENT_FROM]
        out = {"department": FieldValue(best.label, best.share, spans, choices=choices)}
        if helpers:
            out["co_departments"] = FieldValue(helpers, ranked[1].share, spans)
        return out

    def _outside_department(self, away: Mention) -> str:
        """The other city's hotline where it is known, else its name."""
        knowledge = self.city.knowledge
        city = ways.outside_city(
            self.transcript.agent_text + self.transcript.text, away.best.place, knowledge.places
        )
        stem = city.rstrip("市县区")
        for department in knowledge.departments:
            named = stem and department.name.startswith(stem)
            keyed = away.best.place.name in department.keywords
            if department.kind == OUTSIDE_KIND and (named or keyed):
                return department.name
        return f"非本市（{city}）" if city else "非本市"

    def _places(self, mentions: Sequence[Mention], where: Address) -> dict[str, FieldValue]:
        kept = [m for m in mentions if not m.negated and m.best.place.name in where.names]
        if not kept:
            return {}
        spans = tuple(self.transcript.span(m.start, m.end, "gazetteer") for m in kept)
        sure = min(m.best.score for m in kept)
        choices = tuple(
            {**as_choice(c, self.city.resolver), "words": m.words}
            for m in kept
            for c in m.candidates
        )
        wording = {"value": where.wording, "lat": where.lat, "lon": where.lon, "grid": where.grid}
        return {
            "places": FieldValue(list(where.names), sure, spans, choices=choices),
            "place_text": FieldValue(where.wording, sure, spans, choices=(wording,)),
        }

    def _when(self, matter: Matter, case_type: str, *, only: bool) -> dict[str, FieldValue]:
        text = self.transcript.text[matter.start : matter.end]
        said = self._times(text, case_type)
        if only and self.transcript.versions:
            versions = [(one, self._times(one.text, case_type)) for one in self.transcript.versions]
            said = agreed_times(self.transcript, said, versions)
        said = [t for t in said if t.weight >= TIME_FROM]
        if not said:
            return {}
        best = said[0]
        start, end = matter.start + best.start, matter.start + best.end
        span = self.transcript.span(start, end, best.rule)
        choices = tuple({"value": t.value, "score": t.weight / 5} for t in said[:3])
        return {"occurred_at": FieldValue(best.value, _time_share(best), (span,), choices=choices)}

    def _times(self, text: str, case_type: str) -> list[TimeSaid]:
        said = times_said(text, self.facts.call_time)
        if case_type in ASKING_TYPES:
            return [t for t in said if t.rule in ASKING_TIMES]
        return said

    def _particulars(self, matter: Matter, way: str, case_type: str) -> dict[str, FieldValue]:
        whole = self.transcript.text
        phone = phone_field(self.transcript, self.facts)
        found = {
            "people_count": people_count(whole[matter.start : matter.end]),
            "amount": amount(whole[matter.start : matter.end]),
        }
        for_all = {
            "caller_name": caller_name(whole),
            "confidential": confidential(self.found),
            "urgency": urgency(self._found_in(matter), handling=way, case_type=case_type),
            "wants_callback": wants_callback(
                whole, self.found, phone_said=phone is not None, handling=way
            ),
        }
        out = {n: self._particular(p, n, matter.start) for n, p in found.items() if p is not None}
        out |= {n: self._particular(p, n, 0) for n, p in for_all.items() if p is not None}
        if phone is not None:
            out["phone"] = phone
        return out

    def _particular(self, one: Particular, rule: str, offset: int) -> FieldValue:
        if one.start < 0:
            return FieldValue(one.value, one.confidence)
        span = self.transcript.span(offset + one.start, offset + one.end, rule)
        return FieldValue(one.value, one.confidence, (span,))

    def _words(
        self, text: str, matter: Matter, case_type: str, where: Address
    ) -> dict[str, FieldValue]:
        best = matter.ranked[0] if matter.ranked else Ranked("", 0.0)
        shifted = [
            PhraseHit(h.label, h.phrase, h.start - matter.start, h.end - matter.start, h.weight)
            for h in best.hits
        ]
        category = best.label.split("/")[-1]
        done = write(text, case_type=case_type, place=where.short, hits=shifted, category=category)
        spans = self._spans(best.hits, 0, "clause")
        out = {
            "title": FieldValue(done.title, 0.6, spans),
            "summary": FieldValue(done.summary, 0.6, spans),
            "purpose": FieldValue(done.demand, 0.4),
        }
        if done.demand_at[0] >= 0:
            begin, end = (matter.start + at for at in done.demand_at)
            span = self.transcript.span(begin, end, "demand")
            out["purpose"] = FieldValue(done.demand, 0.7, (span,))
        return out

    def _spans(self, hits: Sequence[PhraseHit], offset: int, rule: str) -> tuple[Span, ...]:
        del offset  # phrases keep their place in the whole call
        best = sorted(hits, key=lambda h: -h.weight)[:MOST_SOURCES]
        return tuple(self.transcript.span(h.start, h.end, rule) for h in best)

    def _type_spans(self, case_type: str) -> tuple[Span, ...]:
        signal = self.found.get(f"type:{case_type}")
        return self._spans(signal.hits, 0, "phrase") if signal else ()

    def _signal_spans(self, way: str) -> tuple[Span, ...]:
        label = {ways.EMERGENCY: "danger", ways.POLICE: "police", ways.MEDIATION: "mediation"}
        signal = self.found.get(label.get(way, ""))
        return self._spans(signal.hits, 0, "phrase") if signal else ()


def _category(matter: Matter) -> tuple[str, str]:
    if not matter.ranked:
        return NO_CATEGORY
    top, low = matter.ranked[0].label.split("/", 1)
    return top, low


def _share(scores: Mapping[str, float]) -> float:
    """How far the best stands above the second: 0.5 for a tie, near 1 when alone."""
    first, second = sorted(scores.values(), reverse=True)[:2]
    return min(0.97, 0.5 + (first - second) / 6)


def _time_share(said: TimeSaid) -> float:
    return min(0.92, 0.3 + said.weight / 8)
