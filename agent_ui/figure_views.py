"""Figures as people read them: cells with their change, bars and lines as numbers for a drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from agent_ui.i18n import mark
from analytics.figures import FigureTable
from analytics.kpis import KPIS, Better
from analytics.rates import Rate, point_change

#: Every figure's name and what it counts, for the heading and its help.
WORDS: Mapping[str, tuple[str, str]] = {
    "closing": (mark("案件办结率"), mark("已办结 ÷ 应办结；按到期日，提前办结按办结日")),
    "timely": (mark("及时办结率"), mark("期限内办结 ÷ 应办结")),
    "satisfaction": (
        mark("群众满意率"), mark("基本满意及以上 ÷ 有效回访；不含不合理诉求、联系不上和表扬件"),
    ),
    "first_satisfaction": (mark("首次满意率"), mark("第一次回访即满意 ÷ 有效回访")),
    "solved": (mark("解决率"), mark("市民认为已解决（部分解决按半件）÷ 有效回访")),
    "second_assignment": (mark("二次交办率"), mark("因主观原因再次交办 ÷ 回访后办结；越低越好")),
    "at_once": (mark("一次办结率"), mark("一轮办结且满意或已解决 ÷ 办结")),
    "again": (mark("重办率"), mark("两轮及以上 ÷ 办结；越低越好")),
    "response": (mark("响应率"), mark("时限内联系诉求人 ÷ 派遣")),
    "signing": (mark("签收及时率"), mark("时限内签收 ÷ 派遣")),
    "returns": (mark("退单率"), mark("退单获准 ÷ 派遣；越低越好")),
    "dispatch_right": (mark("派单准确率"), mark("没有退单改派 ÷ 派遣")),
    "improper_returns": (mark("不当退单率"), mark("被驳回的退单 ÷ 已裁定的退单；越低越好")),
    "direct": (mark("直办率"), mark("直接答复 ÷ 受理")),
    "repeats": (mark("重复投诉率"), mark("重复件 ÷ 受理；越低越好")),
}  # fmt: skip
#: The figures of the table of units, in its order.
MAIN = ("timely", "closing", "satisfaction", "second_assignment", "response", "solved", "returns")


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure. change: percentage points on the year before; good: whether that is better."""

    code: str
    rate: Rate
    change: Decimal | None
    good: bool | None
    address: str

    @property
    def share(self) -> float:
        """For a bar: percent, 0 without cases."""
        return float(self.rate.percent or 0)

    @property
    def change_words(self) -> str:
        """With its sign: +2.30 or -0.10."""
        return "" if self.change is None else f"{self.change:+.2f}"


def cell(code: str, unit: str, now: FigureTable, before: FigureTable, query: str) -> Cell:
    """A figure of one unit beside that of the year before."""
    rate = now.rate(unit, code)
    change = point_change(rate, before.rate(unit, code))
    lower = KPIS[code].better is Better.LOWER
    good = None if not change else (change < 0) is lower
    where = urlencode({"code": code, "unit": unit})
    return Cell(code, rate, change, good, f"/figures/cases?{where}&{query}")


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn line. points: one text for each stretch without a gap; dots: x, y, and the words."""

    name: str
    look: str
    points: Sequence[str]
    dots: Sequence[tuple[float, float, str]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines over months in a box of WIDTH x HEIGHT, with the marks of both axes."""

    lines: Sequence[Line]
    months: Sequence[tuple[float, str]]
    levels: Sequence[tuple[float, str]]

    WIDTH = 640
    HEIGHT = 200


_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 12, 24
_STEPS = 4


def drawing(
    months: Mapping[str, Mapping[str, Rate]], names: Mapping[str, str], looks: Sequence[str]
) -> Drawing | None:
    """The months' rates as lines; None when there is nothing to draw."""
    shown = [
        float(rate.percent)
        for rates in months.values()
        for rate in rates.values()
        if rate.percent is not None
    ]
    if not shown:
        return None
    low = max(0.0, min(95.0, float(int(min(shown) / 5) * 5)))
    ordered = list(months)
    width = Drawing.WIDTH - _LEFT - _RIGHT
    step = width / max(1, len(ordered) - 1)
    places = {month: _LEFT + number * step for number, month in enumerate(ordered)}
    lines = [
        _line(code, name, look, months, places, low)
        for (code, name), look in zip(names.items(), looks, strict=False)
    ]
    levels = [low + (100 - low) * n / _STEPS for n in range(_STEPS + 1)]
    return Drawing(
        lines,
        [(places[month], month[2:]) for month in ordered],
        [(_height(level, low), f"{level:g}%") for level in levels],
    )


def _height(percent: float, low: float) -> float:
    room = Drawing.HEIGHT - _TOP - _BOTTOM
    return round(_TOP + room * (100 - percent) / (100 - low), 1)


def _line(
    code: str,
    name: str,
    look: str,
    months: Mapping[str, Mapping[str, Rate]],
    places: Mapping[str, float],
    low: float,
) -> Line:
    stretches: list[list[str]] = [[]]
    dots = []
    for month, x in places.items():
        rate = months[month].get(code)
        if rate is None or rate.percent is None:
            stretches.append([])
            continue
        y = _height(float(rate.percent), low)
        stretches[-1].append(f"{x:.1f},{y}")
        dots.append((round(x, 1), y, f"{month} {rate.shown()}"))
    return Line(name, look, [" ".join(stretch) for stretch in stretches if stretch], dots)
