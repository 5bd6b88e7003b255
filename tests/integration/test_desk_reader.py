"""What a ringing desk shows about the caller, read from real PostgreSQL."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from agent_ui.live.reader import MAX_PAST, DeskReader
from agent_ui.live.views import CallView
from core.actions.agents import AgentNow, set_agent_state
from core.actions.calls import Arrival, QueueEntry, end_call, offer_call, open_call, queue_call
from core.db.engine import Database
from core.db.tables.cases import CaseRow
from core.domain.agents import AgentState
from core.domain.calls import EndedBy
from core.domain.cases import CaseStatus
from core.ids import AgentId, CallId, OfferId
from tests.fakes.clock import FakeClock
from tests.support.desk import VAULT, build_city

pytestmark = pytest.mark.integration
ZHANG = AgentId("id-zhangmin")
CALLER, SOMEBODY_ELSE = "13862754310", "13900001111"


@pytest.fixture
async def database(engine: AsyncEngine, clock: FakeClock) -> Database:
    made = Database(engine, clock=clock)
    await build_city(made)
    return made


async def write_case(database: Database, number: str, status: CaseStatus, caller: str) -> None:
    async with database.work() as work:
        work.session.add(
            CaseRow(
                id=f"case-{number}",
                number=number,
                status=status.value,
                title=f"第{number[-1]}件",
                caller_hash=VAULT.fingerprint(caller),
                created_at=database.clock.now(),
            )
        )
        await work.commit()


async def phone_once(database: Database, call_id: str, caller: str) -> None:
    async with database.work() as work:
        await open_call(work, Arrival(CallId(call_id), "main", "12345", "c", caller), VAULT)
        await end_call(work, CallId(call_id), ended_by=EndedBy.CALLER)
        await work.commit()


async def ring(database: Database, caller: str) -> CallView:
    """The caller is offered to Zhang; what the desk reads of it."""
    call_id, offer_id = CallId("now"), OfferId("offer")
    async with database.work() as work:
        await open_call(work, Arrival(call_id, "main", "12345", "c", caller), VAULT)
        await queue_call(work, call_id, QueueEntry("general", menu_path=("main", "complain")))
        await offer_call(work, call_id, ZHANG, offer_id, seconds=20)
        ringing = AgentNow(state=AgentState.RINGING, call_id=call_id)
        await set_agent_state(work, ZHANG, ringing)
        await work.commit()
    reader = DeskReader(sessions=database.sessions, vault=VAULT, clock=database.clock)
    view = await reader.call(ZHANG)
    assert view is not None
    return view


async def test_a_pop_shows_open_cases_first_and_only_those_of_the_caller(
    database: Database, clock: FakeClock
) -> None:
    await write_case(database, "2026112500001", CaseStatus.HANDLING, CALLER)
    clock.advance(timedelta(hours=1))
    await write_case(database, "2026112500002", CaseStatus.CLOSED, CALLER)
    clock.advance(timedelta(hours=1))
    await write_case(database, "2026112500003", CaseStatus.HANDLING, SOMEBODY_ELSE)
    await phone_once(database, "before", CALLER)
    await phone_once(database, "other", SOMEBODY_ELSE)
    history = (await ring(database, CALLER))["history"]
    assert [case["case_number"] for case in history["cases"]] == ["2026112500001", "2026112500002"]
    assert [case["open"] for case in history["cases"]] == [True, False]
    assert history["open_count"] == 1
    assert [call["call_id"] for call in history["calls"]] == ["before"]


async def test_a_pop_says_who_calls_over_which_line_and_by_which_keys(database: Database) -> None:
    view = await ring(database, CALLER)
    assert view["caller_number"] == CALLER
    assert (view["state"], view["offer_id"]) == ("OFFERED", "offer")
    assert view["menu_path"] == ["main", "complain"]
    assert view["line_name"]
    assert view["queue_name"]
    assert view["offer_until"] is not None


async def test_a_pop_shows_no_more_earlier_calls_than_fit(database: Database) -> None:
    for number in range(MAX_PAST + 2):
        await phone_once(database, f"before-{number}", CALLER)
    history = (await ring(database, CALLER))["history"]
    assert len(history["calls"]) == MAX_PAST


async def test_an_agent_without_a_call_has_no_pop(database: Database) -> None:
    reader = DeskReader(sessions=database.sessions, vault=VAULT, clock=database.clock)
    assert await reader.call(ZHANG) is None
