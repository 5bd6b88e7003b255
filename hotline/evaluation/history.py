"""Duplicates and bursts of a corpus' history held against their truth."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from recordings.drafting.knowledge import Knowledge, PastCase
from recordings.drafting.same_trouble import Matter, bursts, groups

Pair = frozenset[str]


def history_metrics(folder: Path, knowledge: Knowledge) -> dict[str, Any]:
    """Pairwise F1 of duplicates, share of bursts found, number of bursts invented."""
    path = folder / "history_truth.json"
    if not path.exists() or not knowledge.history:
        return {}
    truth = json.loads(path.read_text(encoding="utf-8"))
    found = groups([matter_of(case) for case in knowledge.history])
    sudden = bursts(found)
    burst_ids = [set(one.ids) for one in sudden]
    small = [[m.id for m in members] for members in found
             if len(members) > 1 and {m.id for m in members} not in burst_ids]  # fmt: skip
    wanted = _pairs(row["ids"] for row in truth["duplicates"])
    # A pair inside a true burst is right too, only it is not asked for here.
    allowed = _pairs(row["ids"] for row in truth["bursts"])
    got = _pairs(small) - allowed
    hit = len(got & wanted)
    true_bursts = [set(row["ids"]) for row in truth["bursts"]]
    return {
        "duplicate_f1": round(2 * hit / (len(got) + len(wanted)), 4) if got or wanted else 1.0,
        "duplicate_precision": round(hit / len(got), 4) if got else None,
        "duplicate_recall": round(hit / len(wanted), 4) if wanted else None,
        "bursts_found": _share_found(true_bursts, burst_ids),
        "bursts_false": sum(not any(_mostly(b, t) for t in true_bursts) for b in burst_ids),
    }


def matter_of(case: PastCase) -> Matter:
    """An earlier case as the likeness rules see it."""
    places = (case.place,) if case.place else ()
    at = case.created_at or datetime.min  # noqa: DTZ901  a case without time is far away
    return Matter(case.id, case.category, case.text, at, places, case.town, case.lat, case.lon)


def _pairs(rows: Iterable[Sequence[str]]) -> set[Pair]:
    return {frozenset(pair) for ids in rows for pair in combinations(ids, 2)}


def _share_found(wanted: Sequence[set[str]], got: Sequence[set[str]]) -> float | None:
    if not wanted:
        return None
    return sum(any(_mostly(b, t) for b in got) for t in wanted) / len(wanted)


def _mostly(got: set[str], wanted: set[str]) -> bool:
    """At least half of the true burst, and mostly made of it."""
    common = len(got & wanted)
    return 2 * common >= len(wanted) and 2 * common >= len(got)
