"""Where live words go: finals into the database, partials to the desks, both at once."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from core import metrics
from core.actions.recordings import hear_utterance, set_transcript_state
from core.db.engine import Database
from core.db.repos.recordings import HEARD_AGAIN
from core.db.tables.calls import CallRow
from core.domain.events import CaptionPartial, CaptionsDelayed, Event
from core.errors import HotlineError, Unavailable
from core.events.bus import EventBus, publish_live
from core.ids import CallId, new_id
from recordings.draft_runner import DraftRunner
from recordings.heard import as_heard
from recordings.learning import put_right
from recordings.transcribe.engine import Deferred, Final, Partial, SpeechEvent

_LOG = logging.getLogger(__name__)
_MOST_TRIES = 5
_PAUSE = 0.5
#: A transcript that the second pass has finished is not live any more.
_BEFORE_LIVE = frozenset({"NONE", "TO_TRANSCRIBE"})
_HEARD_AGAIN = frozenset({"WORKING", HEARD_AGAIN, "DONE"})


@dataclass(frozen=True, slots=True)
class Speaking:
    """Whose words they are."""

    call_id: CallId
    speaker: str


class Captions:
    """Writes and tells what was understood."""

    def __init__(self, *, database: Database, bus: EventBus, drafts: DraftRunner) -> None:
        self._database = database
        self._bus = bus
        self._drafts = drafts
        self.corrections: Mapping[str, str] = {}

    async def began(self, call_id: CallId) -> None:
        """The call has live captions from now on."""
        await self._set_state(call_id, "LIVE", _BEFORE_LIVE)

    async def impossible(self, call_id: CallId, reason: str) -> None:
        """The call is recorded, but nobody can caption it now; the desk says so."""
        await self._set_state(call_id, "TO_TRANSCRIBE", frozenset({"NONE"}))
        await self._tell(CaptionsDelayed(call_id, reason))

    async def take(self, who: Speaking, event: SpeechEvent, *, delay: float) -> None:
        """One event of an engine; `delay` is how long ago its last sample was spoken."""
        match event:
            case Partial():
                await self._tell(
                    CaptionPartial(who.call_id, who.speaker, event.start_ms, event.text)
                )
            case Deferred():
                await self._tell(CaptionsDelayed(who.call_id, "overload"))
            case Final(text=""):
                # nothing intelligible: take the "speaking" mark off the desk
                await self._tell(CaptionPartial(who.call_id, who.speaker, event.start_ms, ""))
            case Final():
                metrics.CAPTION_DELAY.observe(max(0.0, delay))
                await self._store(who, event)
                self._drafts.touch(who.call_id)

    async def _store(self, who: Speaking, final: Final) -> None:
        """Keep trying for a while; after that the pass after the call finds the words again."""
        for attempt in range(1, _MOST_TRIES + 1):
            try:
                async with self._database.work() as work:
                    call = await work.session.get(CallRow, who.call_id)
                    if call is not None and call.transcript_state in _HEARD_AGAIN:
                        return  # words that came late: the better pass has them already
                    heard = put_right(as_heard(who.speaker, final), self.corrections)
                    await hear_utterance(work, who.call_id, heard)
                    await work.commit()
            except (SQLAlchemyError, OSError) as error:
                why = type(error).__name__
                _LOG.warning("caption not stored", extra={"call_id": who.call_id, "why": why})
                await asyncio.sleep(_PAUSE * attempt)
            else:
                return

    async def _set_state(self, call_id: CallId, state: str, before: frozenset[str]) -> None:
        try:
            async with self._database.work() as work:
                call = await work.session.get(CallRow, call_id)
                if call is not None and call.transcript_state in before:
                    await set_transcript_state(work, call_id, state)
                    await work.commit()
        except (SQLAlchemyError, OSError, HotlineError) as error:
            why = type(error).__name__
            _LOG.warning("caption state not stored", extra={"call_id": call_id, "why": why})

    async def _tell(self, event: Event) -> None:
        try:
            await publish_live(self._bus, new_id(), event)
        except Unavailable:
            return  # ephemeral: the next one comes soon
