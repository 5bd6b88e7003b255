"""Commit first, then tell: events survive a bus that is away and are told once it is back."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.db.engine import Database
from core.db.tables.outbox import AuditRow, OutboxRow
from core.domain.codec import Envelope
from core.domain.events import CallHeld
from core.errors import Unavailable
from core.events.memory_bus import MemoryBus
from core.events.relay import Relay
from tests.fakes.clock import FakeClock

pytestmark = pytest.mark.integration
EVENT = CallHeld(call_id="c1", agent_id="a1", at="")


class LameBus(MemoryBus):
    """A bus that is away until it is mended."""

    away = True

    async def publish(self, stream: str, envelopes: Sequence[Envelope]) -> None:  # type: ignore[override]
        if self.away and envelopes:
            raise Unavailable("消息总线暂时不可用")
        await super().publish(stream, envelopes)


def parts(engine: AsyncEngine, clock: FakeClock, bus: MemoryBus) -> tuple[Database, Relay]:
    relay = Relay(bus, clock)
    return Database(engine, publish=relay.publish, clock=clock), relay


async def unsent(database: Database) -> int:
    async with database.sessions() as session:
        query = select(func.count()).where(OutboxRow.sent_at.is_(None))
        return int(await session.scalar(query) or 0)


async def test_an_event_is_told_right_after_its_commit(
    engine: AsyncEngine, clock: FakeClock
) -> None:
    bus = MemoryBus()
    database, relay = parts(engine, clock, bus)
    async with database.work() as work:
        work.record(EVENT)
        work.audit(actor="a1", action="hold", entity="call", entity_id="c1", facts={})
        assert bus.published == []
        await work.commit()
    assert [e.event for e in bus.published] == [EVENT]
    await relay.mark_sent(database)
    assert await unsent(database) == 0


async def test_nothing_is_told_of_a_change_that_was_not_committed(
    engine: AsyncEngine, clock: FakeClock
) -> None:
    bus = MemoryBus()
    database, relay = parts(engine, clock, bus)
    async with database.work() as work:
        work.record(EVENT)
        work.audit(actor="a1", action="hold", entity="call", entity_id="c1", facts={})
        await work.session.flush()
    clock.advance(timedelta(minutes=1))
    assert await relay.sweep(database) == 0
    assert bus.published == []
    async with database.sessions() as session:
        ours = select(func.count()).where(AuditRow.entity == "call")
        assert await session.scalar(ours) == 0


async def test_what_could_not_be_told_is_told_when_the_bus_is_back(
    engine: AsyncEngine, clock: FakeClock
) -> None:
    bus = LameBus()
    database, relay = parts(engine, clock, bus)
    async with database.work() as work:
        work.record(EVENT)
        await work.commit()
    assert await unsent(database) == 1
    bus.away = False
    clock.advance(timedelta(seconds=5))
    assert await relay.sweep(database) == 1
    assert [e.event for e in bus.published] == [EVENT]
    assert await relay.sweep(database) == 0


async def test_a_sweep_leaves_alone_what_is_being_told_right_now(
    engine: AsyncEngine, clock: FakeClock
) -> None:
    database, relay = parts(engine, clock, LameBus())
    async with database.work() as work:
        work.record(EVENT)
        await work.commit()
    assert await relay.sweep(database) == 0


async def test_two_sweeps_at_once_tell_each_event_once(
    engine: AsyncEngine, clock: FakeClock
) -> None:
    bus = LameBus()
    database, relay = parts(engine, clock, bus)
    async with database.work() as work:
        for _ in range(20):
            work.record(EVENT)
        await work.commit()
    bus.away = False
    clock.advance(timedelta(seconds=5))
    other = Relay(bus, clock)
    await relay.sweep(database)
    await other.sweep(database)
    assert len(bus.published) == 20
