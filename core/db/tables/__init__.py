"""Mapped classes: columns and relationships, no rules. Importing this package maps them all."""

from core.db.tables import calls, cases, handling, lines, outbox, people

__all__ = ["calls", "cases", "handling", "lines", "outbox", "people"]
