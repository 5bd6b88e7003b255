"""Events on the wire: every kind survives, nothing misshapen is guessed at."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.codec import decode, encode, from_payload
from core.domain.events import EVENTS, Event
from core.errors import InputRefused

_TEXT = st.text(max_size=6)
_BY_TYPE: dict[str, st.SearchStrategy[object]] = {
    "str": _TEXT,
    "int": st.integers(0, 9),
    "float": st.floats(0, 1),
    "bool": st.booleans(),
    "str | None": st.none() | _TEXT,
    "tuple[str, ...]": st.tuples(_TEXT),
    "tuple[dict[str, typing.Any], ...]": st.tuples(st.dictionaries(_TEXT, _TEXT)),
    "dict[str, typing.Any]": st.dictionaries(_TEXT, _TEXT),
}


def _some(cls: type[Event]) -> st.SearchStrategy[Event]:
    def of(annotation: object) -> st.SearchStrategy[object]:
        name = annotation.__name__ if isinstance(annotation, type) else str(annotation)
        return _BY_TYPE[str(annotation) if "[" in str(annotation) else name]

    return st.builds(cls, **{f.name: of(f.type) for f in fields(cls)})


events = st.one_of([_some(cls) for cls in EVENTS.values()])


@given(events)
def test_an_event_comes_back_as_it_went(event: Event) -> None:
    assert decode("1-0", encode("e1", event)).event == event


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"id": "1", "kind": "CallEnded", "payload": "{"},
        {"id": "1", "kind": "CallEnded", "payload": "[]"},
        {"id": "1", "kind": "NoSuchEvent", "payload": "{}"},
        {"id": "1", "kind": "CallEnded", "payload": '{"call_id": "c"}'},
        {"id": "1", "kind": "CallHeld", "payload": '{"call_id":"c","agent_id":"a","at":"","x":1}'},
    ],
)
def test_a_misshapen_entry_is_refused(entry: dict[str, str]) -> None:
    with pytest.raises(InputRefused):
        decode("1-0", entry)


def test_an_event_name_says_what_has_happened() -> None:
    with pytest.raises(InputRefused):
        from_payload("Event", {})
    assert all(name[0].isupper() for name in EVENTS)
