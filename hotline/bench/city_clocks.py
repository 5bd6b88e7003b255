"""A hundred thousand running clocks: how soon each is announced, and what watching them costs."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import asyncpg

from core.clock import SystemClock
from core.domain.events import ClockAnnounced
from core.ids import new_id
from hotline.bench.city_build import connected
from hotline.bench.figures import Figure, at_most, not_measured, percentile, plain
from hotline.bench.instance import Instance
from hotline.bench.usage import tree
from routing.sla_watch import LONGEST
from simulator.watch import Watch

CLOCKS, DUE = 100_000, 1_000
TARGET_MS = 2_000
#: Idle is "near zero" below this share of one core.
IDLE_TARGET_PERCENT = 1.0
SPREAD_SECONDS, PATIENCE_SECONDS, IDLE_SECONDS = 20, 90, 15
NAME = f"{CLOCKS:,} 个时钟：到期到告知 p99"


async def measure_clocks(instance: Instance) -> list[Figure]:
    """Clocks far ahead, then idle, then a thousand that fall due within seconds."""
    async with connected(instance.settings.database_url) as connection:
        cases = await _open_cases(connection)
        if not cases:
            return [not_measured(NAME, "ms", target=f"<= {TARGET_MS}")]
        await _far_ahead(connection, cases)
        idle = await _idle_percent(instance)
        async with Watch(instance.bus) as watch:
            delays = await _fall_due(connection, cases, watch)
    worst = max(delays, default=float("inf"))
    return [
        at_most(NAME, percentile(delays or [worst], 0.99), "ms", limit=TARGET_MS),
        at_most("最慢的一次告知", worst, "ms", limit=TARGET_MS),
        at_most("没有告知的时钟", DUE - len(delays), "clocks", limit=0),
        at_most("看着这些时钟的空闲占用", idle, "% 核", limit=IDLE_TARGET_PERCENT),
        plain("每秒到期的时钟", DUE / SPREAD_SECONDS, "/s"),
    ]


async def _open_cases(connection: asyncpg.Connection) -> list[str]:
    rows = await connection.fetch(
        "SELECT c.id FROM \"case\" c WHERE c.status = 'HANDLING' ORDER BY c.id LIMIT 5000"
    )
    return [row["id"] for row in rows]


async def _far_ahead(connection: asyncpg.Connection, cases: list[str]) -> None:
    """Clocks of supervision orders: they are announced and change nothing else."""
    start = SystemClock().now() + timedelta(days=2)
    await connection.copy_records_to_table(
        "clock_alarm",
        records=(
            (new_id(), cases[n % len(cases)], f"bench-{n}", "ORDER_LATE",
             start + timedelta(seconds=n))
            for n in range(CLOCKS)
        ),
        columns=["id", "case_id", "subject", "kind", "at"],
    )  # fmt: skip
    await connection.execute("ANALYZE clock_alarm")


async def _idle_percent(instance: Instance) -> float:
    """What the process with the watch takes of a core while nothing falls due."""
    await asyncio.sleep(2)
    before, _ = tree(instance.stack.pid("routing"))
    await asyncio.sleep(IDLE_SECONDS)
    after, _ = tree(instance.stack.pid("routing"))
    return (after - before) / IDLE_SECONDS * 100


async def _fall_due(connection: asyncpg.Connection, cases: list[str], watch: Watch) -> list[float]:
    """Milliseconds from due to the announcement on the bus.

    The first one falls due after the watch's longest sleep: rows that no step has set wake nobody.
    """
    start = SystemClock().now() + LONGEST + timedelta(seconds=5)
    await connection.copy_records_to_table(
        "clock_alarm",
        records=[
            (new_id(), cases[n % len(cases)], f"due-{n}", "ORDER_LATE",
             start + timedelta(seconds=SPREAD_SECONDS * n / DUE))
            for n in range(DUE)
        ],
        columns=["id", "case_id", "subject", "kind", "at"],
    )  # fmt: skip
    with suppress(TimeoutError):  # what is missing then is a figure of its own
        await watch.until(ClockAnnounced, _is_ours, count=DUE, seconds=PATIENCE_SECONDS)
    return [
        (at - datetime.fromisoformat(event.due_at)).total_seconds() * 1000
        for at, event in watch.seen
        if isinstance(event, ClockAnnounced) and _is_ours(event)
    ]


def _is_ours(event: ClockAnnounced) -> bool:
    return event.subject.startswith("due-")
