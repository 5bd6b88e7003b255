"""Mapped classes: columns and relationships, no rules."""
