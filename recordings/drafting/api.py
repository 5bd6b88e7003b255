"""The front door of drafting: a call's utterances in, a suggested draft out.

Everything is pure: the same utterances, knowledge and facts give the same suggestion. Call it
again after each final utterance; it reads the whole call each time, which costs milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.domain.drafts import DraftSuggestion
from recordings.drafting import handling, matters, signals
from recordings.drafting.classify import Ranked
from recordings.drafting.fields import MatterReader
from recordings.drafting.hearings import agreed_mentions, agreed_ranking, agreed_signals
from recordings.drafting.knowledge import Knowledge, load_knowledge
from recordings.drafting.model import CategoryModel, train
from recordings.drafting.phones import NumberHeard
from recordings.drafting.place_wording import question
from recordings.drafting.prepared import CallFacts, PreparedCity
from recordings.drafting.sounds import hear
from recordings.drafting.transcript import AGENT, CALLER, Transcript, Utterance, Word

__all__ = [
    "AGENT",
    "CALLER",
    "CallFacts",
    "CategoryModel",
    "Drafter",
    "Knowledge",
    "NumberHeard",
    "Utterance",
    "Word",
    "draft",
    "load_knowledge",
    "train",
]

DANGER_TOPIC = "突发险情"
CLEAR = 0.6
# A three-hour call is read by its beginning and its latest words.
HEAD_CHARACTERS, TAIL_CHARACTERS = 3_000, 1_500


@dataclass(frozen=True)
class Drafter:
    """Drafts the calls of one city: build once, draft often."""

    city: PreparedCity

    @classmethod
    def build(cls, knowledge: Knowledge, model: CategoryModel | None = None) -> Drafter:
        """Make knowledge ready; trains the model when none is given (some seconds)."""
        return cls(PreparedCity.build(knowledge, model))

    def possible_names(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Names of places that may have been said, for a recogniser to listen for again."""
        return self.city.resolver.possible(texts)

    def draft(self, utterances: Iterable[Utterance], facts: CallFacts) -> DraftSuggestion:
        """The suggestion for a call so far; `others` holds a second matter's draft."""
        transcript = Transcript(_bounded(list(utterances)))
        text = transcript.text
        if not text.strip():
            return DraftSuggestion(fields={})
        classifier = self.city.classifier
        heard = hear(text)
        hits = classifier.phrases(heard)
        mentions = agreed_mentions(transcript, self.city.resolver)
        found = agreed_signals(transcript, signals.signals(heard))

        def judge(start: int, end: int) -> list[Ranked]:
            inside = [hit for hit in hits if start <= hit.start and hit.end <= end]
            return classifier.categories(text[start:end], inside)

        parts = self._agreed(transcript, matters.split_matters(text, judge))
        parts = self._by_danger(parts, found)
        reader = MatterReader(self.city, transcript, facts, mentions, found)
        only = len(parts) == 1
        drafts = [reader.fields(part, head_end=parts[0].end, only=only) for part in parts]
        wires = handling.tripwires(transcript, found, mentions)
        asked = question([m for m in mentions if not m.negated], self.city.resolver)
        others = tuple(DraftSuggestion(fields=one) for one in drafts[1:])
        return DraftSuggestion(drafts[0], wires, asked, others)

    def _agreed(self, transcript: Transcript, parts: list[matters.Matter]) -> list[matters.Matter]:
        """A single matter is ranked by all hearings of the call."""
        if len(parts) > 1 or not transcript.versions:
            return parts
        classifier = self.city.classifier
        rankings: list[Sequence[Ranked]] = [parts[0].ranked]
        for version in transcript.versions:
            hits = classifier.phrases(hear(version.text))
            rankings.append(classifier.categories(version.text, hits))
        return [replace(parts[0], ranked=tuple(agreed_ranking(rankings)))]

    def _by_danger(
        self, parts: list[matters.Matter], found: Mapping[str, signals.Signal]
    ) -> list[matters.Matter]:
        """Where life is in danger and the kind of matter is in doubt, it is the danger itself."""
        danger = found.get("danger")
        home = self.city.classifier.home_of(DANGER_TOPIC)
        if danger is None or danger.weight < handling.DANGER_FROM or not home or len(parts) > 1:
            return parts
        ranked = parts[0].ranked
        if ranked and (ranked[0].share >= CLEAR or ranked[0].label == home):
            return parts
        rest = tuple(one for one in ranked if one.label != home)
        return [replace(parts[0], ranked=(Ranked(home, CLEAR, danger.hits), *rest))]


def draft(
    utterances: Iterable[Utterance], knowledge: Knowledge | Drafter, facts: CallFacts
) -> DraftSuggestion:
    """Draft a call; give a Drafter where there is more than one call to draft."""
    drafter = knowledge if isinstance(knowledge, Drafter) else Drafter.build(knowledge)
    return drafter.draft(utterances, facts)


def _bounded(utterances: Sequence[Utterance]) -> list[Utterance]:
    """The first and the last words of a call, no more than can be read at once."""
    head = _up_to(utterances, HEAD_CHARACTERS + TAIL_CHARACTERS)
    if len(head) == len(utterances):
        return head
    head = _up_to(utterances, HEAD_CHARACTERS)
    tail = _up_to(utterances[: len(head) - 1 : -1] if head else utterances[::-1], TAIL_CHARACTERS)
    return head + tail[::-1]


def _up_to(utterances: Sequence[Utterance], characters: int) -> list[Utterance]:
    """The first utterances that together have at most so many characters."""
    out: list[Utterance] = []
    size = 0
    for one in utterances:
        size += len(one.text)
        if size > characters:
            break
        out.append(one)
    return out
