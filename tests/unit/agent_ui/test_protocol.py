"""The closed set of desk messages."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_ui.live import protocol as p


def test_a_good_message_is_read_with_its_number() -> None:
    message = p.decode('{"type":"hold","id":"7","call_id":"c1"}')
    assert message == p.Hold(id="7", call_id="c1")


@pytest.mark.parametrize(
    "raw",
    [
        "", "no json", "[]", '"text"', "null", "{}", '{"type":"fly"}', b"\x00",
        '{"type":"hold"}',
        '{"type":"hold","call_id":7}',
        '{"type":"hold","call_id":"c1","extra":1}',
        '{"type":"pause","reason":"sleepy"}',
        '{"type":"extend_wrap_up","seconds":true}',
        '{"type":"extend_wrap_up","seconds":100000}',
        '{"type":"submit_draft","call_id":"c","case_id":"k","handling":"burn"}',
        "[" * 50_000,
    ],
)  # fmt: skip
def test_a_message_of_another_shape_is_refused(raw: str | bytes) -> None:
    with pytest.raises(p.MessageRefused):
        p.decode(raw)


def test_a_refusal_names_the_message_it_answers() -> None:
    with pytest.raises(p.MessageRefused) as refused:
        p.decode('{"type":"hold","id":"9"}')
    assert refused.value.details["request_id"] == "9"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: (
    st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["type", "id", "call_id"]), inner)
)))  # fmt: skip
def test_nothing_a_browser_sends_can_break_the_reader(value: object) -> None:
    try:
        p.decode(json.dumps(value))
    except p.MessageRefused:
        return
