"""What the menus write and ask, on real PostgreSQL and Redis, and while those are away."""

from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.asterisk.sounds import PromptSounds
from core.config import Settings
from core.db.engine import Database, make_engine
from core.db.repos.lines import queues as queue_rows
from core.db.tables.calls import CallRow
from core.db.tables.cases import CaseEventRow, CaseRow
from core.db.tables.lines import AnnouncementRow, BlacklistRow, HolidayRow, LineRow
from core.db.tables.outbox import OutboxRow
from core.domain.calls import CallState, EndedBy
from core.domain.cases import CaseStatus
from core.errors import NotFound, Unavailable
from core.ids import CallId
from core.rate_limit import Counters, MemoryCounters, RedisCounters
from core.vault import Vault
from ivr.case_desk import CALLER_LIMIT, CaseDesk
from ivr.line_book import book_of, kept, read_plain
from ivr.line_desk import DatabaseLines
from ivr.menu.messages import CaseAnswer, CaseResult, Enqueue, UrgeAnswer
from ivr.menu.state import MenuState, Phase
from ivr.menu_states import RedisMenuStates
from ivr.records import DatabaseRecords, MenuCall
from tests.fakes.clock import NOON, FakeClock

pytestmark = pytest.mark.integration
VAULT = Vault(b"k" * 32)
CALL = CallId("call-1")
NUMBER = "2026112300042"
NOWHERE = "postgresql+asyncpg://nobody@127.0.0.1:1/none"
ORDER = Enqueue("general", ("city",), 30, "en", ("main", "complain"))


@pytest.fixture
def database(engine: AsyncEngine, clock: FakeClock) -> Database:
    return Database(engine, clock=clock)


@pytest.fixture
def records(database: Database) -> DatabaseRecords:
    return DatabaseRecords(database, VAULT)


def call(call_id: CallId = CALL) -> MenuCall:
    return MenuCall(call_id, f"chan-{call_id}", "12345", "13800000001", "main")


async def row_of(database: Database) -> CallRow:
    async with database.work() as work:
        return await work.session.get_one(CallRow, CALL)


async def test_a_call_is_written_from_its_arrival_to_its_end(
    database: Database, records: DatabaseRecords
) -> None:
    await records.arrived(call())
    await records.arrived(call())
    assert await records.state_of(CALL) == (CallState.IVR, "zh")
    assert await records.open_in_menus() == {CALL: ("chan-call-1", CallState.IVR)}
    await records.queued(call(), ORDER)
    assert await records.state_of(CALL) == (CallState.QUEUED, "en")
    assert await records.open_in_menus() == {}
    await records.ended(CALL, EndedBy.CALLER)
    row = await row_of(database)
    assert (row.menu_path, row.priority, row.skills) == (["main", "complain"], 30, ["city"])
    assert row.ended_by == EndedBy.CALLER


async def test_a_call_that_waits_at_once_is_written_with_its_place_in_line(
    database: Database, records: DatabaseRecords
) -> None:
    await records.queued(call(), ORDER)
    await records.arrived(call())
    assert await records.state_of(CALL) == (CallState.QUEUED, "en")
    async with database.sessions() as session:
        told = (await session.scalars(select(OutboxRow.kind))).all()
    assert sorted(told) == ["CallArrived", "CallQueued"]


async def test_a_call_ends_when_the_caller_left_however_late_it_is_written(
    database: Database, records: DatabaseRecords, clock: FakeClock
) -> None:
    await records.arrived(call())
    left = clock.now()
    clock.advance(timedelta(seconds=9))
    await records.ended(CALL, EndedBy.CALLER, at=left)
    assert (await row_of(database)).ended_at == left


async def test_an_order_given_again_disturbs_nothing_that_routing_has_begun(
    database: Database, records: DatabaseRecords
) -> None:
    await records.arrived(call())
    await records.queued(call(), ORDER)
    async with database.work() as work:
        row = await work.session.get_one(CallRow, CALL)
        row.state = CallState.OFFERED.value
        await work.commit()
    await records.queued(call(), ORDER)
    await records.taking_message(CALL)
    assert (await row_of(database)).state == CallState.OFFERED


