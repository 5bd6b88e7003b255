"""Builds the ACD's shell: every part once, each with what it works on."""

import asyncio
from dataclasses import dataclass

from redis.asyncio import Redis

from core.asterisk.ari_client import AriClient
from core.clock import Clock
from core.config import Settings
from core.db.engine import Database
from core.events.bus import EventBus
from core.vault import Vault
from routing.acd.runner import Runner
from routing.shell.adoption import Adoption
from routing.shell.arrivals import Arrivals
from routing.shell.board import Board
from routing.shell.callbacks import Callbacks
from routing.shell.consulting import Consulting
from routing.shell.exchange import Exchange
from routing.shell.gauges import Gauges
from routing.shell.lanes import Lanes
from routing.shell.leaving import Leaving
from routing.shell.ledger import Ledger
from routing.shell.monitoring import Monitoring
from routing.shell.orders import Orders, Parts
from routing.shell.people import People
from routing.shell.performer import Performer
from routing.shell.presence import Presence, RedisDesks
from routing.shell.rejoining import Rejoining
from routing.shell.ringing import Ringing
from routing.shell.stasis_app import StasisApp
from routing.shell.talking import Talking
from routing.shell.voice import Voice
from routing.shell.waiting import Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the shell speaks to."""

    ari: AriClient
    database: Database
    bus: EventBus
    redis: Redis
    vault: Vault
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Switchboard:
    """The parts that run."""

    exchange: Exchange
    app: StasisApp
    adoption: Adoption
    arrivals: Arrivals
    orders: Orders
    presence: Presence
    gauges: Gauges


def build_switchboard(
    outside: Outside, settings: Settings, group: asyncio.TaskGroup
) -> Switchboard:
    """Wire everything; the tasks of single calls run in `group`."""
    exchange = Exchange(
        ari=outside.ari,
        runner=Runner(outside.clock),
        ledger=Ledger(outside.database),
        lanes=Lanes(group),
        board=Board(),
        people=People(outside.database),
        voice=Voice.load(settings.prompts_dir),
        database=outside.database,
        vault=outside.vault,
        clock=outside.clock,
    )
    waiting = Waiting(exchange)
    ringing = Ringing(exchange, waiting)
    rejoining = Rejoining(exchange, ringing=ringing, waiting=waiting)
    callbacks = Callbacks(exchange, waiting=waiting, ringing=ringing)
    leaving, talking = Leaving(exchange, waiting), Talking(exchange)
    consulting = Consulting(exchange, talking=talking, waiting=waiting, rejoining=rejoining)
    monitoring, arrivals = Monitoring(exchange), Arrivals(exchange, waiting)
    performer = Performer(
        exchange, ringing=ringing, waiting=waiting, callbacks=callbacks, leaving=leaving
    )
    exchange.runner.attach(performer.perform)
    app = StasisApp(
        exchange,
        arrivals=arrivals,
        waiting=waiting,
        callbacks=callbacks,
        leaving=leaving,
        third=(rejoining, consulting, monitoring),
    )
    parts = Parts(
        talking=talking, rejoining=rejoining, consulting=consulting, monitoring=monitoring
    )
    return Switchboard(
        exchange=exchange,
        app=app,
        adoption=Adoption(exchange, arrivals=arrivals, waiting=waiting, gone=app.gone),
        arrivals=arrivals,
        orders=Orders(exchange, parts=parts, bus=outside.bus),
        presence=Presence(exchange, RedisDesks(outside.redis)),
        gauges=Gauges(exchange),
    )
