"""One city's knowledge made ready for drafting: classifier, place resolver, earlier habits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from recordings.drafting.case_types import priors
from recordings.drafting.classify import Classifier
from recordings.drafting.knowledge import Knowledge
from recordings.drafting.model import CategoryModel, train
from recordings.drafting.phones import NumberHeard
from recordings.drafting.places import PlaceResolver


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known of a call besides its words. call_time is the city's local time."""

    call_time: datetime
    caller_number: str = ""
    keyed_phone: str = ""
    numbers_heard: tuple[NumberHeard, ...] = ()


@dataclass(frozen=True)
class PreparedCity:
    """Built once, used for every call."""

    knowledge: Knowledge
    classifier: Classifier
    resolver: PlaceResolver
    type_priors: Mapping[tuple[str, str], Counter[str]]

    @classmethod
    def build(cls, knowledge: Knowledge, model: CategoryModel | None = None) -> PreparedCity:
        """Make knowledge ready; trains the model when none is given (some seconds)."""
        learnt = train(knowledge) if model is None else model
        seen = Counter(case.place for case in knowledge.history)
        seen.update(case.town for case in knowledge.history)
        resolver = PlaceResolver(knowledge.places, seen)
        return cls(knowledge, Classifier.build(knowledge, learnt), resolver, priors(knowledge))
