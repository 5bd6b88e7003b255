"""Mapped classes: columns and relationships, no rules. Importing this package maps them all."""

from core.db.tables import (
    access,
    appraisal,
    calls,
    cases,
    drafting,
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
    "appraisal",
    "calls",
    "cases",
    "drafting",
    "handling",
    "lines",
    "outbox",
    "outgoing",
    "people",
    "sides",
    "units",
]
