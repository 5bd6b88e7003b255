"""Puts the shell together from what the composition root hands in, and runs it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial

from core.asterisk.ari_client import AriClient
from core.asterisk.errors import AriRefused
from core.asterisk.sounds import PromptSounds
from core.clock import Clock
from core.db.engine import Database
from core.domain.events import CallEnded, CallQueued, OutgoingAsked
from core.errors import Unavailable
from core.events.bus import EVENTS, EventBus
from core.ids import CallId
from core.vault import Vault
from routing.acd.events import CallLeft
from routing.acd.runner import Runner
from routing.api import STASIS_APP
from routing.shell.adoption import Adoption
from routing.shell.arrivals import Arrivals
from routing.shell.board import Board
from routing.shell.callbacks import Callbacks
from routing.shell.consulting import Consulting
from routing.shell.directory import Directory
from routing.shell.exchange import Exchange
from routing.shell.gauges import Gauges
from routing.shell.lanes import Lanes
from routing.shell.leaving import Leaving
from routing.shell.ledger import Ledger
from routing.shell.monitoring import Monitoring
from routing.shell.orders import Orders, Parts
from routing.shell.outgoing import Outgoing
from routing.shell.people import TRUNK, People
from routing.shell.performer import Performer
from routing.shell.presence import DeskRegister, Presence
from routing.shell.rejoining import Rejoining
from routing.shell.ringing import Ringing
from routing.shell.stasis_app import StasisApp
from routing.shell.talking import Talking
from routing.shell.waiting import Waiting

logger = logging.getLogger(__name__)
_CONSUMER = "routing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What routing needs from outside itself."""

    ari: AriClient
    database: Database
    bus: EventBus
    desks: DeskRegister
    sounds: PromptSounds
    vault: Vault
    clock: Clock


class Routing:
    """The whole ACD with its shell; `serve` runs it until cancelled."""

    def __init__(self, around: Surroundings, group: asyncio.TaskGroup) -> None:
        self._around = around
        self._group = group
        self._adopted = False
        self._tasks: list[asyncio.Task[None]] = []
        self.exchange = x = Exchange(
            ari=around.ari,
            runner=Runner(around.clock),
            ledger=Ledger(around.database),
            lanes=Lanes(group),
            board=Board(),
            people=People(around.database),
            sounds=around.sounds,
            database=around.database,
            vault=around.vault,
            clock=around.clock,
        )
        waiting = Waiting(x)
        ringing = Ringing(x, waiting)
        self._arrivals = Arrivals(x, waiting)
        talking, leaving = Talking(x), Leaving(x, waiting)
        callbacks = Callbacks(x, waiting=waiting, ringing=ringing)
        rejoining = Rejoining(x, ringing=ringing, waiting=waiting)
        consulting = Consulting(x, talking=talking, waiting=waiting, rejoining=rejoining)
        monitoring = Monitoring(x)
        self._outgoing = Outgoing(x)
        self.orders = Orders(
            x, parts=Parts(talking, rejoining, consulting, monitoring), bus=around.bus
        )
        self.app = StasisApp(
            x,
            arrivals=self._arrivals,
            waiting=waiting,
            callbacks=callbacks,
            leaving=leaving,
            third=(rejoining, consulting, monitoring, self._outgoing),
        )
        self._adoption = Adoption(
            x,
            arrivals=self._arrivals,
            waiting=waiting,
            outgoing=self._outgoing,
            gone=self.app.channel_gone,
        )
        self.directory = Directory(x)
        self.presence, self.gauges = Presence(x, around.desks), Gauges(x)
        performer = Performer(
            x, ringing=ringing, waiting=waiting, callbacks=callbacks, leaving=leaving
        )
        x.runner.attach(performer.perform)

    def checks(self) -> dict[str, Callable[[], bool]]:
        """What must hold for calls to be answered: each true now, or named on the health page."""
        return {
            "asterisk": lambda: self._around.ari.is_connected,
            "calls": lambda: self._adopted,
            "database": self.exchange.ledger.keeps_up,
        }

    def serve(self, ready: Callable[[], None]) -> None:
        """Start everything in the task group; `ready` is called once calls are taken."""
        self._start("ari", self._around.ari.run())
        self._start("ledger", self.exchange.ledger.run())
        self._start("stasis", self.app.run(partial(self._reconcile, ready)))

    def _start(self, name: str, work: Coroutine[None, None, None]) -> None:
        self._tasks.append(self._group.create_task(work, name=name))

    async def _reconcile(self, ready: Callable[[], None]) -> None:
        """At the first connection take up what runs; after a gap compare."""
        await self._listen_to_trunk()
        if self._adopted:
            await self._adoption.again()
            return
        position = await self._around.bus.position(EVENTS)
        await self._adoption.start()
        self._adopted = True
        self._start("timer", self.exchange.runner.run())
        self._start("events", self._follow(position))
        self._start("orders", self.orders.run(consumer=_CONSUMER))
        self._start("presence", self.presence.run())
        self._start("directory", self.directory.run())
        self._start("gauges", self.gauges.run())
        ready()

    async def _listen_to_trunk(self) -> None:
        """A busy number answers faster than one of its legs can be watched: hear of all of them."""
        try:
            await self._around.ari.applications.subscribe(STASIS_APP, f"endpoint:PJSIP/{TRUNK}")
        except (AriRefused, Unavailable):
            logger.warning("trunk not listened to", extra={"trunk": TRUNK})

    async def _follow(self, position: str) -> None:
        """What the menu tells: a call stands in line, or has ended there."""
        async for envelope in self._around.bus.follow(EVENTS, start=position):
            event = envelope.event
            if isinstance(event, CallQueued):
                self._arrivals.queued(event)
            elif isinstance(event, OutgoingAsked):
                self._outgoing.asked(event)
            elif isinstance(event, CallEnded):
                self._ended(CallId(event.call_id))

    def _ended(self, call_id: CallId) -> None:
        """The menu ended a call that had not come to us yet; our own ends are known already."""
        talk = self.exchange.board.talks.get(call_id)
        if talk is None or not talk.here.is_set():
            self.exchange.feed(CallLeft(call_id))
            if talk is not None:  # an agent who answered already must not wait for the caller
                talk.led_on = True
                talk.here.set()
            self.exchange.board.forget(call_id)
