"""One measured figure, its target, and how a person and a program read the list of them."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from unicodedata import east_asian_width

NOT_MEASURED = "未测 / not measured"
_NAME_WIDTH = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """value is None where it was not measured; ok is None where there is nothing to meet."""

    name: str
    value: float | None
    unit: str
    target: str | None = None
    ok: bool | None = None


def plain(name: str, value: float, unit: str) -> Figure:
    """A figure without a target."""
    return Figure(name=name, value=_short(value), unit=unit)


def at_most(name: str, value: float, unit: str, *, limit: float) -> Figure:
    """A figure that may not be above its limit."""
    return Figure(
        name=name, value=_short(value), unit=unit, target=f"<= {limit:g}", ok=value <= limit
    )


def at_least(name: str, value: float, unit: str, *, limit: float) -> Figure:
    """A figure that may not be below its limit."""
    return Figure(
        name=name, value=_short(value), unit=unit, target=f">= {limit:g}", ok=value >= limit
    )


def not_measured(name: str, unit: str, *, target: str | None = None) -> Figure:
    """A figure that this run does not have: it is listed, so that nobody takes it for met."""
    return Figure(name=name, value=None, unit=unit, target=target)


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that this share of the values does not exceed. Raises ValueError."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def bucket_percentile(buckets: Sequence[tuple[float, float]], share: float) -> float | None:
    """A percentile of a histogram: straight inside a bucket, as Prometheus reads it.

    buckets: upper edge and cumulative count, ascending, the last edge infinite. None when empty;
    the last finite edge when the percentile is beyond it.
    """
    total = buckets[-1][1] if buckets else 0.0
    if not total:
        return None
    edge, below = 0.0, 0.0
    for upper, count in buckets:
        if count >= share * total:
            if math.isinf(upper) or count == below:
                return edge
            return edge + (upper - edge) * (share * total - below) / (count - below)
        edge, below = upper, count
    return edge


def table(figures: Sequence[Figure]) -> str:
    """The list for a person."""
    return "\n".join(_line(figure) for figure in figures)


def write(figures: Sequence[Figure], file: Path) -> None:
    """The list for a program."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps([asdict(figure) for figure in figures], ensure_ascii=False, indent=1)
    file.write_text(text + "\n", encoding="utf-8")


def _line(figure: Figure) -> str:
    name = figure.name + " " * max(1, _NAME_WIDTH - _width(figure.name))
    target = f"目标 {figure.target}" if figure.target else ""
    if figure.value is None:
        return f"{name}{NOT_MEASURED}  {target}".rstrip()
    mark = {True: "达标", False: "未达标", None: ""}[figure.ok]
    return f"{name}{figure.value:>10g} {figure.unit:<8}{target:<16}{mark}".rstrip()


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _short(value: float) -> float:
    return round(value, 3)
