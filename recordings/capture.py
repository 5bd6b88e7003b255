"""Keeps one live tap on each speaker of every call in talk, whatever was missed or restarted.

What should be tapped is read from the rows of open calls; what is tapped is known here; the
difference is carried out. Events only say that it is time to look.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from core.asterisk.errors import AriRefused
from core.clock import Clock
from core.db.tables.calls import CallRow
from core.domain.calls import CallState, Speaker
from core.errors import Unavailable
from core.ids import CallId, new_id
from recordings.alignment import StreamClock
from recordings.captions import Captions, Speaking
from recordings.media_server import MediaServer
from recordings.taps import Tap, Taps
from recordings.transcribe.engine import (
    BYTES_PER_SAMPLE,
    SAMPLE_RATE,
    LanguageUnknown,
    Partial,
    StreamSpec,
    Transcriber,
    TranscriberSession,
)

_LOG = logging.getLogger(__name__)
_IN_TALK = frozenset({CallState.TALKING.value, CallState.HELD.value})


@dataclass(frozen=True, slots=True)
class Wanted:
    """One speaker of a call in talk, and the channel that carries the voice."""

    call_id: CallId
    speaker: str
    channel_id: str
    language: str
    started_at: datetime


def wanted(calls: Iterable[CallRow]) -> dict[tuple[str, str, str], Wanted]:
    """Both speakers of every call in talk, by call, speaker and channel."""
    found: dict[tuple[str, str, str], Wanted] = {}
    for call in calls:
        if call.state not in _IN_TALK:
            continue
        legs = ((Speaker.CALLER, call.channel_id), (Speaker.AGENT, call.agent_channel_id))
        for speaker, channel in legs:
            if channel:
                one = Wanted(
                    CallId(call.id), speaker.value, channel, call.language, call.started_at
                )
                found[call.id, speaker.value, channel] = one
    return found


@dataclass(slots=True)
class _Listening:
    tap: Tap
    stop: asyncio.Event = field(default_factory=asyncio.Event)


class Capture:
    """`follow` is called with the open calls as often as one likes; `run` owns the work."""

    def __init__(
        self,
        *,
        taps: Taps,
        media: MediaServer,
        transcriber: Transcriber,
        captions: Captions,
        clock: Clock,
    ) -> None:
        self._taps = taps
        self._media = media
        self._transcriber = transcriber
        self._captions = captions
        self._clock = clock
        self._listening: dict[tuple[str, str, str], _Listening] = {}
        self._group: asyncio.TaskGroup | None = None
        self.hotwords: tuple[str, ...] = ()

    @property
    def parts(self) -> frozenset[str]:
        """The channels and bridges of the taps that stand."""
        return frozenset(part for one in self._listening.values() for part in one.tap.parts)

    @property
    def count(self) -> int:
        return len(self._listening)

    async def run(self, stop: asyncio.Event) -> None:
        """Own the taps until `stop`; then flush and close every one."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            await stop.wait()
            for listening in self._listening.values():
                listening.stop.set()
        self._group = None

    def follow(self, calls: Iterable[CallRow]) -> None:
        """Tap what is not tapped yet; end what is over."""
        want = wanted(calls)
        for key, listening in self._listening.items():
            if key not in want:
                listening.stop.set()
        for key, one in want.items():
            if key not in self._listening and self._group is not None:
                listening = _Listening(Tap(new_id()))
                self._listening[key] = listening
                self._group.create_task(self._listen(key, one, listening))

    async def _listen(self, key: tuple[str, str, str], one: Wanted, listening: _Listening) -> None:
        try:
            session = await self._open_session(one)
            if session is None:
                await listening.stop.wait()  # do not ask again for every event of the call
                return
            await self._serve(one, listening, session)
        except* (AriRefused, Unavailable) as errors:
            why = type(errors.exceptions[0]).__name__
            _LOG.warning("tap failed", extra={"call_id": one.call_id, "why": why})
        finally:
            del self._listening[key]

    async def _open_session(self, one: Wanted) -> TranscriberSession | None:
        offset = self._clock.now() - one.started_at
        spec = StreamSpec(
            call_id=one.call_id,
            speaker=one.speaker,
            rate=SAMPLE_RATE,
            language=one.language,
            hotwords=self.hotwords,
            offset_ms=max(0, int(offset.total_seconds() * 1000)),
        )
        try:
            session = await self._transcriber.open(spec)
        except LanguageUnknown:
            await self._captions.impossible(one.call_id, "no_model")
            return None
        await self._captions.began(one.call_id)
        return session

    async def _serve(self, one: Wanted, listening: _Listening, session: TranscriberSession) -> None:
        feed = _Feed(session, one.started_at, self._clock)
        tap = listening.tap
        self._media.expect(tap.tap_id, take=feed.take, ended=listening.stop.set)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read(one, session, feed))
            try:
                await self._taps.open(tap, one.channel_id)
                await listening.stop.wait()
            finally:
                self._media.forget(tap.tap_id)
                await self._taps.close(tap)
                await session.close()

    async def _read(self, one: Wanted, session: TranscriberSession, feed: "_Feed") -> None:
        who = Speaking(one.call_id, one.speaker)
        async for event in session.events():
            delay = 0.0 if isinstance(event, Partial) else feed.age(event.end_ms)
            await self._captions.take(who, event, delay=delay)


class _Feed:
    """Frames on their way to the engine, with silence for those that never came."""

    def __init__(self, session: TranscriberSession, started_at: datetime, clock: Clock) -> None:
        self._session = session
        self._started_at = started_at
        self._clock = clock
        self._stream = StreamClock(rate=SAMPLE_RATE)

    def take(self, pcm: bytes, now: float) -> None:
        self._session.feed(pcm)
        missing = self._stream.heard(len(pcm) // BYTES_PER_SAMPLE, now)
        if missing:
            self._session.feed(bytes(missing * BYTES_PER_SAMPLE))

    def age(self, end_ms: int) -> float:
        """Seconds since this instant of the call."""
        return (self._clock.now() - self._started_at).total_seconds() - end_ms / 1000
