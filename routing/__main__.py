"""Composition root of routing: `python -m routing`."""

import asyncio
import logging
import os
import signal
import sys
from contextlib import AsyncExitStack

from redis.asyncio import Redis

from core import logs
from core.asterisk.ari_client import AriClient
from core.clock import SystemClock
from core.config import Settings, load_settings
from core.db.engine import Database, make_engine
from core.domain.events import CallQueued
from core.errors import HotlineError, SettingWrong
from core.events.bus import EVENTS
from core.events.redis_bus import RedisBus
from core.events.relay import Relay
from core.liveness import announce_ready, health_page
from core.vault import Vault
from routing.api import STASIS_APP
from routing.switchboard import Outside, Switchboard, build_switchboard

logger = logging.getLogger(__name__)
_CONSUMER = "routing"


async def serve(settings: Settings) -> None:
    """Route calls until cancelled; calls stay in Asterisk and are adopted by the next process."""
    clock, vault = SystemClock(), Vault(bytes.fromhex(settings.master_key))
    async with AsyncExitStack() as stack:
        redis = Redis.from_url(settings.redis_url, decode_responses=True)
        stack.push_async_callback(redis.aclose)
        bus = RedisBus(redis)
        relay = Relay(bus, clock)
        database = Database(make_engine(settings.database_url), publish=relay.publish, clock=clock)
        stack.push_async_callback(database.engine.dispose)
        ari = await stack.enter_async_context(
            AriClient(
                url=settings.ari_url,
                user=settings.ari_user,
                password=settings.ari_password,
                app=STASIS_APP,
            )
        )
        port = settings.port("metrics_routing")
        await stack.enter_async_context(
            health_page(settings.host, port, {"asterisk": lambda: ari.is_connected})
        )
        outside = Outside(
            ari=ari, database=database, bus=bus, redis=redis, vault=vault, clock=clock
        )
        async with asyncio.TaskGroup() as group:
            board = build_switchboard(outside, settings, group)
            group.create_task(ari.run(), name="ari")
            group.create_task(board.exchange.ledger.run(), name="ledger")
            group.create_task(relay.run(database), name="relay")
            await ari.wait_connected()
            await board.adoption.start()
            _start_all(board, bus, group)
            announce_ready()


def _start_all(board: Switchboard, bus: RedisBus, group: asyncio.TaskGroup) -> None:
    group.create_task(board.app.run(_Reconcile(board)), name="stasis")
    group.create_task(board.exchange.runner.run(), name="engine")
    group.create_task(board.orders.run(consumer=_CONSUMER), name="orders")
    group.create_task(board.presence.run(), name="presence")
    group.create_task(board.gauges.run(), name="gauges")
    group.create_task(_hear_of_calls(board, bus), name="arrivals")


class _Reconcile:
    """After a gap compares lists; the first connection was compared at the start."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._first = True

    async def __call__(self) -> None:
        if self._first:
            # Callers who came between the start's comparison and now are told as events.
            self._first = False
            return
        try:
            await self._board.adoption.again()
        except HotlineError as error:
            logger.warning("calls not compared", extra={"code": error.code})


async def _hear_of_calls(board: Switchboard, bus: RedisBus) -> None:
    """The menu's word that a call stands in line comes before its channel does."""
    async for envelope in bus.follow(EVENTS):
        if isinstance(envelope.event, CallQueued):
            board.arrivals.queued(envelope.event)


async def run(settings: Settings) -> None:
    """Serve until a signal asks to stop."""
    own = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, own.cancel if own else lambda: None)
    try:
        await serve(settings)
    except asyncio.CancelledError:
        return


def main() -> int:
    """Run until stopped; a wrong setting is one line."""
    try:
        settings = load_settings(os.environ)
        if not settings.master_key:
            raise SettingWrong("缺少设置 master_key，请先运行 hotline up")
        logs.set_up("routing", level=settings.log_level)
        asyncio.run(run(settings))
    except HotlineError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
