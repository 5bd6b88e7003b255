"""Composition root of routing: `python -m routing`."""

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack

from core import logs
from core.asterisk.ari_client import AriClient
from core.asterisk.sounds import PromptSounds
from core.clock import SystemClock
from core.config import Settings, load_settings
from core.db.engine import Database, make_engine
from core.errors import HotlineError, SettingWrong
from core.events.connection import connect_redis
from core.events.redis_bus import RedisBus
from core.events.relay import Relay
from core.liveness import announce_ready, health_page
from core.vault import Vault
from routing.api import STASIS_APP
from routing.shell.assembly import Routing, Surroundings
from routing.shell.presence import RedisDesks
from routing.sla_watch import SlaWatch


async def serve(settings: Settings) -> None:
    """Take calls until cancelled."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        redis = connect_redis(settings.redis_url)
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
        around = Surroundings(
            ari=ari,
            database=database,
            bus=bus,
            desks=RedisDesks(redis),
            sounds=PromptSounds(settings.prompts_dir),
            vault=Vault(bytes.fromhex(settings.master_key)),
            clock=clock,
        )
        async with asyncio.TaskGroup() as group:
            routing = Routing(around, group)
            page = health_page(settings.host, settings.port("metrics_routing"), routing.checks())
            await stack.enter_async_context(page)
            group.create_task(relay.run(database), name="relay")
            watch = SlaWatch(database=database, bus=bus)
            group.create_task(watch.run(), name="sla watch")
            routing.serve(announce_ready)


async def run(settings: Settings) -> None:
    """Serve until a signal asks to stop; calls stay in Asterisk and are adopted later."""
    own = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, own.cancel if own else lambda: None)
    try:
        await serve(settings)
    except asyncio.CancelledError:
        return


def main() -> int:
    """Run routing; a wrong setting is one line."""
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
