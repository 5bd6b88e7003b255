"""A draft: the machine fills, a person's typing wins."""

from hypothesis import given
from hypothesis import strategies as st

from core.domain.drafts import (
    FIELD_NAMES,
    FieldOrigin,
    FieldValue,
    Span,
    merge_machine,
    merge_person,
)

names = st.sampled_from(FIELD_NAMES)
texts = st.text(max_size=8)
spans = st.builds(Span, st.just("caller"), st.integers(0, 100), st.integers(100, 900), texts, texts)
values = st.builds(FieldValue, value=texts, confidence=st.floats(0, 1), sources=st.tuples(spans))
suggestions = st.dictionaries(names, values)
steps = st.lists(st.one_of(suggestions, st.tuples(names, texts)), max_size=12)


def test_a_machine_fills_an_empty_field() -> None:
    merged = merge_machine({}, {"category": FieldValue("城市管理/路灯照明", 0.9)})
    assert merged["category"].value == "城市管理/路灯照明"


def test_a_machine_replaces_its_own_earlier_value() -> None:
    merged = merge_machine({"urgency": FieldValue("一般")}, {"urgency": FieldValue("紧急")})
    assert merged["urgency"].value == "紧急"


def test_a_machine_only_suggests_beside_what_a_person_typed() -> None:
    typed = merge_person({}, "place_text", "人民路3号", origin=FieldOrigin.AGENT)
    merged = merge_machine(typed, {"place_text": FieldValue("人民路", 0.99)})
    assert merged["place_text"].value == "人民路3号"
    assert merged["place_text"].suggestion == "人民路"


def test_typing_over_a_machine_value_keeps_it_as_suggestion() -> None:
    first = merge_machine({}, {"title": FieldValue("路灯不亮", 0.8)})
    typed = merge_person(first, "title", "路灯损坏", origin=FieldOrigin.AGENT)
    assert (typed["title"].value, typed["title"].suggestion) == ("路灯损坏", "路灯不亮")


@given(steps)
def test_whatever_the_order_a_persons_last_word_on_a_field_stands(
    history: list[dict[str, FieldValue] | tuple[str, str]],
) -> None:
    fields: dict[str, FieldValue] = {}
    typed: dict[str, str] = {}
    for step in history:
        if isinstance(step, dict):
            fields = merge_machine(fields, step)
        else:
            name, text = step
            fields = merge_person(fields, name, text, origin=FieldOrigin.AGENT)
            typed[name] = text
    for name, text in typed.items():
        assert fields[name].value == text


@given(values)
def test_a_field_survives_its_json_form(value: FieldValue) -> None:
    again = FieldValue.from_json(value.as_json())
    assert again.value == value.value
    assert again.sources == value.sources
    assert abs(again.confidence - value.confidence) <= 0.001
