"""Composition root of the menus: `python -m ivr stasis` is rung 1, `python -m ivr agi` rung 2."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

import ivr.menu
from core import logs
from core.asterisk.agi_server import AgiServer
from core.asterisk.ari_client import AriClient
from core.asterisk.sounds import PromptSounds
from core.clock import SystemClock
from core.config import Settings, load_settings
from core.db.engine import Database, make_engine
from core.errors import HotlineError, SettingWrong
from core.events.redis_bus import RedisBus
from core.events.relay import Relay
from core.liveness import announce_ready, health_page
from core.rate_limit import MemoryCounters, RedisCounters
from core.vault import Vault
from ivr.agi_app import AgiMenus
from ivr.case_desk import CaseDesk
from ivr.line_desk import DatabaseLines, FileLines, line_file
from ivr.menu.engine import MenuEngine
from ivr.menu.loader import load_menus
from ivr.menu_states import RedisMenuStates
from ivr.records import DatabaseRecords
from ivr.session import MenuParts
from ivr.stasis_app import APP, StasisApp, Surroundings
from ivr.voice_callbacks import VoiceCallbacks

MENUS = Path(ivr.menu.__file__).parent / "menus.toml"
#: A caller's key must never wait long for Redis.
_REDIS_SECONDS = 0.5
_USAGE = "用法：python -m ivr stasis|agi"


def read_engine(sounds: PromptSounds) -> MenuEngine:
    """The engine over the menu file; raises MenuFileWrong with the line of a mistake."""
    text = MENUS.read_text(encoding="utf-8")
    return MenuEngine(load_menus(text, prompts=sounds.book.templates.keys()))


async def serve_stasis(settings: Settings) -> None:
    """Rung 1, until cancelled."""
    clock, vault = SystemClock(), Vault(bytes.fromhex(settings.master_key))
    sounds = PromptSounds(settings.prompts_dir)
    engine = read_engine(sounds)
    async with AsyncExitStack() as stack:
        redis = Redis.from_url(
            settings.redis_url,
            decode_responses=True,
            socket_timeout=_REDIS_SECONDS,
            socket_connect_timeout=_REDIS_SECONDS,
            # A restarted Redis has shut every connection of the pool: each is opened once more.
            retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        )
        stack.push_async_callback(redis.aclose)
        relay = Relay(RedisBus(redis), clock)
        database = Database(make_engine(settings.database_url), publish=relay.publish, clock=clock)
        stack.push_async_callback(database.engine.dispose)
        lines = DatabaseLines(database, line_file(settings.state_dir))
        await lines.read()
        ari = await stack.enter_async_context(_ari(settings))
        parts = MenuParts(
            engine=engine,
            records=DatabaseRecords(database, vault),
            cases=CaseDesk(database, vault, RedisCounters(redis, MemoryCounters(clock))),
            states=RedisMenuStates(redis, clock),
            clock=clock,
            later=asyncio.get_running_loop().call_later,
        )
        voice = VoiceCallbacks(database, vault, ari, parts.states)
        app = StasisApp(Surroundings(ari, sounds, vault, lambda: lines.book, voice), parts)
        checks = {
            "asterisk": lambda: ari.is_connected,
            "lines": lambda: bool(lines.book.lines),
            "database": lambda: lines.is_fresh,
        }
        port = settings.port("metrics_ivr")
        await stack.enter_async_context(health_page(settings.host, port, checks))
        async with asyncio.TaskGroup() as group:
            group.create_task(ari.run(), name="ari")
            group.create_task(app.run(), name="menus")
            group.create_task(lines.run(), name="lines")
            group.create_task(voice.run(), name="voice callbacks")
            group.create_task(relay.run(database), name="relay")
            await ari.wait_connected()
            announce_ready()


def _ari(settings: Settings) -> AriClient:
    return AriClient(
        url=settings.ari_url, user=settings.ari_user, password=settings.ari_password, app=APP
    )


async def serve_agi(settings: Settings) -> None:
    """Rung 2, until cancelled; needs nothing but the disk."""
    lines = FileLines(line_file(settings.state_dir))
    sounds = PromptSounds(settings.prompts_dir)
    menus = AgiMenus(
        read_engine(sounds),
        sounds,
        line_book=lines.book,
        vault=Vault(bytes.fromhex(settings.master_key)),
        clock=SystemClock(),
        calls_dir=settings.spool_dir / "calls",
    )
    server = AgiServer(menus.handle, host=settings.host, port=settings.port("agi"))
    checks = {"lines": lambda: bool(lines.book().lines)}
    async with health_page(settings.host, settings.port("metrics_agi"), checks):
        await server.serve(on_ready=announce_ready)


SERVICES: dict[str, Callable[[Settings], Awaitable[None]]] = {
    "stasis": serve_stasis,
    "agi": serve_agi,
}


async def run(serve: Callable[[Settings], Awaitable[None]], settings: Settings) -> None:
    """Serve until a signal asks to stop; calls stay in Asterisk and are adopted later."""
    own = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, own.cancel if own else lambda: None)
    try:
        await serve(settings)
    except asyncio.CancelledError:
        return


def main(arguments: list[str]) -> int:
    """Run one of the two services."""
    if len(arguments) != 1 or arguments[0] not in SERVICES:
        sys.stderr.write(_USAGE + "\n")
        return 2
    try:
        settings = load_settings(os.environ)
        if not settings.master_key:
            raise SettingWrong("缺少设置 master_key，请先运行 hotline up")
        logs.set_up("ivr" if arguments[0] == "stasis" else "agi", level=settings.log_level)
        asyncio.run(run(SERVICES[arguments[0]], settings))
    except HotlineError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