async def test_a_message_is_a_state_of_its_own_and_marks_the_end(
    database: Database, records: DatabaseRecords
) -> None:
    await records.arrived(call())
    await records.taking_message(CALL)
    assert await records.open_in_menus() == {CALL: ("chan-call-1", CallState.VOICEMAIL)}
    await records.ended(CALL, EndedBy.CALLER, voicemail=True)
    assert (await row_of(database)).voicemail


async def test_a_mark_is_kept_with_the_call(database: Database, records: DatabaseRecords) -> None:
    await records.arrived(call())
    await records.rated(CALL, 4)
    assert (await row_of(database)).survey_score == 4


async def test_a_call_that_was_never_written_is_not_known(records: DatabaseRecords) -> None:
    assert await records.state_of(CALL) is None
    with pytest.raises(NotFound):
        await records.ended(CALL, EndedBy.CALLER)


async def test_without_a_database_everything_is_unavailable() -> None:
    engine = make_engine(NOWHERE)
    records = DatabaseRecords(Database(engine), VAULT, patience=2.0)
    with pytest.raises(Unavailable):
        await records.arrived(call())
    with pytest.raises(Unavailable):
        await records.open_in_menus()
    desk = CaseDesk(Database(engine), VAULT, MemoryCounters(FakeClock()))
    answer = await desk.ask(NUMBER, "0001", caller_number="1")
    assert answer == CaseAnswer(CaseResult.UNAVAILABLE)
    assert await desk.urge(NUMBER, call_id=CALL) == UrgeAnswer(noted=False)
    await engine.dispose()


# --- cases ---------------------------------------------------------------------------------------


async def add_case(database: Database, status: CaseStatus) -> None:
    async with database.work() as work:
        work.session.add(
            CaseRow(
                id="case-1",
                number=NUMBER,
                status=status.value,
                phone_tail_hash=VAULT.fingerprint("tail:0001"),
                due_at=datetime(2026, 11, 30, 10, tzinfo=UTC),
                created_at=NOON,
            )
        )
        await work.commit()


def desk_of(database: Database, counters: Counters | None = None) -> CaseDesk:
    return CaseDesk(database, VAULT, counters or MemoryCounters(FakeClock()))


async def test_the_state_of_a_case_is_told_to_who_knows_number_and_tail(database: Database) -> None:
    await add_case(database, CaseStatus.HANDLING)
    desk = desk_of(database)
    known = await desk.ask(NUMBER, "0001", caller_number="a")
    assert (known.result, known.status) == (CaseResult.FOUND, CaseStatus.HANDLING)
    assert known.due_on is not None
    assert known.due_on.isoformat() == "2026-11-30"
    for number, tail in ((NUMBER, "0002"), ("2026112300043", "0001"), ("x", "0001")):
        answer = await desk.ask(number, tail, caller_number="a")
        assert answer == CaseAnswer(CaseResult.UNKNOWN)


async def test_a_finished_case_has_no_due_date(database: Database) -> None:
    await add_case(database, CaseStatus.CLOSED)
    assert (await desk_of(database).ask(NUMBER, "0001", caller_number="a")).due_on is None


@pytest.mark.parametrize("shared", [True, False])
async def test_nobody_can_try_all_tails(database: Database, redis_url: str, shared: bool) -> None:
    await add_case(database, CaseStatus.HANDLING)
    redis = Redis.from_url(redis_url if shared else "redis://127.0.0.1:1", decode_responses=True)
    desk = desk_of(database, RedisCounters(redis, MemoryCounters(FakeClock())))
    for _ in range(CALLER_LIMIT.most):
        await desk.ask(NUMBER, "9999", caller_number="guesser")
    answer = await desk.ask(NUMBER, "0001", caller_number="guesser")
    assert answer == CaseAnswer(CaseResult.TOO_MANY)
    another = await desk.ask(NUMBER, "0001", caller_number="citizen")
    assert another.result is CaseResult.FOUND
    await redis.aclose()


