"""A city's files are read, or refused with the line and column."""

from __future__ import annotations

import json

import pytest

from recordings.drafting.knowledge import (
    KnowledgeRefused,
    read_departments,
    read_gazetteer,
    read_history,
    read_taxonomy,
)

PLACE = {"id": "P1", "name": "振华路", "kind": "road", "lat": 31.0, "lon": 121.0}


def test_a_gazetteer_is_read_from_a_list_and_from_lines() -> None:
    as_list = read_gazetteer(json.dumps([PLACE, PLACE], indent=1))
    as_lines = read_gazetteer("\n".join(json.dumps(PLACE) for _ in range(2)))
    assert as_list == as_lines
    assert len(as_list) == 2


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('[\n{"id": "P1",\n "name" "x"}]', 3, 9),
        ('[{"id": "P1", "name": "a", "kind": "road"},\n{"id": "P2", "kind": "road"}]', 2, 1),
        ('[{"id": "P1", "name": "a", "kind": "road", "lat": "north"}]', 1, 1),
        ("[\n7]", 2, 1),
    ],
)
def test_a_malformed_gazetteer_names_line_and_column(text: str, line: int, column: int) -> None:
    with pytest.raises(KnowledgeRefused) as refused:
        read_gazetteer(text)
    assert (refused.value.details["line"], refused.value.details["column"]) == (line, column)


def test_empty_files_are_empty_knowledge() -> None:
    assert read_gazetteer("") == ()
    assert read_departments(" \n") == ()
    assert read_taxonomy("") == {}
    assert read_history("") == ()


def test_a_taxonomy_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(KnowledgeRefused):
        read_taxonomy('{"城市管理": "路灯"}')


def test_a_history_line_without_time_is_taken_and_a_wrong_time_is_not() -> None:
    row = {"id": "H1", "text": "路灯坏了", "category": ["城市管理", "路灯照明"]}
    assert read_history(json.dumps(row))[0].created_at is None
    with pytest.raises(KnowledgeRefused):
        read_history(json.dumps({**row, "created_at": "yesterday"}))
