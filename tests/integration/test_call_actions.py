"""Actions on real PostgreSQL: a call from the ring to the case, told as events."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions import calls, drafts, recordings
from core.actions.calls import Arrival, QueueEntry
from core.db.engine import Database
from core.db.repos import cases as case_repo
from core.db.repos.calls import transcript
from core.db.tables.calls import CallRow
from core.db.tables.cases import CaseRow
from core.domain.calls import EndedBy, OfferOutcome
from core.domain.cases import is_case_number
from core.domain.drafts import DraftSuggestion, FieldOrigin, FieldValue, Span
from core.domain.events import CallOffered, CallQueued, CaseSubmitted, DraftUpdated
from core.errors import InputRefused, TransitionRefused
from core.events.memory_bus import MemoryBus
from core.events.relay import Relay
from core.ids import AgentId, CallId, CaseId, OfferId
from core.vault import Vault
from tests.fakes.clock import FakeClock

pytestmark = pytest.mark.integration
VAULT = Vault(b"k" * 32)
CALL = CallId("call-1")
AGENT = AgentId("agent-1")
LAMP = DraftSuggestion(
    {
        "case_type": FieldValue("投诉", 0.9, (Span("caller", 0, 900, "路灯坏了", "type"),)),
        "category": FieldValue("城市管理/路灯照明", 0.9),
        "summary": FieldValue("人民路路灯不亮", 0.8),
    }
)


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
def database(engine: AsyncEngine, clock: FakeClock, bus: MemoryBus) -> Database:
    return Database(engine, publish=Relay(bus, clock).publish, clock=clock)


def arrival(call_id: CallId = CALL) -> Arrival:
    return Arrival(call_id, "main", "12345", "chan-1", "+86 138-6275-4310")


async def open_queued(database: Database, call_id: CallId = CALL) -> None:
    async with database.work() as work:
        await calls.open_call(work, arrival(call_id), VAULT)
        await calls.queue_call(work, call_id, QueueEntry("general", menu_path=("main", "2")))
        await work.commit()


async def test_a_call_told_twice_is_one_call(database: Database, bus: MemoryBus) -> None:
    for _ in range(2):
        async with database.work() as work:
            await calls.open_call(work, arrival(), VAULT)
            await work.commit()
    assert len(bus.published) == 1


async def test_the_callers_number_is_sealed_hashed_and_masked(database: Database) -> None:
    await open_queued(database)
    async with database.sessions() as session:
        call = await session.get_one(CallRow, CALL)
    assert "13862754310" not in call.caller_sealed
    assert VAULT.open(call.caller_sealed) == "13862754310"
    assert call.caller_mask == "138****4310"
    assert call.caller_hash == VAULT.fingerprint("13862754310")


async def test_an_unanswered_offer_returns_the_call_to_its_old_place(
    database: Database, bus: MemoryBus, clock: FakeClock
) -> None:
    await open_queued(database)
    queued_at = clock.now()
    clock.advance(30)
    async with database.work() as work:
        await calls.offer_call(work, CALL, AGENT, OfferId("o1"), seconds=20)
        await work.commit()
    async with database.work() as work:
        await calls.end_offer(work, OfferId("o1"), OfferOutcome.UNANSWERED)
        await work.commit()
    async with database.sessions() as session:
        call = await session.get_one(CallRow, CALL)
    assert (call.state, call.queued_at, call.agent_id) == ("QUEUED", queued_at, None)
    kinds = Counter(type(e.event) for e in bus.published)
    assert kinds[CallQueued] == 1
    assert kinds[CallOffered] == 1


async def test_an_ended_call_stays_ended(database: Database) -> None:
    await open_queued(database)
    for ended_by in (EndedBy.CALLER, EndedBy.AGENT):
        async with database.work() as work:
            await calls.end_call(work, CALL, ended_by=ended_by)
            await work.commit()
    async with database.sessions() as session:
        call = await session.get_one(CallRow, CALL)
    assert call.ended_by == "CALLER"
    async with database.work() as work:
        with pytest.raises(TransitionRefused):
            await calls.offer_call(work, CALL, AGENT, OfferId("o2"), seconds=20)


async def test_the_survey_takes_one_to_five_and_nothing_else(database: Database) -> None:
    await open_queued(database)
    for score in (0, 6, -1):
        async with database.work() as work:
            with pytest.raises(InputRefused):
                await calls.answer_survey(work, CALL, score)
    async with database.work() as work:
        await calls.answer_survey(work, CALL, 5)
        await work.commit()


async def test_two_processes_that_open_the_draft_at_once_find_one(database: Database) -> None:
    await open_queued(database)

    async def open_one() -> str:
        async with database.work() as work:
            case = await drafts.open_draft(work, CALL)
            await work.commit()
            return case.id

    ids = await asyncio.gather(*(open_one() for _ in range(8)))
    assert len(set(ids)) == 1


async def test_the_machine_fills_the_agent_corrects_and_the_case_gets_its_number(
    database: Database, bus: MemoryBus
) -> None:
    await open_queued(database)
    async with database.work() as work:
        case = await drafts.update_draft(work, CALL, LAMP)
        await work.commit()
    async with database.work() as work:
        await drafts.edit_draft(work, CaseId(case.id), {"summary": "人民路三盏路灯"}, actor=AGENT)
        await work.commit()
    async with database.work() as work:
        await drafts.update_draft(work, CALL, LAMP)  # the machine tries again
        await work.commit()
    async with database.work() as work:
        done = await drafts.submit_draft(work, CaseId(case.id), actor=AGENT, vault=VAULT)
        await work.commit()
    assert done.number is not None
    assert is_case_number(done.number)
    assert done.number == "2026112300001"
    assert done.content == "人民路三盏路灯"
    assert drafts.load_fields(done)["summary"].origin is FieldOrigin.AGENT
    events = [e.event for e in bus.published]
    assert sum(isinstance(e, CaseSubmitted) for e in events) == 1
    assert {e.actor for e in events if isinstance(e, DraftUpdated)} == {"machine", AGENT}
    async with database.sessions() as session:
        found = await case_repo.public_status(session, done.number, "4310", VAULT)
        wrong = await case_repo.public_status(session, done.number, "4311", VAULT)
    assert found is not None
    assert found.id == case.id
    assert wrong is None


async def test_submitting_twice_gives_the_same_number(database: Database) -> None:
    await open_queued(database)
    async with database.work() as work:
        case = await drafts.update_draft(work, CALL, LAMP)
        await work.commit()

    async def submit() -> str | None:
        async with database.work() as work:
            done = await drafts.submit_draft(work, CaseId(case.id), actor=AGENT, vault=VAULT)
            await work.commit()
            return done.number

    assert len(set(await asyncio.gather(*(submit() for _ in range(4))))) == 1


async def test_many_submissions_at_once_get_different_numbers(database: Database) -> None:
    async def one(number: int) -> str | None:
        call_id = CallId(f"call-{number}")
        await open_queued(database, call_id)
        async with database.work() as work:
            case = await drafts.update_draft(work, call_id, LAMP)
            await work.commit()
        async with database.work() as work:
            done = await drafts.submit_draft(work, CaseId(case.id), actor=AGENT, vault=VAULT)
            await work.commit()
            return done.number

    numbers = await asyncio.gather(*(one(n) for n in range(12)))
    assert sorted(str(n)[-2:] for n in numbers) == [f"{n:02d}" for n in range(1, 13)]


async def test_an_empty_draft_is_not_submitted_and_takes_no_number(database: Database) -> None:
    await open_queued(database)
    async with database.work() as work:
        case = await drafts.open_draft(work, CALL)
        await work.commit()
    async with database.work() as work:
        with pytest.raises(InputRefused):
            await drafts.submit_draft(work, CaseId(case.id), actor=AGENT, vault=VAULT)
    async with database.sessions() as session:
        assert (await session.get_one(CaseRow, case.id)).number is None


@pytest.mark.parametrize("changes", [{"status": "CLOSED"}, {"summary": "长" * 20_001}])
async def test_a_foreign_field_or_an_oversized_text_changes_nothing(
    database: Database, changes: dict[str, str]
) -> None:
    await open_queued(database)
    async with database.work() as work:
        case = await drafts.open_draft(work, CALL)
        await work.commit()
    async with database.work() as work:
        with pytest.raises(InputRefused):
            await drafts.edit_draft(work, CaseId(case.id), changes, actor=AGENT)
    async with database.sessions() as session:
        assert (await session.get_one(CaseRow, case.id)).fields == {}


async def test_the_better_pass_replaces_live_captions_but_not_edited_ones(
    database: Database,
) -> None:
    await open_queued(database)
    async with database.work() as work:
        for text in ("一", "二"):
            row = await recordings.hear_utterance(
                work, CALL, recordings.Heard("caller", 0, 900, text, 0.5)
            )
        row.edited = True
        await work.commit()
    async with database.work() as work:
        better = [recordings.Heard("caller", 1000, 1900, "更好", 0.9)]
        await recordings.replace_transcript(work, CALL, better, engine="whisper")
        await work.commit()
    async with database.sessions() as session:
        texts = {row.text for row in await transcript(session, CALL)}
    assert texts == {"二", "更好"}
