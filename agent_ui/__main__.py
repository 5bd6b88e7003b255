"""Composition root of the pages and the desk gateway: `python -m agent_ui`."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack

import aiohttp
from aiohttp import web

from agent_ui import health
from agent_ui.api.sender import WebhookSender
from agent_ui.app import build_app
from agent_ui.assets import Assets
from agent_ui.deps import Deps, WebOptions
from agent_ui.i18n import load_catalogues
from agent_ui.live.feed import DeskFeed
from agent_ui.live.hub import Hub
from agent_ui.live.orders import Orders
from agent_ui.live.presence import RedisPresence, keep_present
from agent_ui.live.reader import DeskReader
from agent_ui.live.sessions import Sessions
from agent_ui.live.socket import DeskGateway, GatewayParts
from agent_ui.live.softphone import AsteriskSoftphones
from agent_ui.live.wall import WallFeed
from agent_ui.playback import CallClips, StoredAudio
from agent_ui.rendering import Renderer
from core import logs
from core.asterisk.ari_rest import AriRest
from core.asterisk.webrtc import PhoneBook
from core.clock import SystemClock
from core.config import Settings, load_settings
from core.db.engine import Database, make_engine
from core.events.connection import connect_redis
from core.events.redis_bus import RedisBus
from core.events.relay import Relay
from core.liveness import announce_ready, health_page
from core.rate_limit import FailureLimiter, MemoryCounters, RedisCounters
from core.vault import Vault
from recordings.api import Playback, SpoolAudio, playback_of

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Parts:
    """Everything of this process, built from the settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock()
        self.vault = Vault(bytes.fromhex(settings.master_key))
        self.redis = connect_redis(settings.redis_url)
        self.bus = RedisBus(self.redis)
        self.relay = Relay(self.bus, self.clock)
        engine = make_engine(settings.database_url)
        self.database = Database(engine, publish=self.relay.publish, clock=self.clock)
        self.ari = AriRest(
            url=settings.ari_url, user=settings.ari_user, password=settings.ari_password
        )
        self.hub = Hub()
        self.presence = RedisPresence(self.redis)
        self.wall = WallFeed(hub=Hub(), database=self.database, bus=self.bus)
        self.sessions = Sessions(database=self.database, hubs=(self.hub, self.wall.hub))
        reader = DeskReader(sessions=self.database.sessions, vault=self.vault, clock=self.clock)
        self.feed = DeskFeed(hub=self.hub, reader=reader, bus=self.bus)

    def gateway(self) -> DeskGateway:
        """The desk sockets."""
        settings = self.settings
        local = settings.public_host in _LOOPBACK
        phones = AsteriskSoftphones(
            phones=PhoneBook(self.ari),
            vault=self.vault,
            sip_port=settings.port("asterisk_http"),
            media_address="127.0.0.1" if local else "",
        )
        return DeskGateway(
            GatewayParts(
                hub=self.hub,
                feed=self.feed,
                wall=self.wall,
                orders=Orders(
                    database=self.database, bus=self.bus, vault=self.vault, softphones=phones
                ),
                presence=self.presence,
                authenticate=self.sessions.authenticate,
                clock=self.clock,
                origins=_origins(settings),
            )
        )

    def app(self, http: aiohttp.ClientSession) -> web.Application:
        """The pages."""
        settings = self.settings
        assets, catalogues = Assets(), load_catalogues()
        counters = RedisCounters(self.redis, MemoryCounters(self.clock))
        return build_app(
            Deps(
                database=self.database,
                vault=self.vault,
                clock=self.clock,
                assets=assets,
                catalogues=catalogues,
                renderer=Renderer(assets=assets, catalogues=catalogues),
                limiter=FailureLimiter(counters),
                playback=StoredAudio(self._recordings()),
                clips=CallClips(
                    self.database, self._recordings(), SpoolAudio(settings.spool_dir / "calls")
                ),
                health=health.SystemHealth(self._questions(http)),
                options=WebOptions(
                    city_name=settings.city_name,
                    language=settings.language,
                    secure_cookies=settings.secure_cookies,
                    session_hours=settings.session_hours,
                    desk_port=settings.port("desk"),
                    sip_port=settings.port("asterisk_http"),
                ),
                close_session=self.sessions.close,
            )
        )

    def _recordings(self) -> Playback:
        folder = self.settings.recordings_dir
        return playback_of(folder, vault=self.vault, database=self.database)

    def _questions(self, http: aiohttp.ClientSession) -> dict[str, health.Ask]:
        settings = self.settings
        # The recordings process is where the audio taps arrive: its host has that name.
        hosts = {
            "ivr": settings.ivr_host,
            "agi": settings.agi_host,
            "routing": settings.routing_host,
            "recordings": settings.media_host,
        }
        return {
            **self.own_questions(),
            "Asterisk": health.ask_asterisk(
                http, settings.ari_url, settings.ari_user, settings.ari_password
            ),
            **{
                name: health.ask_process(http, host, settings.port(f"metrics_{name}"))
                for name, host in hosts.items()
            },
        }

    def own_questions(self) -> dict[str, health.Ask]:
        """What this process itself cannot work without."""
        return {
            "PostgreSQL": health.ask_database(self.database),
            "Redis": health.ask_redis(self.redis),
        }


def _origins(settings: Settings) -> frozenset[str]:
    """The addresses under which our own pages are reached."""
    hosts = {settings.public_host, "127.0.0.1", "localhost"}
    port = settings.port("web")
    local = {f"http://{host}:{port}" for host in hosts} | {
        f"https://{host}:{port}" for host in hosts
    }
    return frozenset(local | {f"https://{settings.public_host}"})


async def main() -> None:
    """Serve pages and desks until told to stop."""
    settings = load_settings(os.environ)
    logs.set_up("agent_ui", level=settings.log_level)
    parts = Parts(settings)
    vital = health.Vital(parts.own_questions())
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(parts.ari)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        runner = web.AppRunner(parts.app(http), access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, settings.host, settings.port("web")).start()
        await parts.gateway().serve_in(stack, settings.host, settings.port("desk"))
        await stack.enter_async_context(
            health_page(settings.host, settings.port("metrics_agent_ui"), vital.checks)
        )
        sender = WebhookSender(database=parts.database, bus=parts.bus, vault=parts.vault, http=http)
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(parts.feed.run(), name="desk-feed"),
                group.create_task(vital.run(), name="health"),
                group.create_task(parts.wall.run(), name="wall-feed"),
                group.create_task(parts.relay.run(parts.database), name="relay"),
                group.create_task(sender.feed(), name="webhook-feed"),
                group.create_task(sender.run(), name="webhook-sender"),
                group.create_task(parts.sessions.run(), name="desk-sessions"),
                group.create_task(keep_present(parts.hub, parts.presence), name="presence"),
            ]
            announce_ready()
            await stop.wait()
            for task in tasks:
                task.cancel()
    await parts.redis.aclose()
    await parts.database.engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
