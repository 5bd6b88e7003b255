"""Logs: facts, not people."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from core import logs


@pytest.fixture(autouse=True)
def _root_logger_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def _lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_its_fields_and_without_personal_ones() -> None:
    stream = io.StringIO()
    logs.set_up("test", stream=stream)
    logging.getLogger("x").info("call queued", extra={"call_id": "c1", "pii_name": "王五"})
    (line,) = _lines(stream)
    assert line["message"] == "call queued"
    assert line["call_id"] == "c1"
    assert "王五" not in stream.getvalue()


def test_the_text_of_an_exception_is_never_written() -> None:
    stream = io.StringIO()
    logs.set_up("test", stream=stream)
    try:
        int("13862754310 is no number")
    except ValueError:
        logging.getLogger("x").exception("step failed")
    (line,) = _lines(stream)
    assert line["error"] == "ValueError"
    assert "13862754310" not in stream.getvalue()
