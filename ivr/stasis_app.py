"""Rung 1: takes every call that enters the application `ivr` and keeps it until it leaves."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from core.asterisk.ari_client import AriClient
from core.asterisk.ari_events import (
    ApplicationMoveFailed,
    ApplicationReplaced,
    AriEvent,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelHangupRequest,
    Connected,
    PlaybackFinished,
    RecordingFailed,
    RecordingFinished,
    StasisEnd,
    StasisStart,
)
from core.asterisk.snapshots import Channel
from core.asterisk.sounds import PromptSounds
from core.domain.calls import CallState, EndedBy, Rung
from core.errors import HotlineError, Unavailable
from core.ids import CallId
from core.metrics import CALLS_ARRIVED, LOOP_ERRORS, MENU_CALLS
from core.vault import Vault, normalise_phone
from ivr.adoption import how_to_go_on
from ivr.line_book import LineBook
from ivr.menu.messages import (
    Digit,
    Event,
    PlaybackDone,
    Resumed,
    Started,
    SurveyStarted,
    VoicemailDone,
)
from ivr.menu.model import SURVEY
from ivr.menu.state import MenuState, Phase
from ivr.records import MenuCall
from ivr.session import CallSession, MenuParts
from ivr.telephone import Leaving, Telephone, playback_of, recording_of
from ivr.voice_callbacks import ASKING, REACHED, VoiceCallbacks

logger = logging.getLogger(__name__)

APP = "ivr"
_INBOUND, _SURVEY = "inbound", "survey"
#: How often calls are compared with what Asterisk and the database know.
COMPARE_SECONDS = 30.0
_LEAST_ARGS = 2  # kind and call id


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the application needs besides the parts of each call; voice: the calls we place."""

    ari: AriClient
    sounds: PromptSounds
    vault: Vault
    line_book: Callable[[], LineBook]
    voice: VoiceCallbacks | None = None


