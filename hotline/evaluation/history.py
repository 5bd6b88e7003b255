"""Duplicates and bursts of a corpus' history held against their truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recordings.drafting.knowledge import Knowledge


def history_metrics(folder: Path, knowledge: Knowledge) -> dict[str, Any]:
    """Pairwise F1 of duplicates, bursts found and invented."""
    del folder, knowledge
    return {}
