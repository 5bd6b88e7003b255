"""Which kind of matter a call is and whose it is: rules over phrases plus a small trained model."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from recordings.drafting.knowledge import Department, Knowledge
from recordings.drafting.model import CategoryModel
from recordings.drafting.sounds import Heard
from recordings.drafting.topics import (
    PhraseBook,
    PhraseHit,
    place_in_taxonomy,
    told_apart,
    topic_book,
    topic_scores,
)

Category = tuple[str, str]
Key = TypeVar("Key")
MODEL_SHARE = 0.55
PHRASE_SHARE = 1.6
LOCAL_KINDS = ("镇", "街道", "乡")
OUTSIDE_KIND = "外市"
LISTED, BY_HISTORY, BY_KEYWORD, OWN_TOWN = 2.0, 1.2, 1.0, 2.4


@dataclass(frozen=True, slots=True)
class Ranked:
    """A label and how sure we are, with the phrases that speak for it."""

    label: str
    share: float
    hits: tuple[PhraseHit, ...] = ()


@dataclass(frozen=True)
class Classifier:
    """One city's matters: taxonomy, departments and history turned into scores."""

    knowledge: Knowledge
    model: CategoryModel
    _homes: Mapping[str, Category] = field(default_factory=dict)
    _keywords: PhraseBook = field(default_factory=lambda: PhraseBook(()))
    _by_history: Mapping[Category, Counter[str]] = field(default_factory=dict)
    _keyword_owners: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def build(cls, knowledge: Knowledge, model: CategoryModel) -> Classifier:
        by_history: dict[Category, Counter[str]] = defaultdict(Counter)
        for case in knowledge.history:
            by_history[case.category][case.department] += 1
        owners = Counter(word for d in knowledge.departments for word in set(d.keywords))
        entries = [(d.name, word, 1.0) for d in knowledge.departments for word in d.keywords]
        return cls(
            knowledge,
            model,
            place_in_taxonomy(knowledge.taxonomy),
            PhraseBook(entries),
            by_history,
            owners,
        )

    def home_of(self, topic: str) -> str:
        """The category, as 'level 1/level 2', where a topic belongs in this city; '' for none."""
        return "/".join(self._homes.get(topic, ()))

    def phrases(self, heard: Heard) -> list[PhraseHit]:
        """The topics' phrases heard; kept apart so that a call pays for them once."""
        return topic_book().find(heard)

    def categories(self, text: str, hits: Sequence[PhraseHit]) -> list[Ranked]:
        """Categories best first; shares add up to one. Empty when nothing speaks for any."""
        logs = self.model.log_shares(text)
        hits = told_apart(hits, self._homes)
        by_topic = topic_scores(hits)
        scores: dict[Category, float] = {}
        for category in self.knowledge.categories:
            scores[category] = MODEL_SHARE * logs.get(category, math.log(1e-3))
        spoken: dict[Category, list[PhraseHit]] = defaultdict(list)
        for topic, weight in by_topic.items():
            home = self._homes.get(topic)
            if home is not None:
                scores[home] = scores.get(home, math.log(1e-3)) + PHRASE_SHARE * weight
                spoken[home] += [hit for hit in hits if hit.label == topic]
        if not scores or (not spoken and not self.model.knows(text)):
            return []
        shares = _softmax(scores)
        order = sorted(scores, key=lambda c: (-scores[c], c))
        return [Ranked("/".join(c), shares[c], tuple(spoken[c])) for c in order]

    def departments(
        self, category: Category, heard: Heard, town: str, *, rural: bool = False
    ) -> list[Ranked]:
        """Departments best first for a matter of this category in this town."""
        words: dict[str, list[PhraseHit]] = defaultdict(list)
        for hit in self._keywords.find(heard):
            words[hit.label].append(hit)
        past = self._by_history.get(category, Counter())
        scores = {
            d.name: self._department_score(d, category, town, words[d.name], past)
            for d in self.knowledge.departments
            if d.kind != OUTSIDE_KIND and (not _is_local(d) or _is_of(d, town))
        }
        if not rural:
            for name in [d.name for d in self.knowledge.departments if _is_local(d)]:
                if name in scores:
                    scores[name] -= 0.4
        shares = _softmax(scores)
        order = sorted(scores, key=lambda name: (-scores[name], name))
        return [Ranked(name, shares[name], tuple(words[name])) for name in order]

    def _department_score(
        self,
        department: Department,
        category: Category,
        town: str,
        hits: Sequence[PhraseHit],
        past: Counter[str],
    ) -> float:
        listed = "/".join(category) in department.categories
        share = past[department.name] / past.total() if past.total() else 0.0
        total = LISTED * listed + BY_HISTORY * share
        for phrase in {hit.phrase for hit in hits}:
            weight = max(hit.weight for hit in hits if hit.phrase == phrase)
            total += BY_KEYWORD * weight / self._keyword_owners.get(phrase, 1)
        if listed and _is_local(department) and _is_of(department, town):
            total += OWN_TOWN
        return total


def _is_local(department: Department) -> bool:
    return department.kind in LOCAL_KINDS


def _is_of(department: Department, town: str) -> bool:
    return bool(town) and department.name.startswith(town)


def _softmax(scores: Mapping[Key, float]) -> dict[Key, float]:
    if not scores:
        return {}
    top = max(scores.values())
    raised = {key: math.exp(value - top) for key, value in scores.items()}
    total = sum(raised.values())
    return {key: value / total for key, value in raised.items()}
