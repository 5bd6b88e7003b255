"""The bench's made city: the size asked for, the same every time, and lives that hold together."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from analytics.figures import ALL, Question, figures
from analytics.kpis import Moment
from analytics.periods import of_year
from core.db.engine import Database
from core.db.tables.calls import CallRow
from core.db.tables.cases import CaseRow
from core.db.tables.handling import LegRow
from core.vault import Vault
from hotline.bench.city_build import build_city, phone_of
from hotline.bench.city_plan import CitySize

pytestmark = pytest.mark.integration
VAULT = Vault(b"k" * 32)
SIZE = CitySize(end=datetime(2026, 11, 23, 4, 0, tzinfo=UTC), cases=2_000, units=60, calls=300)


async def made(url: str) -> None:
    await build_city(url, SIZE, VAULT, lambda _line: None)


async def digest(engine: AsyncEngine) -> str:
    async with AsyncSession(engine) as session:
        query = text(
            "SELECT md5(string_agg(id || number || status || content || coalesce(closed_at::text,"
            " ''), '|' ORDER BY id)) FROM \"case\""
        )
        return str(await session.scalar(query))


async def test_a_made_city_has_its_size_and_its_indexes(
    database_url: str, engine: AsyncEngine
) -> None:
    async with AsyncSession(engine) as session:
        before = set(await session.scalars(text("SELECT indexname FROM pg_indexes")))
    await made(database_url)
    async with AsyncSession(engine) as session:
        assert await session.scalar(select(func.count()).select_from(CaseRow)) == SIZE.cases
        assert await session.scalar(select(func.count()).select_from(CallRow)) == SIZE.calls
        units = select(func.count(func.distinct(LegRow.department_id)))
        assert await session.scalar(units) == SIZE.units
        after = set(await session.scalars(text("SELECT indexname FROM pg_indexes")))
        first = await session.scalar(select(func.min(CaseRow.created_at)))
    assert after == before
    assert first is not None
    assert (SIZE.end - first).days > 2 * 365


async def test_the_same_seed_makes_the_same_city(database_url: str, engine: AsyncEngine) -> None:
    await made(database_url)
    once = await digest(engine)
    async with AsyncSession(engine) as session:
        await session.execute(text('TRUNCATE "case", leg, call, case_number CASCADE'))
        await session.execute(text("TRUNCATE case_event, case_link"))
        await session.commit()
    await made(database_url)
    assert await digest(engine) == once


async def test_nothing_made_happens_out_of_order(database_url: str, engine: AsyncEngine) -> None:
    await made(database_url)
    async with AsyncSession(engine) as session:
        broken = await session.scalar(
            select(func.count())
            .select_from(CaseRow)
            .outerjoin(LegRow, LegRow.case_id == CaseRow.id)
            .where(
                (CaseRow.closed_at < CaseRow.submitted_at)
                | (CaseRow.closed_at > SIZE.end)
                | (LegRow.stopped_at < LegRow.dispatched_at)
                | (LegRow.stopped_at > SIZE.end)
                | (LegRow.due_at < LegRow.dispatched_at)
            )
        )
        lonely = await session.scalar(
            select(func.count()).where(
                ~select(CaseRow.id).where(CaseRow.id == LegRow.case_id).exists()
            )
        )
        statuses = set(await session.scalars(select(CaseRow.status).distinct()))
    assert (broken, lonely) == (0, 0)
    assert {"ANSWERED", "CLOSED", "HANDLING"} <= statuses


async def test_a_made_caller_is_found_by_the_phone_number(
    database_url: str, engine: AsyncEngine
) -> None:
    await made(database_url)
    async with AsyncSession(engine) as session:
        query = select(func.count()).where(CaseRow.caller_hash == VAULT.fingerprint(phone_of(0)))
        assert (await session.scalar(query) or 0) > 5


async def test_the_years_figures_of_a_made_city_are_those_of_its_rows(
    database_url: str, engine: AsyncEngine
) -> None:
    await made(database_url)
    period = of_year("2026")
    table = await figures(Database(engine), Question(period=period, moment=Moment(SIZE.end)))
    async with AsyncSession(engine) as session:
        accepted = (
            select(func.count())
            .select_from(CaseRow)
            .where(CaseRow.submitted_at >= period.start, CaseRow.status != "VOID")
        )
        answered = accepted.where(CaseRow.status == "ANSWERED")
        dispatched = (
            select(func.count()).select_from(LegRow).where(LegRow.dispatched_at >= period.start)
        )
        counted = [await session.scalar(query) for query in (answered, accepted, dispatched)]
    direct = table.rate(ALL, "direct")
    assert [direct.num, direct.den, table.rate(ALL, "returns").den] == counted
    assert 90 < (table.rate(ALL, "timely").percent or 0) < 100
    assert len(table.rates) > SIZE.units // 2
