"""The watch over clocks on real PostgreSQL: each thing once, by two watchers, across restarts."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions.announcing import announce_due, resume_due
from core.clock import CITY_TIME
from core.db.engine import Database
from core.db.repos.alarms import next_alarm_at
from core.db.tables.cases import CaseRow
from core.db.tables.handling import ClockAlarmRow, SuperviseRow
from core.db.tables.sides import StageClockRow
from core.domain.cases import CaseStatus
from core.domain.events import CalendarMissing, ClockAnnounced
from core.events.bus import EVENTS
from core.events.memory_bus import MemoryBus
from core.events.relay import Relay
from routing.sla_watch import LONGEST, SlaWatch
from tests.fakes.clock import FakeClock
from tests.support.city import build_city
from tests.support.lives import (
    CHIEF,
    DISPATCHER,
    LAMP_DESK,
    REPLY,
    RETURN,
    ROAD_DESK,
    TO_ROADS,
    A,
    Life,
    new_case,
)

pytestmark = pytest.mark.integration
_DRAFT = CaseStatus.DRAFT


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
async def database(engine: AsyncEngine, clock: FakeClock, bus: MemoryBus) -> Database:
    made = Database(engine, publish=Relay(bus, clock).publish, clock=clock)
    async with made.work() as work:
        await build_city(work)
        await work.commit()
    return made


@pytest.fixture
def watch(database: Database, bus: MemoryBus) -> SlaWatch:
    return SlaWatch(database=database, bus=bus)


@pytest.fixture
async def life(database: Database) -> Life:
    return await Life(database, await new_case(database)).dispatched()


def told(bus: MemoryBus) -> list[str]:
    return [e.event.kind for e in bus.published if isinstance(e.event, ClockAnnounced)]


def turn_to(clock: FakeClock, text: str) -> None:
    clock.advance(datetime.fromisoformat(text).replace(tzinfo=CITY_TIME) - clock.now())


async def test_each_warning_and_breach_is_told_once_and_in_order(
    life: Life, watch: SlaWatch, bus: MemoryBus, clock: FakeClock
) -> None:
    await watch.tick()
    assert told(bus) == []
    for _ in range(40):  # past every instant of a limit of five working days
        clock.advance(timedelta(hours=8))
        await watch.tick()
    assert told(bus) == ["SIGN_DUE", "CONTACT_DUE", "SOON", "LATE", "ORDER_LATE"]
    words = await life.actions()
    assert words == [
        "派遣", "签收超时", "首次联系超时", "到期预警", "承办单超期", "督办", "督办逾期未复",
    ]  # fmt: skip


async def test_a_late_unit_gets_one_order_from_the_system(
    life: Life, watch: SlaWatch, clock: FakeClock
) -> None:
    clock.advance(timedelta(days=20))
    await watch.tick()
    (order,) = await life.all(SuperviseRow)
    assert (order.kind, order.level, order.issued_by) == ("timeout", 1, "system")
    await life.step(A.OVERRIDE_CLOCK, CHIEF, {"new_due": "2026-12-20T18:00+08:00", "reason": "雪"})
    clock.advance(timedelta(days=20))
    await watch.tick()
    assert await life.count(SuperviseRow) == 1, "the order that is open is enough"


async def test_a_due_that_was_moved_is_announced_again(
    life: Life, watch: SlaWatch, bus: MemoryBus, clock: FakeClock
) -> None:
    clock.advance(timedelta(days=20))
    await watch.tick()
    await life.step(A.OVERRIDE_CLOCK, CHIEF, {"new_due": "2026-12-20T18:00+08:00", "reason": "雪"})
    clock.advance(timedelta(days=20))
    await watch.tick()
    assert Counter(told(bus))["LATE"] == 2
    assert Counter(told(bus))["SIGN_DUE"] == 1


async def test_what_was_replied_in_time_is_never_called_late(
    life: Life, watch: SlaWatch, bus: MemoryBus, clock: FakeClock
) -> None:
    await life.step(A.SIGN, LAMP_DESK)
    await life.step(A.REPLY, LAMP_DESK, REPLY)
    clock.advance(timedelta(days=40))
    await watch.tick()
    assert told(bus) == []


async def test_the_clock_of_a_disputed_case_is_announced_all_the_same(
    life: Life, watch: SlaWatch, bus: MemoryBus, clock: FakeClock
) -> None:
    await life.step(A.ASK_RETURN, LAMP_DESK, RETURN)
    clock.advance(timedelta(days=40))
    await watch.tick()
    assert "LATE" in told(bus)


async def test_two_watchers_share_the_work_and_tell_nothing_twice(
    database: Database, bus: MemoryBus, clock: FakeClock
) -> None:
    for _ in range(30):
        await Life(database, await new_case(database)).dispatched()
    clock.advance(timedelta(days=40))
    batches = await asyncio.gather(
        *(announce_due(database, limit=10) for _ in range(4)),
        *(SlaWatch(database=database, bus=bus).tick() for _ in range(2)),
    )
    await SlaWatch(database=database, bus=bus).tick()
    assert len(batches) == 6
    events = [e.event for e in bus.published if isinstance(e.event, ClockAnnounced)]
    pairs = Counter((event.leg_id, event.kind) for event in events if event.leg_id)
    assert len(pairs) == 30 * 4
    assert set(pairs.values()) == {1}


async def test_a_watch_that_starts_anew_repeats_nothing_and_misses_nothing(
    life: Life, database: Database, bus: MemoryBus, clock: FakeClock
) -> None:
    clock.advance(timedelta(hours=6))
    await SlaWatch(database=database, bus=bus).tick()
    before = told(bus)
    clock.advance(timedelta(days=20))  # nobody watches
    await SlaWatch(database=database, bus=bus).tick()
    assert before == ["SIGN_DUE"]
    assert Counter(told(bus)) == Counter(["SIGN_DUE", "CONTACT_DUE", "SOON", "LATE"])


async def test_a_case_in_somebodys_hands_is_passed_over_and_told_afterwards(
    life: Life, database: Database, bus: MemoryBus, clock: FakeClock
) -> None:
    clock.advance(timedelta(days=20))
    watch = SlaWatch(database=database, bus=bus)
    async with database.work() as work:
        await work.session.scalars(
            select(CaseRow).where(CaseRow.id == life.case_id).with_for_update()
        )
        assert await watch.tick() == pytest.approx(0.2)
        assert told(bus) == []
    await watch.tick()
    assert "LATE" in told(bus)


async def test_the_watch_sleeps_until_the_next_alarm_and_never_long(
    life: Life, database: Database, watch: SlaWatch, clock: FakeClock
) -> None:
    assert await watch.tick() == LONGEST.total_seconds()
    async with database.sessions() as session:
        next_at = await next_alarm_at(session)
    assert next_at is not None
    clock.advance(next_at - clock.now() - timedelta(seconds=7))
    assert await watch.tick() == pytest.approx(7)


async def test_a_step_wakes_the_watch(
    database: Database, watch: SlaWatch, bus: MemoryBus, clock: FakeClock
) -> None:
    async def first_announcement() -> str:
        async for envelope in bus.follow(EVENTS):
            if isinstance(envelope.event, ClockAnnounced):
                return envelope.event.kind
        return ""

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        running = group.create_task(watch.run())
        heard = group.create_task(first_announcement())
        life = Life(database, await new_case(database))
        await life.dispatched()
        clock.advance(timedelta(days=1))
        await life.step(A.URGE, DISPATCHER, {"words": "快一点"})
        assert await heard == "SIGN_DUE"
        running.cancel()


async def test_a_suspended_case_goes_on_by_itself_on_its_day(
    life: Life, watch: SlaWatch, clock: FakeClock, database: Database
) -> None:
    await life.step(A.SIGN, LAMP_DESK)
    await life.step(A.SUSPEND, DISPATCHER, {"condition": "等施工", "resume_on": "2026-12-07"})
    turn_to(clock, "2026-12-07T07:59")
    await watch.tick()
    assert (await life.case()).status == "SUSPENDED"
    turn_to(clock, "2026-12-07T08:00")
    await asyncio.gather(watch.tick(), resume_due(database))
    assert (await life.case()).status == "HANDLING"
    assert (await life.actions()).count("恢复办理") == 1
    due = (await life.case()).due_at
    assert due is not None
    # Suspended from a Monday noon on: eight working days and a half are given back.
    assert due.astimezone(CITY_TIME).isoformat() == "2026-12-14T12:00:00+08:00"


async def test_resuming_by_hand_forgets_the_day(
    life: Life, watch: SlaWatch, clock: FakeClock
) -> None:
    await life.step(A.SIGN, LAMP_DESK)
    await life.step(A.SUSPEND, DISPATCHER, {"condition": "等施工", "resume_on": "2026-12-07"})
    await life.step(A.RESUME, LAMP_DESK)
    assert await life.count(ClockAlarmRow, ClockAlarmRow.kind == "RESUME") == 0


async def test_next_years_missing_calendar_is_told_once_a_day_from_december(
    watch: SlaWatch, database: Database, bus: MemoryBus, clock: FakeClock
) -> None:
    def years() -> list[int]:
        return [e.event.year for e in bus.published if isinstance(e.event, CalendarMissing)]

    await watch.tick()
    assert years() == []
    turn_to(clock, "2026-12-01T09:00")
    await watch.tick()
    await SlaWatch(database=database, bus=bus).tick()
    assert years() == [2027]
    clock.advance(timedelta(days=1))
    await watch.tick()
    assert years() == [2027, 2027]


async def test_our_own_stages_have_clocks_that_rest_while_information_is_missing(
    database: Database, watch: SlaWatch, bus: MemoryBus, clock: FakeClock
) -> None:
    turn_to(clock, "2026-11-23T14:00")
    life = Life(database, await new_case(database, status=_DRAFT))
    await life.step(A.ACCEPT, DISPATCHER, {"content": "路灯不亮", "case_type": "投诉"})
    clock.advance(timedelta(minutes=5))
    await life.step(A.ASK_INFO, DISPATCHER, {"reason": "哪一盏"})
    clock.advance(timedelta(hours=1))
    await watch.tick()
    assert told(bus) == []
    await life.step(A.COMPLETE_INFO, DISPATCHER, {"content": "门口那盏"})
    (stage,) = await life.all(StageClockRow)
    assert stage.due_at - clock.now() == timedelta(minutes=10)
    clock.advance(timedelta(minutes=11))
    await watch.tick()
    assert told(bus) == ["STAGE_LATE"]
    await life.dispatched()
    (stage,) = await life.all(StageClockRow)
    assert stage.late
    assert stage.stopped_at == clock.now()


async def test_the_cases_own_due_is_told_after_it_changed_hands_and_only_while_it_is_owed(
    life: Life, watch: SlaWatch, bus: MemoryBus, clock: FakeClock
) -> None:
    clock.advance(timedelta(days=1))
    await life.step(A.ASK_RETURN, LAMP_DESK, RETURN)
    await life.step(A.ALLOW_RETURN, DISPATCHER, TO_ROADS)
    await life.step(A.SIGN, ROAD_DESK)
    pause = {"condition": "等施工", "resume_on": "2026-12-07"}
    await life.step(A.SUSPEND, DISPATCHER, pause)
    assert await life.count(ClockAlarmRow, ClockAlarmRow.kind == "CASE_LATE") == 0
    await life.step(A.RESUME, DISPATCHER)
    assert await life.count(ClockAlarmRow, ClockAlarmRow.kind == "CASE_LATE") == 1
    await life.step(A.REPLY, ROAD_DESK, REPLY)
    clock.advance(timedelta(days=20))
    await watch.tick()
    assert "CASE_LATE" not in told(bus), "it was answered in time; our review is not charged"


async def test_a_case_that_ends_has_nothing_more_to_announce(
    life: Life, watch: SlaWatch, bus: MemoryBus, clock: FakeClock
) -> None:
    await life.step(A.SIGN, LAMP_DESK)
    await life.step(A.SUSPEND, DISPATCHER, {"condition": "等施工", "resume_on": "2026-12-07"})
    await life.step(A.TERMINATE, CHIEF, {"channel": "诉讼", "reason": "已起诉"})
    clock.advance(timedelta(days=40))
    assert await watch.tick() == LONGEST.total_seconds()
    assert told(bus) == []
    assert (await life.case()).status == "CLOSED_TERMINATED"
