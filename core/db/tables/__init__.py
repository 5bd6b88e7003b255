"""Mapped classes: columns and relationships, no rules. Importing this package maps them all."""

from core.db.tables import (
    access,
    api,
    appraisal,
    calls,
    cases,
    drafting,
    exchange,
    handling,
    lines,
    outbox,
    outgoing,
    people,
    sides,
    units,
)

__all__ = [
    "access",
    "api",
    "appraisal",
    "calls",
    "cases",
    "drafting",
    "exchange",
    "handling",
    "lines",
    "outbox",
    "outgoing",
    "people",
    "sides",
    "units",
]
