"""Who sees which case, and how much of it, on real rows."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.auth import Principal, Role
from core.db.engine import Database, UnitOfWork
from core.db.repos.case_views import Sight, case_row, visible_case, visible_cases
from core.db.tables.cases import CaseRow, DepartmentRow
from core.db.tables.handling import LegRow
from core.domain.accused import is_accused
from core.domain.case_views import CaseView
from core.domain.cases import CaseStatus
from core.domain.drafts import FieldValue
from core.domain.legs import LegStatus
from core.errors import NotFound
from core.ids import AgentId, new_id
from core.vault import Vault
from tests.fakes.clock import FakeClock
from tests.support.city import LAMPS, ROADS, build_city, make_case, person

pytestmark = pytest.mark.integration
VAULT = Vault(b"k" * 32)
NUMBER, NAME = "13862754310", "陈志远"
UNIT_ROLES = (Role.UNIT_OPS, Role.UNIT_LEAD, Role.UNIT3)


@pytest.fixture
async def database(engine: AsyncEngine, clock: FakeClock) -> Database:
    database = Database(engine, clock=clock)
    async with database.work() as work:
        await build_city(work)
        await work.commit()
    return database


def full_case(work: UnitOfWork, **columns: object) -> CaseRow:
    case = make_case(work, CaseStatus.HANDLING)
    case.number = "2026112300001"
    case.content = f"{NAME}反映人民路路灯不亮，电话{NUMBER}"
    case.title = f"{NAME}：路灯不亮"
    case.place_text = "海门街道人民路12号3幢501室"
    case.phone_sealed = VAULT.seal(NUMBER)
    case.fields = {
        "caller_name": FieldValue(NAME).as_json(),
        "phone": FieldValue(NUMBER).as_json(),
    }
    for name, value in columns.items():
        setattr(case, name, value)
    return case


def leg(work: UnitOfWork, case: CaseRow, unit: str, status: LegStatus = LegStatus.HANDLING) -> None:
    now = work.clock.now()
    work.session.add(
        LegRow(
            id=new_id(), case_id=case.id, department_id=unit, status=status.value,
            limit_type="work_day", limit_value=5, dispatched_at=now, sign_due_at=now,
            due_at=now, warn_at=now,
        )
    )  # fmt: skip


async def seen(database: Database, who: Principal, key: str = "2026112300001") -> CaseView | None:
    async with database.sessions() as session:
        try:
            view = await visible_case(session, Sight(who, VAULT), key)
        except NotFound:
            return None
        listed = await visible_cases(session, Sight(who, VAULT), select(CaseRow))
        assert view in listed
        return view


async def test_a_department_sees_a_case_through_its_own_living_leg_only(
    database: Database,
) -> None:
    async with database.work() as work:
        case = full_case(work)
        await work.session.flush()
        leg(work, case, LAMPS)
        leg(work, case, ROADS, LegStatus.RETURNED)
        await work.commit()
    for role in UNIT_ROLES:
        view = await seen(database, person(role, LAMPS))
        assert view is not None
        assert await seen(database, person(role, ROADS)) is None
        assert await seen(database, person(role)) is None
        assert NUMBER not in repr(view)
        assert NAME not in repr(view)
        assert (view.phone, view.caller_name) == ("138****4310", "陈先生/女士")
        assert view.call_id is None


@pytest.mark.parametrize(
    "accused", ["市城市管理局", "城管局", "市城市管理局执法大队", "城市管理局"]
)
async def test_the_accused_unit_sees_nothing_though_it_has_a_leg(
    database: Database, accused: str
) -> None:
    async with database.work() as work:
        case = full_case(work, accused=accused, confidential=True)
        await work.session.flush()
        leg(work, case, LAMPS)
        leg(work, case, ROADS)
        await work.commit()
    for role in UNIT_ROLES:
        assert await seen(database, person(role, LAMPS)) is None
        view = await seen(database, person(role, ROADS))
        assert view is not None
        assert (view.phone, view.caller_name, view.accused) == ("", "保密", "")
        assert "501" not in repr(view)


async def test_the_units_above_and_below_the_accused_see_nothing_either(
    database: Database,
) -> None:
    async with database.work() as work:
        for unit, name, parent in (
            ("below", "城管执法一中队", LAMPS), ("beside", "城管环卫处", LAMPS),
        ):  # fmt: skip
            work.session.add(DepartmentRow(id=unit, name=name, kind="三级", parent_id=parent))
        case = full_case(work, accused="城管执法一中队", confidential=True)
        await work.session.flush()
        for unit in (LAMPS, "below", "beside"):
            leg(work, case, unit)
        await work.commit()
    assert await seen(database, person(Role.UNIT3, "below")) is None
    assert await seen(database, person(Role.UNIT_OPS, LAMPS)) is None
    assert await seen(database, person(Role.UNIT3, "beside")) is not None
    async with database.work() as work:
        row = await work.session.get_one(CaseRow, case.id)
        row.accused = "市城市管理局"
        await work.commit()
    assert await seen(database, person(Role.UNIT3, "below")) is None


async def test_the_rule_in_sql_agrees_with_the_rule_in_words(database: Database) -> None:
    words = (
        "市城市管理局",
        "城管局",
        "管局",
        "交通局",
        " 城 管 局 ",
        "100%_",
        "\\",
        "",
        "局",
        "市城市管理局张某",
    )
    async with database.work() as work:
        cases = {}
        for accused in words:
            case = make_case(work, CaseStatus.HANDLING)
            case.accused = accused
            await work.session.flush()
            leg(work, case, LAMPS)
            cases[case.id] = accused
        await work.commit()
    async with database.sessions() as session:
        sight = Sight(person(Role.UNIT_OPS, LAMPS), VAULT)
        shown = {view.id for view in await visible_cases(session, sight, select(CaseRow))}
    for case_id, accused in cases.items():
        assert (case_id in shown) is not is_accused(accused, ["市城市管理局"]), accused


async def test_an_agent_sees_own_cases_and_a_leader_only_masks(database: Database) -> None:
    mine = person(Role.AGENT)
    async with database.work() as work:
        full_case(work, created_by=mine.agent_id)
        await work.commit()
    view = await seen(database, mine)
    assert view is not None
    assert (view.phone, view.caller_name) == (NUMBER, NAME)
    other = Principal(AgentId("other"), "other", "", Role.AGENT)
    assert await seen(database, other) is None
    assert await seen(database, person(Role.INSPECTOR)) is None
    assert await seen(database, person(Role.ADMIN)) is None
    leader = await seen(database, person(Role.LEADER))
    assert leader is not None
    assert (leader.phone, leader.place_text) == ("138****4310", "海门街道")
    assert NUMBER not in repr(leader)


async def test_the_centre_sees_the_matter_whole_and_the_number_behind_a_reason(
    database: Database,
) -> None:
    async with database.work() as work:
        full_case(work)
        await work.commit()
    view = await seen(database, person(Role.DISPATCHER))
    assert view is not None
    assert (view.phone, view.caller_name, view.may_reveal) == ("138****4310", NAME, True)
    assert view.place_text == "海门街道人民路12号3幢501室"
    assert NUMBER not in repr(view.fields)


async def test_a_forged_key_and_a_foreign_case_get_the_same_answer(database: Database) -> None:
    async with database.work() as work:
        full_case(work)
        await work.commit()
    messages = []
    async with database.sessions() as session:
        for key in ("2026112300001", "2026112399999", "' OR 1=1 --"):
            with pytest.raises(NotFound) as refused:
                await case_row(session, person(Role.UNIT_OPS, LAMPS), key)
            messages.append(refused.value.message)
    assert len(set(messages)) == 1
