"""What the centre's pages and figures take in a city of a million cases."""

import logging
import os

from core.clock import SystemClock
from core.vault import Vault
from hotline.bench.city_build import MadeCity, build_city
from hotline.bench.city_plan import CitySize
from hotline.bench.figures import Figure, plain
from hotline.bench.instance import Instance

logger = logging.getLogger(__name__)
CASES = 1_000_000
#: How many cases the city gets, for a smaller machine or a quick look.
SIZE_VARIABLE = "BENCH_CASES"


async def measure_city(instance: Instance) -> list[Figure]:
    """Make the city, then measure in it."""
    clock = SystemClock()
    size = CitySize(end=clock.now(), cases=int(os.environ.get(SIZE_VARIABLE, CASES)))
    start = clock.monotonic()
    made = await _made(instance, size)
    seconds = clock.monotonic() - start
    return [
        plain("生成的工单", made.size.cases, "cases"),
        plain("生成的承办单位", len(made.units), "units"),
        plain("生成城市用时", seconds, "s"),
    ]


async def _made(instance: Instance, size: CitySize) -> MadeCity:
    settings = instance.settings
    vault = Vault(bytes.fromhex(settings.master_key))
    return await build_city(settings.database_url, size, vault, logger.info)
