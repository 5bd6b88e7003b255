"""The base of every event."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Base of every event."""
