"""Topics find their place in any taxonomy, and a narrower one takes its phrases from a wider."""

from __future__ import annotations

from recordings.drafting.classify import Classifier
from recordings.drafting.knowledge import Knowledge
from recordings.drafting.model import train
from recordings.drafting.sounds import hear
from recordings.drafting.topics import place_in_taxonomy

TAXONOMY = {"市场监管": ("消费纠纷", "预付卡"), "劳动保障": ("拖欠工资", "社会保险")}


def best(text: str, taxonomy: dict[str, tuple[str, ...]]) -> str:
    knowledge = Knowledge(taxonomy=taxonomy)
    classifier = Classifier.build(knowledge, train(knowledge))
    return classifier.categories(text, classifier.phrases(hear(text)))[0].label


def test_another_name_for_a_topic_is_its_home() -> None:
    assert place_in_taxonomy(TAXONOMY)["欠薪维权"] == ("劳动保障", "拖欠工资")
    assert best("老板三个月没有发工资了", TAXONOMY) == "劳动保障/拖欠工资"


def test_the_narrower_topic_wins_where_the_taxonomy_has_it() -> None:
    text = "健身房突然关门了，卡里的钱要求退款"
    assert best(text, TAXONOMY) == "市场监管/预付卡"
    wide = {**TAXONOMY, "市场监管": ("消费纠纷", "食品安全")}
    assert best(text, wide) == "市场监管/消费纠纷"
