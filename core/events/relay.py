"""From the outbox to the bus: at once after a commit, and by a sweep for what failed."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from core import metrics
from core.clock import Clock
from core.db.engine import Database
from core.db.tables.outbox import OutboxRow
from core.domain.codec import Envelope, from_payload
from core.domain.events import EPHEMERAL
from core.errors import InputRefused, Unavailable
from core.events.bus import EVENTS, EventBus

logger = logging.getLogger(__name__)
_SWEEP_SECONDS = 2.0
_GRACE = timedelta(seconds=2)
_KEEP_SENT = timedelta(hours=1)
_MARK_BATCH = 200


class Relay:
    """Publishes committed events; `publish` is handed to Database, `run` sweeps for ever."""

    def __init__(self, bus: EventBus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._sent: asyncio.Queue[str] = asyncio.Queue(maxsize=10_000)

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        """Send now; on failure leave it to the sweep."""
        try:
            await self._bus.publish(EVENTS, envelopes)
        except Unavailable:
            logger.warning("bus unavailable, events wait in the outbox")
            return
        for envelope in envelopes:
            if self._sent.full():
                break  # the sweep sends these once more; consumers are idempotent by id
            self._sent.put_nowait(envelope.event_id)

    async def run(self, database: Database) -> None:
        """Mark what was sent, and send what was left behind, until cancelled."""
        while True:
            try:
                await self.mark_sent(database)
                await self.sweep(database)
            except (SQLAlchemyError, OSError, Unavailable):
                logger.warning("outbox sweep failed, trying again")
                metrics.LOOP_ERRORS.labels("relay").inc()
            await asyncio.sleep(_SWEEP_SECONDS)

    async def mark_sent(self, database: Database) -> None:
        """Note in the outbox what went out directly."""
        ids: list[str] = []
        while not self._sent.empty() and len(ids) < _MARK_BATCH:
            ids.append(self._sent.get_nowait())
        if ids:
            async with database.work() as work:
                await work.session.execute(
                    update(OutboxRow).where(OutboxRow.id.in_(ids)).values(sent_at=self._clock.now())
                )
                await work.commit()
            metrics.EVENTS_RELAYED.inc(len(ids))
            if not self._sent.empty():
                await self.mark_sent(database)

    async def sweep(self, database: Database) -> int:
        """Send unsent events older than the grace period; returns how many.

        Rows are claimed with SKIP LOCKED by "unsent", never by "greater than the last seen":
        a sequence is not the order of commits.
        """
        now = self._clock.now()
        async with database.work() as work:
            rows = (
                await work.session.scalars(
                    select(OutboxRow)
                    .where(OutboxRow.sent_at.is_(None), OutboxRow.created_at < now - _GRACE)
                    .order_by(OutboxRow.id)
                    .limit(500)
                    .with_for_update(skip_locked=True)
                )
            ).all()
            envelopes = [e for e in map(_envelope, rows) if e is not None]
            await self._bus.publish(EVENTS, envelopes)
            for row in rows:
                row.sent_at = now
            await work.session.execute(
                delete(OutboxRow).where(OutboxRow.sent_at < now - _KEEP_SENT)
            )
            await work.commit()
        return len(envelopes)


def _envelope(row: OutboxRow) -> Envelope | None:
    try:
        event = from_payload(row.kind, row.payload)
    except InputRefused:
        logger.warning("unreadable outbox row skipped", extra={"kind": row.kind})
        return None
    return None if type(event) in EPHEMERAL else Envelope(row.id, event)
