"""The process's endless work: watch calls, put audio away, hear what waits, keep Asterisk tidy."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from core import metrics
from core.asterisk.ari_client import AriClient
from core.asterisk.ari_events import Connected
from core.asterisk.errors import AriRefused
from core.db.engine import Database
from core.db.repos.calls import open_calls
from core.domain.events import (
    AgentLegLost,
    CallAnswered,
    CallEnded,
    CallTransferred,
    Event,
    RecordingStored,
)
from core.errors import HotlineError, Unavailable
from core.events.bus import EVENTS, EventBus
from recordings.capture import Capture
from recordings.taps import Taps

_LOG = logging.getLogger(__name__)
_LOOK_SECONDS = 5.0
_TALK = (CallAnswered, AgentLegLost, CallTransferred, CallEnded)
_OVER = (CallEnded, RecordingStored)


class Bell:
    """Rung when something may have changed; heard at the latest after some seconds."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            pass
        self._rung.clear()


async def listen_for_events(
    bus: EventBus, *, talk: Bell, over: Bell, take: Callable[[Event], None]
) -> None:
    """Ring the bells for what happens. A lost event costs seconds: the loops look by themselves.

    take: hears every event; what it misses it finds out later by itself.
    """
    async for envelope in bus.follow(EVENTS):
        take(envelope.event)
        if isinstance(envelope.event, _TALK):
            talk.ring()
        if isinstance(envelope.event, _OVER):
            over.ring()


async def follow_calls(capture: Capture, database: Database, bell: Bell) -> None:
    """Keep the taps in step with the calls in talk."""

    async def look() -> None:
        async with database.work() as work:
            calls = await open_calls(work.session)
        capture.follow(calls)

    await repeat("capture", look, bell=bell, seconds=_LOOK_SECONDS)


async def keep_tidy(ari: AriClient, taps: Taps, capture: Capture, bell: Bell) -> None:
    """After each (re)connection remove the taps that are nobody's, then look at the calls."""
    async for event in ari.events():
        if isinstance(event, Connected):
            try:
                removed = await taps.clear_strangers(capture.parts)
            except (AriRefused, Unavailable) as error:
                _LOG.warning("stale taps not removed", extra={"why": error.code})
            else:
                _LOG.info("stale taps removed", extra={"count": removed})
            bell.ring()


async def repeat(
    name: str, step: Callable[[], Awaitable[object]], *, bell: Bell, seconds: float
) -> None:
    """Do something at each ring and every so many seconds; an error waits for the next time."""
    while True:
        try:
            await step()
        except (HotlineError, SQLAlchemyError, OSError) as error:
            metrics.LOOP_ERRORS.labels(name).inc()
            _LOG.warning("loop failed", extra={"loop": name, "why": type(error).__name__})
        await bell.wait(seconds)
