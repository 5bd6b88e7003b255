"""Connections, and the unit of work: change, audit and event together or not at all."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Self

import asyncpg
from sqlalchemy import event, insert
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from core.clock import Clock, SystemClock
from core.db.tables.outbox import AuditRow, OutboxRow
from core.domain.codec import Envelope, to_payload
from core.domain.events import Event
from core.ids import new_id

logger = logging.getLogger(__name__)
Publish = Callable[[Sequence[Envelope]], Awaitable[None]]


def make_engine(url: str, *, pool_size: int = 10) -> AsyncEngine:
    """An engine for a `postgresql+asyncpg://` address; tests a connection before using it."""
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=10)
    event.listen(engine.sync_engine, "checkout", _check_alive)
    return engine


def _check_alive(connection: Any, _record: object, _proxy: object) -> None:
    """One question over the wire, as pool_pre_ping asks, without its BEGIN and ROLLBACK."""
    try:
        connection.run_async(lambda driver: driver.execute("SELECT 1"))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        # The pool then drops every connection older than this, and opens a new one.
        raise InvalidatePoolError from error


class UnitOfWork:
    """One transaction; `async with` rolls back unless `commit()` was reached."""

    def __init__(self, database: "Database") -> None:
        self._database = database
        self._events: list[Envelope] = []
        self.clock = database.clock
        self.session: AsyncSession = database.sessions()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Shielded: a cancelled task must not leave a connection inside a transaction.
        await asyncio.shield(self.session.close())

    def record(self, event: Event) -> None:
        """Tell this event after the commit; it is stored with the change (outbox)."""
        envelope = Envelope(new_id(), event)
        self._events.append(envelope)
        self.session.add(
            OutboxRow(
                id=envelope.event_id,
                kind=type(event).__name__,
                payload=to_payload(event),
                created_at=self.clock.now(),
            )
        )

    async def record_many(self, events: Sequence[Event]) -> None:
        """Tell many events after the commit; one statement stores them all."""
        envelopes = [Envelope(new_id(), event) for event in events]
        self._events.extend(envelopes)
        rows = [
            {
                "id": envelope.event_id,
                "kind": type(envelope.event).__name__,
                "payload": to_payload(envelope.event),
                "created_at": self.clock.now(),
                "sent_at": None,
            }
            for envelope in envelopes
        ]
        if rows:
            await self.session.execute(insert(OutboxRow), rows)

    def audit(
        self, *, actor: str, action: str, entity: str, entity_id: str, facts: dict[str, Any]
    ) -> None:
        """Write who did what; facts never hold personal data."""
        self.session.add(
            AuditRow(
                id=new_id(),
                at=self.clock.now(),
                actor=actor,
                action=action,
                entity=entity,
                entity_id=entity_id,
                facts=facts,
            )
        )

    async def commit(self) -> None:
        """Make everything lasting, then tell it. Telling may fail: the relay tells it later."""
        await self.session.commit()
        events, self._events = self._events, []
        await self._database.tell(events)


class Database:
    """Makes units of work; `publish` sends committed events to the bus at once."""

    def __init__(
        self, engine: AsyncEngine, *, publish: Publish | None = None, clock: Clock | None = None
    ) -> None:
        self.engine = engine
        self.clock: Clock = clock or SystemClock()
        self.sessions = async_sessionmaker(engine, expire_on_commit=False)
        self._publish = publish

    def work(self) -> UnitOfWork:
        """A new unit of work."""
        return UnitOfWork(self)

    async def tell(self, envelopes: Sequence[Envelope]) -> None:
        """Publish committed events; what fails stays in the outbox for the relay."""
        if self._publish is not None and envelopes:
            await self._publish(envelopes)
