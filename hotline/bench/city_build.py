"""Makes the bench's city in a database: seeded draws, written with COPY, indexes built after it."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
from sqlalchemy.engine import make_url

from core.db.tables.calls import CallRow
from core.domain.workdays import DayKind, WorkCalendar
from core.vault import Vault, mask_phone
from hotline.bench.city_lives import Lives
from hotline.bench.city_plan import (
    CALLERS_PER_CASE,
    Caller,
    CitySize,
    Plan,
    instants,
    make_units,
    zipf,
)
from hotline.bench.city_rows import Batch, copy, loose_indexes

Say = Callable[[str], None]
BATCH = 20_000
OUTSIDE = "外市"
#: Sealing is slow on purpose; the made callers share this many sealed numbers.
SEALED = 500
CALL_DAYS = 90
NO_ANSWER, LONG_WAIT = 0.03, 0.12


@dataclass(frozen=True, slots=True)
class MadeCity:
    """What was made. A caller's number is known by its place in the pool: see phone_of."""

    size: CitySize
    units: tuple[str, ...]
    callers: int


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A plain connection to the database of a SQLAlchemy address."""
    address = make_url(url)
    connection = await asyncpg.connect(
        user=address.username,
        password=address.password,
        database=address.database,
        host=address.host or address.query.get("host"),
        port=address.port or 5432,
    )
    try:
        yield connection
    finally:
        await connection.close()


async def build_city(url: str, size: CitySize, vault: Vault, say: Say) -> MadeCity:
    """Fill a migrated, seeded database; the same size and seed give the same cases."""
    async with connected(url) as connection:
        # Nothing here refers to what is not there; asking for each of a million rows is slow.
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("SET synchronous_commit = off")
        await connection.execute("SET maintenance_work_mem = '512MB'")
        plan = await _plan(connection, size, vault)
        indexes = await loose_indexes(connection)
        await _write_lives(connection, plan, say)
        await copy(connection, made_calls(plan))
        for number, text in enumerate(indexes, 1):
            say(f"  建索引 {number}/{len(indexes)}")
            await connection.execute(text)
        await _finish(connection)
    return MadeCity(size, tuple(unit.id for unit in plan.units), len(plan.callers))


async def _write_lives(connection: asyncpg.Connection, plan: Plan, say: Say) -> None:
    lives = Lives(plan)
    for number, at in enumerate(instants(plan.size, plan.calendar), 1):
        lives.live(at)
        if number % BATCH == 0:
            await copy(connection, lives.take_batch())
        if number % (5 * BATCH) == 0:
            say(f"  {number:,} 件")
    await copy(connection, lives.take_batch())


async def _finish(connection: asyncpg.Connection) -> None:
    """The numbers given out so far, and what the planner must know."""
    await connection.execute(
        "INSERT INTO case_number (day, last)"
        ' SELECT left(number, 8)::date, max(right(number, 5)::int) FROM "case"'
        " WHERE number IS NOT NULL GROUP BY 1"
        " ON CONFLICT (day) DO UPDATE SET last = excluded.last"
    )
    await connection.execute("VACUUM (ANALYZE)")


async def _plan(connection: asyncpg.Connection, size: CitySize, vault: Vault) -> Plan:
    known = await connection.fetch(
        "SELECT id, name FROM department WHERE kind <> $1 ORDER BY id", OUTSIDE
    )
    units = make_units([(row["id"], row["name"]) for row in known], size)
    await connection.executemany(
        "INSERT INTO department (id, name, kind, duties, categories, keywords, phone)"
        " VALUES ($1, $2, '局', '', '[]', '[]', '') ON CONFLICT DO NOTHING",
        [(unit.id, unit.name) for unit in units],
    )
    categories = await connection.fetch(
        "SELECT level1 || '/' || level2 AS name FROM category ORDER BY position"
    )
    places = await connection.fetch("SELECT name FROM place WHERE in_jurisdiction ORDER BY id")
    days = await connection.fetch("SELECT day, kind FROM holiday")
    taken = await connection.fetch("SELECT day, last FROM case_number")
    return Plan(
        size=size,
        units=units,
        categories=[row["name"] for row in categories] or ["城市管理/路灯照明"],
        places=[row["name"] for row in places] or ["人民路"],
        callers=_callers(max(1, int(size.cases * CALLERS_PER_CASE)), vault),
        calendar=WorkCalendar({row["day"]: DayKind(row["kind"]) for row in days}),
        weights=zipf(len(units)),
        taken={row["day"]: row["last"] for row in taken},
    )


def phone_of(number: int) -> str:
    """The telephone number of the caller at this place of the pool."""
    return f"13{number:09d}"


def _callers(count: int, vault: Vault) -> list[Caller]:
    sealed = [vault.seal(phone_of(number)) for number in range(min(count, SEALED))]
    tails = [vault.fingerprint(f"tail:{number:04d}") for number in range(10_000)]
    return [
        Caller(
            hash=vault.fingerprint(phone_of(number)),
            tail_hash=tails[number % 10_000],
            mask=mask_phone(phone_of(number)),
            sealed=sealed[number % len(sealed)],
        )
        for number in range(count)
    ]


def made_calls(plan: Plan) -> Batch:
    """Calls of the last months: most answered soon, some late, some never."""
    rng = random.Random(plan.size.seed + 3)  # noqa: S311 - a made city, not a secret
    batch, span = Batch(), timedelta(days=CALL_DAYS)
    moments = sorted(plan.size.end - rng.random() * span for _ in range(plan.size.calls))
    for number, at in enumerate(moments):
        _call(batch, plan, rng, number, at)
    return batch


def _call(batch: Batch, plan: Plan, rng: random.Random, number: int, at: datetime) -> None:
    queued = at + timedelta(seconds=rng.uniform(5, 25))
    wait = rng.uniform(15, 180) if rng.random() < LONG_WAIT else rng.uniform(1, 14)
    met = rng.random() >= NO_ANSWER
    answered = queued + timedelta(seconds=wait) if met else None
    ended = (answered or queued) + timedelta(seconds=rng.expovariate(1 / 150) + 8)
    caller = rng.choice(plan.callers)
    score = rng.choice((None, None, 5, 5, 4, 3)) if met else None
    batch.add(
        CallRow, f"bench-call-{number:08d}", "line-12345", "12345", "ENDED", caller.sealed,
        caller.hash, caller.mask, "general", f"acc-agent{1 + number % 3:02d}" if met else None, at,
        queued, answered, ended if met else None, ended, "CALLER", score,
    )  # fmt: skip
