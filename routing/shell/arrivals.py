"""How callers come to stand in line: by the menu's word, by arriving, or by arriving unknown."""

import logging
from datetime import datetime
from functools import partial

from core.actions.calls import Arrival, QueueEntry, open_call, queue_call
from core.asterisk.errors import AriRefused
from core.asterisk.snapshots import Channel
from core.db.engine import UnitOfWork
from core.db.repos.lines import line_of
from core.db.tables.calls import CallRow
from core.domain.calls import CallState
from core.domain.events import CallQueued
from core.domain.queues import GENERAL, Priority, served_first
from core.domain.skills import EVERYBODYS_LANGUAGE, Skill
from core.errors import Unavailable
from core.ids import CallId, QueueId
from routing.acd.events import CallEntered
from routing.shell.board import Leg, Role
from routing.shell.exchange import Exchange
from routing.shell.waiting import Waiting

logger = logging.getLogger(__name__)
_CODE_LENGTH = 2
_WAITS = frozenset({CallState.IVR.value, CallState.QUEUED.value, CallState.OFFERED.value})


class Arrivals:
    """Callers enter by whichever news is first: the event of the menu, or the channel itself."""

    def __init__(self, exchange: Exchange, waiting: Waiting) -> None:
        self._x = exchange
        self._waiting = waiting

    def queued(self, event: CallQueued) -> None:
        """The menu put the call in line; its channel follows, perhaps after a greeting."""
        call_id = CallId(event.call_id)
        if self._x.caller(call_id) is not None or self._x.board.is_over(call_id):
            return
        self._x.board.talk(call_id).language = event.language
        self._x.feed(
            CallEntered(
                call_id=call_id,
                queue=QueueId(event.queue_id or GENERAL),
                since=datetime.fromisoformat(event.at),
                priority=_clamped(event.priority),
                skills=frozenset(Skill(skill) for skill in event.skills),
                language=event.language,
            )
        )

    def came(self, call_id: CallId, channel: Channel) -> None:
        """The caller's channel is in our application."""
        self._x.board.add_leg(Leg(channel.channel_id, call_id, Role.CALLER, is_up=True))
        talk = self._x.board.talk(call_id)
        talk.caller, talk.led_on, talk.recorder = channel.channel_id, False, False
        talk.here.set()
        if self._x.caller(call_id) is None:
            self._x.do(call_id, partial(self._enter, call_id, channel))
        self._x.do(call_id, partial(self._waiting.welcome, talk))

    async def _enter(self, call_id: CallId, channel: Channel) -> None:
        """Nobody told us of this call: read it, or write it down."""
        async with self._x.database.sessions() as session:
            row = await session.get(CallRow, call_id)
        if row is None or row.state == CallState.IVR.value:
            row = await self._write_down(call_id, channel)
        if row.state in _WAITS and self._x.caller(call_id) is None:
            self.enter_row(row)

    def enter_row(self, row: CallRow, *, offers: int = 0) -> None:
        """Stand in line as the row says."""
        self._x.board.talk(CallId(row.id)).language = row.language
        self._x.feed(
            CallEntered(
                call_id=CallId(row.id),
                queue=QueueId(row.queue_id or GENERAL),
                since=row.queued_at or row.started_at,
                priority=_clamped(row.priority),
                skills=frozenset(Skill(skill) for skill in row.skills),
                language=row.language,
                number_hash=row.caller_hash,
                offers=offers,
            )
        )

    async def _write_down(self, call_id: CallId, channel: Channel) -> CallRow:
        """A call that came past the menu: its line says the queue."""
        did = await self._variable(channel, "DID")
        async with self._x.database.sessions() as session:
            line = await line_of(session, did)
        entry = QueueEntry(
            queue_id=line.queue_id if line is not None else GENERAL,
            priority=line.priority if line is not None else Priority.ORDINARY,
            skills=(line.skill,) if line is not None and line.skill else (),
            language=_spoken(channel.language),
        )
        arrival = Arrival(
            call_id=call_id,
            line_id=line.id if line is not None else "",
            did=did,
            channel_id=channel.channel_id,
            caller_number=channel.caller_number,
            rung=2,
        )
        written: list[CallRow] = []

        async def write(work: UnitOfWork) -> None:
            await open_call(work, arrival, self._x.vault)
            written.append(await queue_call(work, call_id, entry))

        await self._x.write(write, calls=[call_id])
        return written[-1]

    async def _variable(self, channel: Channel, name: str) -> str:
        try:
            return await self._x.ari.channels.get_variable(channel.channel_id, name) or ""
        except (AriRefused, Unavailable):
            logger.warning("channel tells nothing", extra={"variable": name})
            return ""


def _spoken(language: str) -> str:
    """The caller's language; Asterisk's own name of a voice, where the menu chose none, is none."""
    plain = len(language) == _CODE_LENGTH and language.isalpha()
    return language if plain else EVERYBODYS_LANGUAGE


def _clamped(priority: int) -> int:
    """Nothing waits behind an ordinary caller."""
    return served_first((priority, Priority.ORDINARY))