async def test_counts_forget_themselves_after_their_window() -> None:
    clock = FakeClock()
    counters = MemoryCounters(clock)
    assert [await counters.add("a", 60), await counters.add("a", 60)] == [1, 2]
    clock.advance(61)
    assert await counters.add("a", 60) == 1


async def test_pressing_for_a_case_is_written_on_its_timeline(database: Database) -> None:
    await add_case(database, CaseStatus.HANDLING)
    assert await desk_of(database).urge(NUMBER, call_id=CALL) == UrgeAnswer(noted=True)
    async with database.work() as work:
        events = (await work.session.scalars(select(CaseEventRow))).all()
        case = await work.session.get_one(CaseRow, "case-1")
    ((action, facts),) = [(event.action, event.facts) for event in events]
    assert (action, facts["given"]["call_id"]) == ("催办", CALL)
    assert case.urges == 1


# --- lines and states ---------------------------------------------------------------------------


async def test_the_line_book_is_read_and_kept_for_the_second_rung(
    database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with database.work() as work:
        work.session.add_all(
            [
                LineRow(
                    id="own", did="70001", name="热线", greeting="greeting_12345",
                    queue_id="general", hours={"mon": [["08:00", "18:00"]]},
                ),
                HolidayRow(day=NOON.date(), kind="OFF", name="假日"),
                BlacklistRow(
                    caller_hash="abc", reason="r", approved_by="a",
                    until=datetime(2027, 1, 1, tzinfo=UTC),
                ),
                AnnouncementRow(
                    id="a", prompt="announcement_busy", line_id=None, valid_from=NOON,
                    valid_to=datetime(2027, 1, 1, tzinfo=UTC),
                ),
            ]
        )  # fmt: skip
        await work.commit()
    file = tmp_path_factory.mktemp("state") / "lines.json"
    lines = DatabaseLines(database, file)
    await lines.read()
    assert lines.book == kept(file) == book_of(await read_plain(database))
    line = lines.book.line("70001", NOON)
    assert line is not None
    assert line.hours is not None
    assert not line.hours.is_open(NOON)
    assert line.announcement is not None
    assert lines.book.caller("abc").blocked_until == datetime(2027, 1, 1, tzinfo=UTC)
    away = make_engine(NOWHERE)
    later = DatabaseLines(Database(away), file)
    await later.read()
    assert later.book == lines.book
    await away.dispose()


async def test_every_line_of_the_default_city_greets_and_queues(database: Database) -> None:
    book = book_of(await read_plain(database))
    prompts = PromptSounds(Settings().prompts_dir).book
    async with database.work() as work:
        queues = {row.id for row in await queue_rows(work.session)}
    assert "12345" in book.lines
    assert book.lines["12345"].hours is None  # the hotline itself is open day and night
    for line in book.lines.values():
        assert line.greeting in prompts.templates
        assert line.queue in queues
        assert line.night_queue is None or line.night_queue in queues


async def test_menu_states_are_kept_and_a_dead_redis_is_left_alone(redis_url: str) -> None:
    clock, state = FakeClock(), MenuState(phase=Phase.LISTENING, menu="main")
    redis = Redis.from_url(redis_url, decode_responses=True)
    states = RedisMenuStates(redis, clock)
    assert await states.load(CALL) is None
    await states.save(CALL, state)
    assert await states.load(CALL) == state
    await redis.set(f"menu:{CALL}", "nonsense")
    assert await states.load(CALL) is None
    await redis.aclose()
    dead = Redis.from_url("redis://127.0.0.1:1", decode_responses=True)
    lost = RedisMenuStates(dead, clock)
    await lost.save(CALL, state)
    await lost.save(CALL, state)  # not even tried: Redis is left alone for a moment
    assert await lost.load(CALL) is None
    await dead.aclose()
