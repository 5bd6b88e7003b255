"""Logging: one JSON line an event, a static message plus fields, never personal data.

Fields whose name starts with ``pii_`` are dropped before a line is written; everything else is
written as given, so a caller's number goes in masked (`core.vault.mask_phone`) or not at all.
"""

import json
import logging
import sys
from contextvars import ContextVar
from typing import TextIO

from typing_extensions import override

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_context: ContextVar[dict[str, str] | None] = ContextVar("log_context", default=None)


def bind(**fields: str) -> None:
    """Add fields (call_id, case_id, agent_id ...) to every later line of this task."""
    _context.set({**(_context.get() or {}), **fields})


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    @override
    def format(self, record: logging.LogRecord) -> str:
        fields = {
            key: value
            for key, value in record.__dict__.items()
            if key not in _STANDARD and not key.startswith("pii_")
        }
        line: dict[str, object] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname,
            "process": self._process,
            "logger": record.name,
            "message": record.getMessage(),
            **(_context.get() or {}),
            **fields,
        }
        if record.exc_info:
            # The text of an exception may quote a caller; its kind and its place may not.
            kind, _, trace = record.exc_info
            line["error"] = kind.__name__ if kind else "unknown"
            places = []
            while trace is not None:
                code = trace.tb_frame.f_code
                places.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno}")
                trace = trace.tb_next
            line["trace"] = places[-8:]
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up(process: str, *, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every log line of this process to `stream` (standard error by default)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("websockets").setLevel("WARNING")
    logging.getLogger("aiohttp.access").setLevel("WARNING")
