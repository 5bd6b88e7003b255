"""Other callers with the same trouble, as the recordings process finds them while a call runs."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions import drafts
from core.actions.calls import Arrival, open_call
from core.actions.same_trouble import join_case, not_same
from core.clock import SystemClock
from core.db.engine import Database
from core.db.tables.cases import CaseRow
from core.db.tables.drafting import BurstRow
from core.domain.cases import CaseStatus
from core.domain.drafts import DraftSuggestion, FieldValue
from core.domain.events import CaseStatusChanged
from core.errors import TransitionRefused
from core.ids import CallId, CaseId
from core.vault import Vault
from recordings.same_trouble import OpenMatters, SameTrouble

pytestmark = pytest.mark.integration
VAULT = Vault(b"k" * 32)


@pytest.fixture
def database(engine: AsyncEngine) -> Database:
    return Database(engine, clock=SystemClock())


def told(place: str, what: str, category: tuple[str, str]) -> DraftSuggestion:
    point = {"value": place, "lat": 32.1, "lon": 121.0, "grid": ""}
    return DraftSuggestion(
        {
            "case_type": FieldValue("投诉", 0.9),
            "category": FieldValue(list(category), 0.9),
            "places": FieldValue([place], 0.9, choices=({"value": place, "town": "东湖街道"},)),
            "place_text": FieldValue(place, 0.9, choices=(point,)),
            "summary": FieldValue(what, 0.8),
        }
    )


LAMPS = told("文昌路", "市民反映文昌路路灯不亮", ("城市管理", "路灯照明"))
NOISE = told("中山路", "市民反映中山路夜间施工噪音", ("生态环境", "噪声污染"))


async def phone_in(database: Database, number: int, what: DraftSuggestion) -> CaseId:
    """A call with a draft."""
    call_id = CallId(f"call-{number}")
    caller = f"138000000{number:02d}"
    async with database.work() as work:
        await open_call(work, Arrival(call_id, "main", "12345", f"chan-{number}", caller), VAULT)
        case = await drafts.update_draft(work, call_id, what)
        await work.commit()
        return CaseId(case.id)


async def submit(database: Database, case_id: CaseId) -> None:
    async with database.work() as work:
        await drafts.submit_draft(work, case_id, actor="agent", vault=VAULT)
        await work.commit()


async def case(database: Database, case_id: CaseId) -> CaseRow:
    async with database.sessions() as session:
        return await session.get_one(CaseRow, case_id)


async def test_the_open_case_is_proposed_with_why_and_joined(database: Database) -> None:
    first = await phone_in(database, 1, LAMPS)
    await submit(database, first)
    other = await phone_in(database, 2, NOISE)
    await submit(database, other)
    mine = await phone_in(database, 3, LAMPS)
    await SameTrouble(database, OpenMatters(database, database.clock)).suggest(CallId("call-3"))
    (found,) = (await case(database, mine)).alike
    assert (found["case_id"], found["can_join"], found["reporters"]) == (first, True, 1)
    assert found["score"] > 0.8
    assert "同一地点：文昌路" in found["reasons"]
    async with database.work() as work:
        joined = await join_case(work, mine, first, actor="agent", vault=VAULT)
        again = await join_case(work, mine, first, actor="agent", vault=VAULT)
        await work.commit()
    assert joined is again
    assert (joined.status, bool(joined.number)) == (CaseStatus.MERGED.value, True)
    fourth = await phone_in(database, 4, LAMPS)
    await SameTrouble(database, OpenMatters(database, database.clock)).suggest(CallId("call-4"))
    (found,) = (await case(database, fourth)).alike
    assert (found["case_id"], found["reporters"]) == (first, 2)


async def test_what_a_person_refused_is_never_proposed_again(database: Database) -> None:
    first = await phone_in(database, 1, LAMPS)
    await submit(database, first)
    mine = await phone_in(database, 2, LAMPS)
    same = SameTrouble(database, OpenMatters(database, database.clock))
    await same.suggest(CallId("call-2"))
    assert len((await case(database, mine)).alike) == 1
    async with database.work() as work:
        await not_same(work, mine, first, actor="agent")
        await work.commit()
    await same.suggest(CallId("call-2"))
    assert (await case(database, mine)).alike == []


async def test_a_running_call_is_shown_but_cannot_be_joined(database: Database) -> None:
    first = await phone_in(database, 1, LAMPS)
    mine = await phone_in(database, 2, LAMPS)
    await SameTrouble(database, OpenMatters(database, database.clock)).suggest(CallId("call-2"))
    (found,) = (await case(database, mine)).alike
    assert (found["case_id"], found["can_join"]) == (first, False)
    async with database.work() as work:
        with pytest.raises(TransitionRefused):
            await join_case(work, mine, first, actor="agent", vault=VAULT)


async def test_candidates_are_read_once_and_then_only_what_events_name(
    database: Database,
) -> None:
    first = await phone_in(database, 1, LAMPS)
    await submit(database, first)
    matters = OpenMatters(database, database.clock)
    assert set(await matters.current()) == {first}
    second = await phone_in(database, 2, LAMPS)
    assert set(await matters.current()) == {first}
    async with database.work() as work:
        (await work.session.get_one(CaseRow, first)).status = CaseStatus.CLOSED.value
        await work.commit()
    for one in (first, second):
        matters.take(CaseStatusChanged(one, "", "", "", "", ""))
    assert set(await matters.current()) == {second}


async def test_many_callers_in_a_short_time_are_a_burst_with_a_mother_case(
    database: Database,
) -> None:
    first = await phone_in(database, 1, LAMPS)
    await submit(database, first)
    same = SameTrouble(database, OpenMatters(database, database.clock))
    for number in range(2, 7):
        mine = await phone_in(database, number, LAMPS)
        await same._matters._read([mine])
        await same.suggest(CallId(f"call-{number}"))
    row = await case(database, mine)
    assert (row.burst["mother_id"], row.burst["count"]) == (first, 6)
    async with database.sessions() as session:
        (burst,) = (await session.scalars(select(BurstRow))).all()
    assert (burst.mother_id, burst.count, burst.place) == (first, 6, "文昌路")
    assert burst.last_at - burst.first_at < timedelta(minutes=5)


async def test_a_draft_without_a_category_is_compared_with_nothing(database: Database) -> None:
    await submit(database, await phone_in(database, 1, LAMPS))
    empty = DraftSuggestion({"summary": FieldValue("市民反映文昌路路灯不亮", 0.5)})
    mine = await phone_in(database, 2, empty)
    await SameTrouble(database, OpenMatters(database, database.clock)).suggest(CallId("call-2"))
    assert (await case(database, mine)).alike == []
