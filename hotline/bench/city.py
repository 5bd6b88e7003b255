"""What the centre's pages and figures take in a city of a million cases."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from analytics.figures import ALL, FigureTable, Question, figures
from analytics.kpis import Moment
from analytics.periods import of_days
from core.clock import SystemClock, city_time
from core.errors import HotlineError
from core.vault import Vault
from hotline.bench.city_build import MadeCity, build_city
from hotline.bench.city_clocks import NAME as CLOCKS
from hotline.bench.city_clocks import measure_clocks
from hotline.bench.city_pages import measure_pages, measure_search
from hotline.bench.city_plan import CitySize
from hotline.bench.city_steps import measure_steps
from hotline.bench.figures import Figure, at_most, not_measured, plain
from hotline.bench.instance import Instance

logger = logging.getLogger(__name__)
YEAR_TARGET_SECONDS = 2.0
ROUNDS = 3
YEAR = "年度全部指标，所有单位"
Part = Callable[[], Awaitable[Sequence[Figure]]]


async def measure_city(instance: Instance) -> list[Figure]:
    """Make the city, then measure in it; a part that fails is listed as not measured."""
    clock = SystemClock()
    size = CitySize(end=clock.now(), cases=instance.cases)
    start = clock.monotonic()
    made = await _made(instance, size)
    seconds = clock.monotonic() - start
    parts: Sequence[tuple[str, Part]] = (
        (YEAR, lambda: _year(instance)),
        ("工单查找 p95", lambda: measure_search(instance, made.callers)),
        ("工单流转", lambda: measure_steps(instance, made.units)),
        ("页面 p95", lambda: measure_pages(instance)),
        (CLOCKS, lambda: measure_clocks(instance)),
    )
    found = [
        plain("生成的工单", made.size.cases, "cases"),
        plain("生成的承办单位", len(made.units), "units"),
        plain("生成城市用时", seconds, "s"),
    ]
    for name, part in parts:
        found += await _guarded(name, part)
    return found


async def _guarded(name: str, part: Part) -> Sequence[Figure]:
    try:
        return await part()
    except (TimeoutError, HotlineError, OSError):
        logger.warning("a part of the city was not measured", exc_info=True)
        return [not_measured(name, "")]


async def _made(instance: Instance, size: CitySize) -> MadeCity:
    settings = instance.settings
    vault = Vault(bytes.fromhex(settings.master_key))
    return await build_city(settings.database_url, size, vault, logger.info)


async def _year(instance: Instance) -> list[Figure]:
    """Every figure of every unit for the last twelve months: the slowest of a few rounds."""
    clock = SystemClock()
    today = city_time(clock.now()).date()
    period = of_days(today - timedelta(days=365), today + timedelta(days=1))
    question = Question(period=period, moment=Moment(clock.now()))
    taken = []
    table: FigureTable | None = None
    for _ in range(ROUNDS):
        start = clock.monotonic()
        table = await figures(instance.database, question)
        taken.append(clock.monotonic() - start)
    counted = table.rate(ALL, "direct").den if table is not None else 0
    return [
        at_most(YEAR, max(taken), "s", limit=YEAR_TARGET_SECONDS),
        plain("年度受理的工单", float(counted), "cases"),
    ]