class StasisApp:
    """One task reads the stream and never waits; each call has a task of its own."""

    def __init__(self, around: Surroundings, parts: MenuParts) -> None:
        self._around = around
        self._parts = parts
        self._by_channel: dict[str, CallSession] = {}
        self._lonely: set[str] = set()
        self._calls: asyncio.TaskGroup | None = None

    @property
    def calls(self) -> int:
        """How many calls are in the menus."""
        return len(self._by_channel)

    async def run(self) -> None:
        """Serve until cancelled; calls then stay in Asterisk and are adopted at the next start."""
        async with asyncio.TaskGroup() as group:
            self._calls = group
            group.create_task(self._compare_for_ever(), name="menu-compare")
            async for event in self._around.ari.events():
                try:
                    await self._take(event)
                except Exception:  # the process's outermost loop: the next event is another call
                    logger.exception("event not understood", extra={"kind": type(event).__name__})
                    LOOP_ERRORS.labels("menu_events").inc()

    async def _take(self, event: AriEvent) -> None:
        match event:
            case StasisStart(channel=channel, args=args):
                self._entered(channel, args)
            case ChannelDtmfReceived(channel=channel, digit=digit):
                self._tell(channel.channel_id, Digit(digit))
            case PlaybackFinished(playback=playback):
                named = playback_of(playback.playback_id)
                if named is not None:
                    self._tell(playback.channel_id, PlaybackDone(named[1]))
            case Connected():
                await self.compare(is_new_stream=True)
            case ApplicationReplaced():
                logger.error("another process took the application's name")
            case RecordingFinished() | RecordingFailed():
                self._message_over(event)
            case _:
                self._leaving(event)

    def _message_over(self, event: RecordingFinished | RecordingFailed) -> None:
        call_id = recording_of(event.recording.name)
        # Silence before the end is counted; # or the longest length end a message that was said.
        talked = event.recording.talking_s if isinstance(event, RecordingFinished) else None
        for session in self._by_channel.values():
            if session.call.call_id == call_id:
                session.tell(VoicemailDone(talked))

    def _leaving(self, event: AriEvent) -> None:
        match event:
            case ChannelHangupRequest(channel=channel) | ChannelDestroyed(channel=channel):
                self._left(channel.channel_id, Leaving.HUNG_UP)
                if isinstance(event, ChannelDestroyed) and self._around.voice is not None:
                    self._around.voice.left(channel.channel_id, event.cause)
            case StasisEnd(channel=channel):
                self._left(channel.channel_id, Leaving.MOVED)
            case ApplicationMoveFailed(channel=channel):
                self._left(channel.channel_id, Leaving.REFUSED)
            case _:
                pass

    # --- coming and going -----------------------------------------------------------------------

    def _entered(self, channel: Channel, args: tuple[str, ...]) -> None:
        known = self._by_channel.get(channel.channel_id)
        match args:
            case (kind, call_id, *rest) if kind == _INBOUND:
                if known is None:
                    CALLS_ARRIVED.labels(str(Rung.STASIS.value)).inc()
                    call = self._call(channel, CallId(call_id), rest[0] if rest else "")
                    self._open(call, self._beginning(call))
            case (kind, call_id) if kind == _SURVEY:
                # Back from the agents: a session it may still have here is only finishing.
                if known is None or known.state.flow != SURVEY:
                    call = self._call(channel, CallId(call_id), "")
                    self._spawn(self._survey(call))
            case (kind, call_id) if kind in (REACHED, ASKING) and self._around.voice is not None:
                self._spawn(self._voice(self._around.voice, kind, channel, CallId(call_id)))
            case _:
                logger.warning("channel with unknown arguments", extra={"count": len(args)})

    async def _survey(self, call: MenuCall) -> None:
        before = await self._parts.states.load(call.call_id)
        self._open(call, SurveyStarted(before.language if before else None))

    async def _voice(
        self, voice: VoiceCallbacks, kind: str, channel: Channel, call_id: CallId
    ) -> None:
        """A citizen whom we phoned: to be recorded, then to be asked, from where it was left."""
        if kind == REACHED:
            await voice.reached(channel.channel_id)
            return
        first: Event | None = await voice.begin(call_id, channel.channel_id)
        if first is None or channel.channel_id in self._by_channel:
            return
        kept = await self._parts.states.load(call_id)
        state = kept if kept is not None and kept.phase not in (Phase.NEW, Phase.GONE) else None
        call = replace(self._call(channel, call_id, ""), is_callback=True)
        self._open(call, first if state is None else Resumed(), state)

    def _call(self, channel: Channel, call_id: CallId, did: str) -> MenuCall:
        line = self._around.line_book().line(did, self._parts.clock.now())
        return MenuCall(
            call_id=call_id,
            channel_id=channel.channel_id,
            did=did,
            caller_number=channel.caller_number,
            line_id=line.line_id if line else "",
        )

    def _beginning(self, call: MenuCall) -> Started:
        book, now = self._around.line_book(), self._parts.clock.now()
        fingerprint = self._around.vault.fingerprint(normalise_phone(call.caller_number))
        return Started(book.line(call.did, now), book.caller(fingerprint))

    def _open(self, call: MenuCall, first: Event, state: MenuState | None = None) -> None:
        telephone = Telephone(
            self._around.ari, self._around.sounds, call_id=call.call_id, channel_id=call.channel_id
        )
        session = CallSession(call, telephone, self._parts, state)
        self._by_channel[call.channel_id] = session
        MENU_CALLS.set(len(self._by_channel))
        self._spawn(self._run(session, first))

    async def _run(self, session: CallSession, first: Event) -> None:
        try:
            await session.run(first)
        finally:
            if self._by_channel.get(session.call.channel_id) is session:
                del self._by_channel[session.call.channel_id]
            MENU_CALLS.set(len(self._by_channel))

    def _left(self, channel_id: str, how: Leaving) -> None:
        session = self._by_channel.get(channel_id)
        if session is not None:
            session.left(how)

    def _tell(self, channel_id: str, event: Event) -> None:
        session = self._by_channel.get(channel_id)
        if session is not None:
            session.tell(event)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if self._calls is None:
            raise RuntimeError("the application does not run")
        self._calls.create_task(work)

    # --- what was missed ------------------------------------------------------------------------

    async def _compare_for_ever(self) -> None:
        while True:
            await self._parts.pause(COMPARE_SECONDS)
            await self.compare(is_new_stream=False)

    async def compare(self, *, is_new_stream: bool) -> None:
        """Find calls nobody serves, and serve calls that are gone no longer.

        On a new stream everything may have been missed. Later on, only a call found without a
        session twice is taken for lost: one that has just come in is still on its way to us.
        """
        try:
            app = await self._around.ari.applications.find(APP)
            alive = {channel.channel_id for channel in await self._around.ari.channels.all()}
            inside = set(app.channel_ids) & alive if app else set()
            for channel_id, session in list(self._by_channel.items()):
                if channel_id not in alive:
                    session.left(Leaving.HUNG_UP)
                elif is_new_stream:
                    session.tell(Resumed())
            lonely = inside - self._by_channel.keys()
            for channel_id in lonely if is_new_stream else lonely & self._lonely:
                await self._adopt(channel_id)
            self._lonely = lonely
            await self._end_the_gone(alive)
        except (HotlineError, OSError) as error:
            logger.warning("calls not compared", extra={"why": type(error).__name__})

    async def _adopt(self, channel_id: str) -> None:
        channel = await self._around.ari.channels.find(channel_id)
        args = channel.stasis_args if channel else ()
        if channel is None or len(args) < _LEAST_ARGS or channel_id in self._by_channel:
            return
        if args[0] in (REACHED, ASKING):
            self._entered(channel, args)
            return
        call = self._call(channel, CallId(args[1]), args[2] if len(args) > _LEAST_ARGS else "")
        kept = await self._parts.states.load(call.call_id)
        try:
            written = await self._parts.records.state_of(call.call_id)
        except Unavailable:
            written = None
        first, state = how_to_go_on(kept, written, self._beginning(call))
        if channel_id not in self._by_channel:
            logger.info("call adopted", extra={"call_id": call.call_id})
            self._open(call, first, state)

    async def _end_the_gone(self, alive: AbstractSet[str]) -> None:
        """Calls that ended while nobody looked."""
        for call_id, (channel_id, state) in (await self._parts.records.open_in_menus()).items():
            if channel_id not in alive and channel_id not in self._by_channel:
                took_message = state is CallState.VOICEMAIL
                await self._parts.records.ended(call_id, EndedBy.UNKNOWN, voicemail=took_message)
