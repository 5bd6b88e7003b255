"""Watches every clock without asking for each: sleeps until the next alarm, announces what is due.

What is to be announced stands in the database (clock_alarm) and is kept there by the steps
themselves, so a restart loses nothing and a second watcher shares the work. A step that may have
set an earlier alarm wakes the watch through the event stream; should the stream be away, the
longest sleep is far below the shortest limit.
"""

import asyncio
import logging
from datetime import date, timedelta

from sqlalchemy.exc import SQLAlchemyError

from core import metrics
from core.actions.announcing import BATCH, announce_due, announce_missing_years, resume_due
from core.clock import city_time
from core.db.engine import Database
from core.db.repos.alarms import next_alarm_at
from core.domain.alarms import seconds_to_sleep
from core.domain.events import CaseNoted, CaseStatusChanged, CaseSubmitted, Event
from core.errors import HotlineError
from core.events.bus import EVENTS, EventBus

logger = logging.getLogger(__name__)
LONGEST = timedelta(seconds=30)
_BUSY = timedelta(milliseconds=200)
_AFTER_ERROR_SECONDS = 1.0
#: Many steps in a row wake the watch once.
_QUIET_SECONDS = 0.25
_WAKING: tuple[type[Event], ...] = (CaseStatusChanged, CaseNoted, CaseSubmitted)


class SlaWatch:
    """Announces warnings and breaches, resumes suspended cases, misses no year's calendar."""

    def __init__(self, *, database: Database, bus: EventBus) -> None:
        self._database = database
        self._bus = bus
        self._wake = asyncio.Event()
        self._calendar_checked: date | None = None

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(), name="sla wake")
            while True:
                await self._sleep(await self._tick_or_wait())

    async def tick(self) -> float:
        """Announce everything that is due; for how many seconds there is nothing to do then."""
        await self._check_calendar()
        while True:
            now = self._database.clock.now()
            async with self._database.sessions() as session:
                next_at = await next_alarm_at(session)
            if next_at is None or next_at > now or not await self._announce():
                return seconds_to_sleep(now, next_at, busy=_BUSY, longest=LONGEST)

    async def _announce(self) -> bool:
        """Announce one batch; False when others hold all that is due."""
        announced = await announce_due(self._database, limit=BATCH)
        now = self._database.clock.now()
        for alarm in announced:
            metrics.ALARMS.labels(alarm.kind).inc()
            metrics.ALARM_DELAY.observe((now - alarm.at).total_seconds())
        return bool(announced) | bool(await resume_due(self._database))

    async def _check_calendar(self) -> None:
        today = city_time(self._database.clock.now()).date()
        if self._calendar_checked == today:
            return
        for year in await announce_missing_years(self._database):
            logger.error("the list of days off is missing", extra={"year": year})
        self._calendar_checked = today

    async def _tick_or_wait(self) -> float:
        try:
            return await self.tick()
        except (SQLAlchemyError, OSError, HotlineError):
            logger.exception("clocks not watched, trying again")
            metrics.LOOP_ERRORS.labels("sla_watch").inc()
            return _AFTER_ERROR_SECONDS

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), timeout=seconds)
        except TimeoutError:
            return
        await asyncio.sleep(_QUIET_SECONDS)
        self._wake.clear()

    async def _listen(self) -> None:
        async for envelope in self._bus.follow(EVENTS):
            if isinstance(envelope.event, _WAKING):
                self._wake.set()
