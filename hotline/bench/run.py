"""Runs the measures one after the other; one that fails is listed as not measured."""

import logging
import os
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

from core.config import Settings
from core.errors import HotlineError
from hotline.bench.captions import measure_captions
from hotline.bench.captured import MOST, measure_captured
from hotline.bench.city import YEAR, YEAR_TARGET_SECONDS, measure_city
from hotline.bench.figures import Figure, not_measured, plain
from hotline.bench.instance import CITY_CASES, Instance, running
from hotline.bench.menu_rate import TARGET_SHARE, measure_menu_rate
from hotline.bench.places import NAME as PLACES
from hotline.bench.places import TARGET_MS as PLACES_MS
from hotline.bench.places import measure_places
from hotline.bench.pops import TARGET_MS, measure_pops
from hotline.bench.usage import observed

logger = logging.getLogger(__name__)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure, and how it is listed when it fails."""

    run: Callable[[Instance], Awaitable[list[Figure]]]
    missing: Figure


#: In this order: the last ones leave fifty agents behind.
MEASURES: Mapping[str, Measure] = {
    "menu": Measure(
        measure_menu_rate,
        not_measured("菜单到排队与纯拨号方案之比", "", target=f">= {TARGET_SHARE}"),
    ),
    "captions": Measure(measure_captions, not_measured("字幕延迟（说完起） p50", "ms")),
    "places": Measure(measure_places, not_measured(PLACES, "ms", target=f"<= {PLACES_MS}")),
    "pops": Measure(measure_pops, not_measured("弹屏 p95", "ms", target=f"<= {TARGET_MS}")),
    "captured": Measure(measure_captured, not_measured(MOST, "calls")),
    "city": Measure(measure_city, not_measured(YEAR, "s", target=f"<= {YEAR_TARGET_SECONDS:g}")),
}


async def run_bench(
    settings: Settings, only: Collection[str], say: Say, *, cases: int = CITY_CASES
) -> list[Figure]:
    """Start an instance of its own, measure, stop it. An empty `only` means everything."""
    figures = [
        plain("开始时的一分钟负载（他人也在用机器时读数偏大）", os.getloadavg()[0], "tasks"),
        plain("处理器", os.cpu_count() or 0, "cores"),
    ]
    say("启动被测实例……")
    async with running(settings, cases=cases) as instance, observed(instance.stack) as usage:
        for name, measure in MEASURES.items():
            if only and name not in only:
                figures.append(measure.missing)
                continue
            say(f"测量 {name}……")
            figures += await _guarded(measure, instance, say)
    return [*figures, *usage.figures()]


async def _guarded(measure: Measure, instance: Instance, say: Say) -> list[Figure]:
    try:
        return await measure.run(instance)
    except (TimeoutError, HotlineError) as error:
        logger.warning("a measure failed", exc_info=True)
        say(f"没有测成：{type(error).__name__} {error}")
        return [measure.missing]
