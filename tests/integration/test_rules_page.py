"""The administrator's page of rules over HTTP: what is changed holds, what cannot work is told."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
from sqlalchemy import select

from core.auth import Role, hash_password
from core.db.repos.rules import calendar, case_limits
from core.db.tables.cases import CategoryRow
from core.db.tables.handling import DutyRow, SlaRuleRow
from core.db.tables.outbox import AuditRow
from tests.fakes.clock import FakeClock
from tests.support.centre import Centre, running_centre
from tests.support.city import LAMPS, ROADS
from tests.support.desk import PASSWORD, account

pytestmark = pytest.mark.integration
PAGE = "/admin/rules"
CATEGORY = "城市管理/路灯照明"


@pytest.fixture
async def centre(database_url: str, redis_url: str, clock: FakeClock) -> AsyncIterator[Centre]:
    async with running_centre(database_url, redis_url, clock) as running:
        async with running.stack.database.work() as work:
            work.session.add(account("boss", "boss", "900", Role.ADMIN, hash_password(PASSWORD)))
            work.session.add(CategoryRow(id="c1", level1="测试", level2="路灯"))
            await work.commit()
        await running.log_in("boss")
        yield running


async def test_a_setting_changed_on_the_page_holds(centre: Centre) -> None:
    status, text = await centre.send(f"{PAGE}/suspensions", {"value": "2"}, start=PAGE)
    assert status == 200
    assert "规则已保存" in text
    await centre.send(f"{PAGE}/unit_approval", {"value": "on"}, start=PAGE)
    await centre.send(
        f"{PAGE}/objective_causes", {"value": "政策限制、历史遗留, 缺资金"}, start=PAGE
    )
    async with centre.stack.database.sessions() as session:
        limits = await case_limits(session)
        audits = select(AuditRow).where(AuditRow.action == "change_rule")
        assert len((await session.scalars(audits)).all()) == 3
    assert (limits.suspensions, limits.unit_approval) == (2, True)
    assert limits.objective_causes == ("政策限制", "历史遗留", "缺资金")


@pytest.mark.parametrize(("name", "value"), [("returns", "0"), ("returns", "许多"), ("nope", "1")])
async def test_a_value_that_cannot_work_is_told_in_words(
    centre: Centre, name: str, value: str
) -> None:
    status, text = await centre.send(f"{PAGE}/{name}", {"value": value}, start=PAGE)
    assert status in {400, 404, 422}
    assert "规则" in text
    async with centre.stack.database.sessions() as session:
        assert (await case_limits(session)).returns == 2


async def test_a_years_list_is_entered_as_lines_or_as_json(centre: Centre) -> None:
    lines = {
        "text": "2027-01-01 休 元旦\n2027-01-02 班 元旦调休\n2027-03-01 上午班 台风",
        "source": "通知",
    }
    status, _ = await centre.send("/admin/calendar", lines, start=PAGE)
    assert status == 200
    published = '{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-03", "isOffDay": true}]}'
    await centre.send("/admin/calendar", {"text": published, "source": "通知"}, start=PAGE)
    async with centre.stack.database.sessions() as session:
        days = await calendar(session)
    assert days.knows_year(2027)
    assert not days.is_working_day(date(2027, 1, 1))
    assert days.is_working_day(date(2027, 1, 2))
    assert len(days.slots_of(date(2027, 3, 1))) == 1


@pytest.mark.parametrize(
    "text", ["", "2027-13-01 休 x", "明天 休 x", "2027-01-01 放假 x", "{", '{"days": [1]}']
)
async def test_a_list_that_cannot_be_read_changes_nothing(centre: Centre, text: str) -> None:
    form = {"text": f"2027-01-01 休 元旦\n{text}" if text[:1] == "2" else text, "source": "通知"}
    status, _ = await centre.send("/admin/calendar", form, start=PAGE)
    assert status in {400, 422}
    async with centre.stack.database.sessions() as session:
        assert not (await calendar(session)).knows_year(2027)


async def test_a_limit_and_a_duty_are_changed_from_today_on(centre: Centre) -> None:
    await centre.send("/admin/limits/general", {"kind": "work_day", "value": "3"}, start=PAGE)
    status, _ = await centre.send(
        "/admin/limits/general", {"kind": "moon", "value": "1"}, start=PAGE
    )
    assert status in {400, 422}
    duty = {"category": CATEGORY, "lead": LAMPS, "basis": "三定方案", "area": ""}
    for lead in (LAMPS, ROADS):
        await centre.send("/admin/duties", {**duty, "lead": lead}, start=PAGE)
    async with centre.stack.database.sessions() as session:
        rule = await session.get_one(SlaRuleRow, "general")
        duties = (await session.scalars(select(DutyRow))).all()
    assert (rule.limit_value, rule.version) == (3, 2)
    assert {row.lead_id: row.valid_to is None for row in duties} == {LAMPS: False, ROADS: True}


async def test_the_missing_year_is_called_for_from_december(
    centre: Centre, clock: FakeClock
) -> None:
    assert "缺少 2027" not in (await centre.see(PAGE))[1]
    clock.advance(9 * 24 * 3600)
    await centre.log_in("boss")
    assert "缺少 2027" in (await centre.see(PAGE))[1]


async def test_only_an_administrator_comes_in(centre: Centre) -> None:
    await centre.log_in("director")
    assert (await centre.see(PAGE))[0] == 403
