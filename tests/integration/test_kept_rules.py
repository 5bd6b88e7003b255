"""Rules kept in the process: an edit holds at once; a lost connection is replaced unseen."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from core.actions.catalogues import set_days
from core.actions.rules import change_rule
from core.auth import Principal, Role
from core.db.engine import Database, make_engine
from core.db.repos.rules import calendar, case_limits, sla_rules
from core.db.tables.handling import SlaRuleRow
from core.domain.holidays import NamedDay
from core.domain.workdays import DayKind, LimitType
from core.ids import AgentId

pytestmark = pytest.mark.integration
ADMIN = Principal(AgentId("adm"), "adm", "管理员", Role.ADMIN)
WORKDAY = date(2026, 11, 25)


async def returns(engine: AsyncEngine) -> int:
    async with AsyncSession(engine) as session:
        return (await case_limits(session)).returns


async def works(engine: AsyncEngine) -> bool:
    async with AsyncSession(engine) as session:
        return (await calendar(session)).is_working_day(WORKDAY)


async def test_a_changed_rule_holds_from_the_commit_on(
    database_url: str, engine: AsyncEngine
) -> None:
    other = make_engine(database_url)
    before = await returns(engine)
    async with Database(engine).work() as work:
        await change_rule(work, "returns", before + 1, by=ADMIN)
        assert (await case_limits(work.session)).returns == before + 1
        assert await returns(other) == before
        await work.commit()
    assert [await returns(engine), await returns(other)] == [before + 1] * 2
    await other.dispose()


async def test_a_change_taken_back_leaves_the_rule_as_it_was(engine: AsyncEngine) -> None:
    before = await returns(engine)
    async with Database(engine).work() as work:
        await change_rule(work, "returns", before + 1, by=ADMIN)
    assert await returns(engine) == before


async def test_a_new_day_off_holds_from_the_commit_on(engine: AsyncEngine) -> None:
    assert await works(engine)
    async with Database(engine).work() as work:
        day: dict[date, NamedDay] = {WORKDAY: (DayKind.OFF, "测试假日")}
        await set_days(work, day, source="测试", by=ADMIN)
        await work.commit()
    assert not await works(engine)


async def test_a_limit_written_as_a_row_holds_from_the_commit_on(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        before = len(await sla_rules(session))
    async with AsyncSession(engine) as session:
        session.add(
            SlaRuleRow(
                id="new", limit_type=LimitType.WORK_DAY.value, limit_value=3,
                sign_type=LimitType.WORK_HOUR.value, sign_value=2,
                contact_type=LimitType.WORK_DAY.value, contact_value=1,
            )
        )  # fmt: skip
        await session.commit()
    async with AsyncSession(engine) as session:
        assert len(await sla_rules(session)) == before + 1


async def test_connections_the_server_ended_are_replaced_unseen(
    database_url: str, engine: AsyncEngine
) -> None:
    async with AsyncSession(engine) as one, AsyncSession(engine) as two:
        await one.execute(text("SELECT 1"))
        await two.execute(text("SELECT 1"))
    killer = make_engine(database_url)
    async with AsyncSession(killer) as session:
        ended = await session.scalars(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
        )
        assert len(ended.all()) == 2
    for _ in range(3):
        async with AsyncSession(engine) as session:
            assert await session.scalar(text("SELECT 1")) == 1
    await killer.dispose()
