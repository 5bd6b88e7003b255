"""The living city: cases of every state for four departments, with the past they would have."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from core.auth import Role
from core.clock import CITY_TIME
from core.db.engine import Database
from core.db.tables.cases import CaseEventRow, CaseRow
from core.db.tables.handling import ClockAlarmRow, LegRow, SuperviseRow
from core.db.tables.outbox import OutboxRow
from core.domain.cases import CaseStatus
from core.vault import Vault
from hotline.seed.living import bring_to_life
from hotline.seed.load import log_ins, seed

pytestmark = pytest.mark.integration
VAULT = Vault(bytes(32))
#: A working morning, and a night after a week of days off.
MOMENTS = ["2026-11-25T10:30", "2026-10-09T02:15"]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_the_city_has_cases_of_every_state_whenever_it_is_made(
    engine: AsyncEngine, database_url: str, moment: str, caplog: pytest.LogCaptureFixture
) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=CITY_TIME)
    await seed(Database(engine))
    made = await bring_to_life(database_url, vault=VAULT, now=now)
    assert [record.message for record in caplog.records if "stopped" in record.message] == []
    async with async_sessionmaker(engine)() as session:
        cases = (await session.scalars(select(CaseRow))).all()
        legs = (await session.scalars(select(LegRow))).all()
        assert made == len(cases) > 60
        assert {case.status for case in cases} == {status.value for status in CaseStatus}
        assert len({leg.department_id for leg in legs if leg.role == "LEAD"}) >= 4
        late = [leg for leg in legs if leg.due_at < now and leg.stopped_at is None]
        soon = [leg for leg in legs if leg.warn_at <= now < leg.due_at and not leg.replied_at]
        assert late
        assert soon
        orders = (await session.scalars(select(SuperviseRow))).all()
        assert {"timeout", "leader", "important", "joint"} <= {order.kind for order in orders}
        report = [case for case in cases if case.confidential]
        assert report
        assert all(case.accused for case in report)
        latest = max(row.at for row in (await session.scalars(select(CaseEventRow))).all())
        assert latest <= now
        unsaid = select(ClockAlarmRow).where(
            ClockAlarmRow.announced_at.is_(None), ClockAlarmRow.at <= now
        )
        assert (await session.scalars(unsaid)).all() == []
        unsent = select(OutboxRow).where(OutboxRow.sent_at.is_(None))
        assert (await session.scalars(unsent)).all() == []
    assert await bring_to_life(database_url, vault=VAULT, now=now + timedelta(days=1)) == 0


async def test_the_same_seed_makes_the_same_city(engine: AsyncEngine, database_url: str) -> None:
    now = datetime.fromisoformat(MOMENTS[0]).replace(tzinfo=CITY_TIME)
    pictures = []
    for _ in range(2):
        async with engine.begin() as connection:
            await connection.exec_driver_sql(
                'TRUNCATE "case", case_event, case_number, case_link, outbox CASCADE'
            )
        await bring_to_life(database_url, vault=VAULT, now=now)
        async with async_sessionmaker(engine)() as session:
            rows = (await session.scalars(select(CaseRow))).all()
            pictures.append(Counter((r.number, r.status, r.title, r.due_at) for r in rows))
    assert pictures[0] == pictures[1]


def test_there_is_a_log_in_for_every_post() -> None:
    assert {role for role, _, _ in log_ins()} == {role.value for role in Role}
