"""Search on real rows: every condition, page by page, and never an oracle for masked eyes."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions.saved_views import MOST_VIEWS, drop_view, keep_view, logged_search
from core.auth import Principal, Role, hash_password
from core.db.engine import Database, UnitOfWork
from core.db.repos.case_search import Found
from core.db.repos.case_views import Sight
from core.db.repos.saved_views import kept_views
from core.db.tables.cases import CaseRow
from core.db.tables.handling import LegRow, PiAccessRow
from core.db.tables.people import AccountRow
from core.domain.cases import CaseStatus
from core.domain.searches import SearchQuery, read_query
from core.errors import InputRefused, NotAllowed, NotFound
from core.ids import AgentId, new_id
from core.vault import Vault
from tests.fakes.clock import FakeClock
from tests.support.city import LAMPS, ROADS, build_city, make_case, person

pytestmark = pytest.mark.integration
VAULT = Vault(b"k" * 32)
NUMBER, NAME = "13862754310", "陈志远"
DISPATCHER = person(Role.DISPATCHER)


@pytest.fixture
async def database(engine: AsyncEngine, clock: FakeClock) -> Database:
    database = Database(engine, clock=clock)
    async with database.work() as work:
        await build_city(work)
        await work.commit()
    return database


def numbered(work: UnitOfWork, sequence: int, **columns: object) -> CaseRow:
    case = make_case(work, CaseStatus.HANDLING)
    case.number = f"20261123{sequence:05d}"
    case.created_at = work.clock.now() - timedelta(days=sequence)
    for name, value in columns.items():
        setattr(case, name, value)
    return case


def leg(work: UnitOfWork, case: CaseRow, unit: str) -> None:
    now = work.clock.now()
    work.session.add(
        LegRow(
            id=new_id(), case_id=case.id, department_id=unit, status="HANDLING",
            limit_type="work_day", limit_value=5, dispatched_at=now, sign_due_at=now,
            due_at=now, warn_at=now,
        )
    )  # fmt: skip


async def found(database: Database, who: Principal, **conditions: object) -> Found:
    query = read_query(conditions)
    return await logged_search(database, Sight(who, VAULT), query)


async def sequences(database: Database, who: Principal = DISPATCHER, **given: object) -> list[int]:
    answer = await found(database, who, **given)
    return [int(str(view.number)[8:]) for view in answer.cases]


async def test_words_of_two_characters_are_found_in_title_content_and_place(
    database: Database,
) -> None:
    async with database.work() as work:
        numbered(work, 1, title="路灯不亮", content="整夜", place_text="人民路")
        numbered(work, 2, title="噪声", content="楼下路灯旁夜间施工", place_text="解放路")
        numbered(work, 3, title="噪声", content="夜间", place_text="路灯厂宿舍")
        numbered(work, 4, title="占道", content="路边灯箱广告ABC店", place_text="人民路")
        await work.commit()
    assert await sequences(database, words="路灯") == [1, 2, 3]
    assert await sequences(database, words="路灯 噪声") == [2, 3]
    assert await sequences(database, place="人民路") == [1, 4]
    assert await sequences(database, words="灯箱广告abc") == [4]
    assert await sequences(database, words="不存在的") == []
    assert await sequences(database, words="100%_") == []


async def test_number_state_type_dates_unit_and_overdue_are_conditions(
    database: Database, clock: FakeClock
) -> None:
    async with database.work() as work:
        numbered(work, 1, case_type="求助", department="市城市管理局")
        late = clock.now() - timedelta(hours=1)
        numbered(work, 2, due_at=late, department="市交通运输局")
        numbered(work, 3, due_at=late, status="CLOSED", closed_at=clock.now())
        numbered(work, 40, channel="WEB")
        make_case(work, CaseStatus.DRAFT)
        await work.commit()
    assert await sequences(database) == [1, 2, 3, 40]
    assert await sequences(database, number="2026112300002") == [2]
    assert await sequences(database, number="20261123") == [1, 2, 3, 40]
    assert await sequences(database, number="2026112300004") == []
    assert await sequences(database, number="202611230004") == [40]
    assert await sequences(database, status=["CLOSED"]) == [3]
    assert await sequences(database, case_type="求助") == [1]
    assert await sequences(database, overdue="1") == [2]
    assert await sequences(database, unit=ROADS) == [2]
    assert await sequences(database, channel="WEB") == [40]
    day = (clock.now() - timedelta(days=20)).date().isoformat()
    assert await sequences(database, first_day=day) == [1, 2, 3]
    assert await sequences(database, last_day=day) == [40]


async def test_a_telephone_is_found_whole_only_and_the_question_is_logged(
    database: Database,
) -> None:
    async with database.work() as work:
        numbered(work, 1, phone_hash=VAULT.fingerprint(NUMBER))
        numbered(work, 2, caller_hash=VAULT.fingerprint(NUMBER))
        numbered(work, 3, phone_hash=VAULT.fingerprint("13800000000"))
        await work.commit()
    assert await sequences(database, phone="+86 138-6275-4310") == [1, 2]
    assert await sequences(database, phone="1386275431") == []
    async with database.sessions() as session:
        log = (await session.scalars(select(PiAccessRow))).all()
    assert [row.field for row in log] == ["SEARCH", "SEARCH"]
    assert NUMBER not in repr([(row.reason, row.case_id, row.address) for row in log])
    for role in (Role.UNIT_OPS, Role.LEADER, Role.QA):
        with pytest.raises(NotAllowed):
            await found(database, person(role, LAMPS), phone=NUMBER)


async def test_pages_follow_each_other_without_gap_or_repeat(database: Database) -> None:
    async with database.work() as work:
        same = work.clock.now() - timedelta(days=2)
        for sequence in range(1, 24):
            numbered(work, sequence, created_at=same if sequence % 2 else work.clock.now())
        await work.commit()
    seen: list[str] = []
    after, pages = "", 0
    while True:
        answer = await found(database, DISPATCHER, words="路灯", limit="5", after=after)
        seen += [view.id for view in answer.cases]
        after, pages = answer.after, pages + 1
        if not after:
            break
    assert pages == 5
    assert len(seen) == len(set(seen)) == 23
    first = await found(database, DISPATCHER, words="路灯", limit="5")
    assert (first.total, first.counted_out) == (23, False)


async def test_old_cases_are_found_beyond_the_first_windows(database: Database) -> None:
    async with database.work() as work:
        for sequence in (1, 100, 900):
            numbered(work, sequence)
        await work.commit()
    assert await sequences(database, words="路灯") == [1, 100, 900]


async def test_a_unit_finds_own_cases_only_and_nothing_by_what_is_masked(
    database: Database,
) -> None:
    async with database.work() as work:
        secret = VAULT.seal(NAME)
        mine = numbered(
            work, 1, content=f"{NAME}反映路灯不亮，电话{NUMBER}", name_sealed=secret,
            place_text="人民路3幢501室",
        )  # fmt: skip
        other = numbered(work, 2)
        hidden = numbered(
            work, 3, content=f"{NAME}举报路灯采购", name_sealed=secret, confidential=True
        )
        await work.session.flush()
        leg(work, mine, LAMPS)
        leg(work, hidden, LAMPS)
        leg(work, other, ROADS)
        await work.commit()
    for role in (Role.UNIT_OPS, Role.UNIT_LEAD, Role.UNIT3):
        unit = person(role, LAMPS)
        assert await sequences(database, unit, words="路灯") == [1, 3]
        answer = await found(database, unit, words=NAME)
        assert (answer.cases, answer.total, answer.after) == ([], None, "")
        assert await sequences(database, unit, words="2754310") == []
        assert await sequences(database, unit, words=NUMBER[1:]) == []
        assert await sequences(database, unit) == [1, 3]
    leader = person(Role.LEADER)
    assert await sequences(database, leader, words=NAME) == []
    assert await sequences(database, leader, place="501室") == []


async def test_the_index_serves_words_of_two_characters(database: Database) -> None:
    async with database.sessions() as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await session.scalars(
            text(
                'EXPLAIN SELECT id FROM "case" WHERE number IS NOT NULL AND '
                "text_pairs(title || ' ' || content || ' ' || place_text) @> ARRAY[1]::bigint[]"
            )
        )
        assert "ix_case_words" in "\n".join(plan)


async def test_a_view_is_kept_under_a_name_for_its_owner_only(database: Database) -> None:
    me, other = person(Role.DISPATCHER), Principal(AgentId("x"), "x", "x", Role.DISPATCHER)
    async with database.work() as work:
        for one in (me, other):
            work.session.add(
                AccountRow(
                    id=one.agent_id, account=one.account, name=one.name, role=one.role.value,
                    password_hash=hash_password("x"),
                )
            )  # fmt: skip
        await work.session.flush()
        row = await keep_view(
            work, "超期路灯", read_query({"words": "路灯", "overdue": "1"}), by=me
        )
        await keep_view(work, " 超期路灯 ", read_query({"words": "路灯"}), by=me)
        await work.commit()
    async with database.sessions() as session:
        kept = await kept_views(session, me.agent_id)
        assert [(one.name, one.query) for one in kept] == [("超期路灯", {"words": "路灯"})]
        assert list(await kept_views(session, other.agent_id)) == []
    async with database.work() as work:
        with pytest.raises(NotFound):
            await drop_view(work, row.id, by=other)
        await drop_view(work, row.id, by=me)
        with pytest.raises(InputRefused):
            await keep_view(work, "  ", SearchQuery(), by=me)
        for number in range(MOST_VIEWS):
            await keep_view(work, f"视图{number}", SearchQuery(), by=me)
        with pytest.raises(InputRefused):
            await keep_view(work, "再一个", SearchQuery(), by=me)
