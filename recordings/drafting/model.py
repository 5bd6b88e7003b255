"""The small trained model: category from characters and sounds, learnt in seconds."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from recordings.drafting.knowledge import Knowledge
from recordings.drafting.sounds import folded_key
from recordings.drafting.topics import place_in_taxonomy, topics

Category = tuple[str, str]
SEED = 20_260_101
SMALLEST = 1e-4
ENOUGH_GRAMS = 6
TWO = 2


def _nothing() -> npt.NDArray[np.float32]:
    return np.zeros(0, np.float32)


def _grams(text: str) -> list[str]:
    """Pairs and triples of characters, and pairs of folded sounds marked apart."""
    out = [text[i : i + n] for n in (2, 3) for i in range(len(text) - n + 1)]
    sounds = folded_key(text)
    out += ["~" + sounds[i : i + 2] for i in range(len(sounds) - 1)]
    return [gram for gram in out if " " not in gram and "\n" not in gram]


@dataclass(frozen=True)
class CategoryModel:
    """Weights over grams; pure numbers, so that a saved model is text and loads anywhere."""

    labels: tuple[Category, ...] = ()
    vocabulary: Mapping[str, int] | None = None
    weights: npt.NDArray[np.float32] | None = None
    idf: npt.NDArray[np.float32] = field(default_factory=_nothing)
    bias: npt.NDArray[np.float32] = field(default_factory=_nothing)

    def knows(self, text: str) -> bool:
        """Whether the text shares enough with what was learnt to be judged at all."""
        known = self.vocabulary or {}
        return sum(gram in known for gram in _grams(text)) >= ENOUGH_GRAMS

    def log_shares(self, text: str) -> dict[Category, float]:
        """Category -> log of its share; empty for an untrained model."""
        if self.vocabulary is None or self.weights is None:
            return {}
        counts: dict[int, int] = {}
        for gram in _grams(text):
            at = self.vocabulary.get(gram)
            if at is not None:
                counts[at] = counts.get(at, 0) + 1
        columns = np.fromiter(counts, np.int64, len(counts))
        values = np.array([1 + math.log(counts[int(c)]) for c in columns], np.float32)
        values *= self.idf[columns]
        norm = float(np.linalg.norm(values)) or 1.0
        logits = self.weights[:, columns] @ (values / norm) + self.bias
        raised = np.exp(logits - logits.max())
        shares = raised / raised.sum()
        return {
            label: math.log(max(SMALLEST, float(share)))
            for label, share in zip(self.labels, shares, strict=True)
        }

    def to_json(self) -> str:
        """The model as text; from_json reads it back."""
        if self.vocabulary is None or self.weights is None:
            return json.dumps({"labels": []})
        return json.dumps(
            {
                "labels": self.labels,
                "vocabulary": list(self.vocabulary),
                "idf": np.round(self.idf, 4).tolist(),
                "weights": np.round(self.weights, 4).tolist(),
                "bias": np.round(self.bias, 4).tolist(),
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> CategoryModel:
        data = json.loads(text)
        if not data["labels"]:
            return cls()
        return cls(
            tuple((top, low) for top, low in data["labels"]),
            {gram: i for i, gram in enumerate(data["vocabulary"])},
            np.array(data["weights"], np.float32),
            np.array(data["idf"], np.float32),
            np.array(data["bias"], np.float32),
        )


def train(knowledge: Knowledge, confirmed: Iterable[tuple[str, Category]] = ()) -> CategoryModel:
    """Learn from topics, taxonomy, departments and earlier cases; the same data, the same model.

    confirmed: (words of the call, category) of cases that a person has confirmed since.
    """
    samples = [*_samples(knowledge), *confirmed]
    labels = sorted({label for _, label in samples})
    if len(labels) < TWO:
        return CategoryModel()
    vectorizer = TfidfVectorizer(analyzer=_grams, sublinear_tf=True, min_df=1)
    matrix = vectorizer.fit_transform([text for text, _ in samples])
    numbers = [labels.index(label) for _, label in samples]
    learner = LogisticRegression(C=8.0, max_iter=300, class_weight="balanced", random_state=SEED)
    learner.fit(matrix, numbers)
    weights = learner.coef_.astype(np.float32)
    bias = learner.intercept_.astype(np.float32)
    if len(labels) == TWO:
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    vocabulary = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
    return CategoryModel(
        tuple(labels),
        {gram: i for i, gram in enumerate(vocabulary)},
        weights,
        vectorizer.idf_.astype(np.float32),
        bias,
    )


def _samples(knowledge: Knowledge) -> list[tuple[str, Category]]:
    out: list[tuple[str, Category]] = []
    known = set(knowledge.categories)
    homes = place_in_taxonomy(knowledge.taxonomy)
    for topic in topics():
        home = homes.get(topic.name)
        if home is not None:
            out += [(word, home) for word in (*topic.words, *topic.weak)]
    for top, low in knowledge.categories:
        out += [(low, (top, low)), (f"{top}{low}", (top, low))]
    for department in knowledge.departments:
        owned = [tuple(name.split("/", 1)) for name in department.categories]
        if len(owned) == 1 and owned[0] in known:
            out += [(word, (owned[0][0], owned[0][1])) for word in department.keywords]
    told = (
        (without_names(case.text, (case.town, case.place)), case.category)
        for case in knowledge.history
        if case.category in known
    )
    return [*out, *dict.fromkeys(told)]


def without_names(text: str, names: Sequence[str]) -> str:
    """A text without the places in it, so that a matter is not judged by where it happened."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, "")
    return text
