"""Outcomes of many calls as shares with their intervals, and the calls that went worst."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hotline.evaluation.compare import Outcome

SHARES = ("case_type", "category", "department", "phone_offered", "handling", "occurrence_time",
          "second_matter")  # fmt: skip
Z = 1.96
WORST = 12
SPEEDS = ("cer", "draft_seconds_p95", "second_pass_times_audio_p95")
TARGETS = {
    "case_type": (0.92, 0.95), "category": (0.85, 0.90), "department": (0.85, 0.90),
    "places_recall": (0.93, 0.97), "places_precision": (0.93, 0.95), "phone_offered": (0.75, 0.98),
    "handling": (0.95, 0.97), "occurrence_time": (0.75, 0.85), "second_matter": (0.80, 0.90),
}  # fmt: skip


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Every metric over these calls; a share without any call to judge is null."""
    out: dict[str, Any] = {}
    intervals: dict[str, list[float]] = {}
    for name in SHARES:
        judged = [o.right[name] for o in outcomes if o.right.get(name) is not None]
        out[name] = _share(sum(bool(x) for x in judged), len(judged))
        intervals[name] = wilson(sum(bool(x) for x in judged), len(judged))
    hit = sum(o.places_hit for o in outcomes)
    wanted = sum(o.places_wanted for o in outcomes)
    wrong = sum(o.places_wrong for o in outcomes)
    out["places_recall"], intervals["places_recall"] = _share(hit, wanted), wilson(hit, wanted)
    out["places_precision"] = _share(hit, hit + wrong)
    intervals["places_precision"] = wilson(hit, hit + wrong)
    out["phone_confirmed_wrong"] = sum(o.phone_confirmed_wrong for o in outcomes)
    out["emergency_missed"] = sum(o.emergency_missed for o in outcomes)
    out["second_invented"] = sum(o.second_invented for o in outcomes)
    out["cer"] = _share(sum(o.edits for o in outcomes), sum(o.characters for o in outcomes))
    seconds = sorted(s for o in outcomes for s in o.seconds)
    out["draft_seconds_p95"] = round(percentile(seconds, 0.95), 4)
    passes = sorted(o.second_pass for o in outcomes if o.second_pass is not None)
    if passes:
        out["second_pass_times_audio_p95"] = round(percentile(passes, 0.95), 3)
    out["calls"] = len(outcomes)
    out["intervals"] = intervals
    return out


def worst(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """The calls with the most wrong fields, and what was written instead."""

    def wrong(outcome: Outcome) -> list[str]:
        names = [name for name, right in outcome.right.items() if right is False]
        names += ["places"] if outcome.places_hit < outcome.places_wanted else []
        return names + (["places_wrong"] if outcome.places_wrong else [])

    order = sorted(outcomes, key=lambda o: (-len(wrong(o)), o.id, o.variant))
    return [
        {"id": o.id, "variant": o.variant, "wrong": wrong(o), "got": o.got}
        for o in order[:WORST]
        if wrong(o)
    ]


def wilson(right: int, total: int) -> list[float]:
    """The 95 % interval of a share of few cases."""
    if total == 0:
        return [0.0, 1.0]
    share = right / total
    middle = share + Z * Z / (2 * total)
    width = Z * math.sqrt(share * (1 - share) / total + Z * Z / (4 * total * total))
    scale = 1 + Z * Z / total
    return [round((middle - width) / scale, 3), round((middle + width) / scale, 3)]


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies; 0 for none."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


def table(result: Mapping[str, Any]) -> str:
    """The metrics beside their targets with their intervals, and the worst calls."""
    spoken, text = result["spoken"], result["text"]
    lines = ["字段                 语音   （95%区间）    目标   真实文本  目标"]
    lines += [
        f"{name:<20} {_cell(spoken.get(name))} {_interval(spoken, name)}  {ear:.2f}   "
        f"{_cell(text.get(name))}  {words:.2f}"
        for name, (ear, words) in TARGETS.items()
    ]
    lines += [
        f"{name:<20} {spoken.get(name, '-')}      0     {text.get(name, '-')}"
        for name in ("phone_confirmed_wrong", "emergency_missed", "second_invented")
    ]
    lines += [f"{name:<20} {_cell(spoken.get(name))}" for name in SPEEDS]
    lines += [f"历史 {name:<15} {value}" for name, value in result["history"].items()]
    lines += [f"差 {o['id']} {o['variant']}：{'、'.join(o['wrong'])}" for o in result["worst"]]
    return "\n".join(lines)


def _interval(metrics: Mapping[str, Any], name: str) -> str:
    low, high = metrics.get("intervals", {}).get(name, (0.0, 1.0))
    return f"[{low:.2f}, {high:.2f}]"


def _cell(value: Any) -> str:
    return "  -  " if value is None else f"{value:.3f}"


def _share(right: int, total: int) -> float | None:
    return round(right / total, 4) if total else None
