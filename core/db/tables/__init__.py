"""Mapped classes: columns and relationships, no rules. Importing this package maps them all."""

from core.db.tables import calls, cases, lines, outbox, people

__all__ = ["calls", "cases", "lines", "outbox", "people"]
