"""Pages and desk gateway in this process, on real PostgreSQL and Redis, with a small city."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from redis.asyncio import Redis

from agent_ui.app import build_app
from agent_ui.assets import Assets
from agent_ui.deps import Deps, PartHealth, WebOptions
from agent_ui.i18n import load_catalogues
from agent_ui.live.feed import DeskFeed
from agent_ui.live.hub import Hub
from agent_ui.live.orders import Orders
from agent_ui.live.presence import RedisPresence, keep_present
from agent_ui.live.reader import DeskReader
from agent_ui.live.sessions import Sessions
from agent_ui.live.socket import DeskGateway, GatewayParts
from agent_ui.live.wall import WallFeed
from agent_ui.playback import Listening, MemoryAudio
from agent_ui.rendering import Renderer
from core.auth import Principal, Role, hash_password
from core.clock import Clock, SystemClock
from core.db.engine import Database, make_engine
from core.db.tables.lines import LineRow, QueueRow
from core.db.tables.people import AccountRow
from core.events.connection import connect_redis
from core.events.redis_bus import RedisBus
from core.events.relay import Relay
from core.rate_limit import FailureLimiter, MemoryCounters
from core.vault import Vault

PASSWORD = "correct horse"
VAULT = Vault(b"k" * 32)


class NoSoftphones:
    """A telephone system that is away; a desk phone needs none."""

    async def open(self, principal: Principal, session_key: str) -> Mapping[str, object]:
        return {"user": principal.account, "secret": session_key[:8], "port": 1, "path": "/ws",
                "register_seconds": 60}  # fmt: skip


class AllWell:
    """Every part answers."""

    async def look(self) -> list[PartHealth]:
        return [PartHealth("PostgreSQL", ok=True, detail="18"), PartHealth("Redis", ok=True)]


@dataclass(frozen=True)
class MemoryClips:
    """Whole files by "call/speaker" in the place of their parts; what was asked for is kept."""

    files: dict[str, bytes]
    asked: list[Listening] = field(default_factory=list)

    async def clip(self, asked: Listening) -> bytes | None:
        self.asked.append(asked)
        return self.files.get(f"{asked.call_id}/{asked.speaker}")


@dataclass
class DeskStack:
    """The running pages and gateway, and what a test needs beside them."""

    database: Database
    redis: Redis
    bus: RedisBus
    hub: Hub
    feed: DeskFeed
    wall: WallFeed
    sessions: Sessions
    deps: Deps
    web_port: int = 0
    desk_port: int = 0
    audio: dict[str, bytes] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def gateway(self) -> str:
        return f"ws://127.0.0.1:{self.desk_port}/desk"


@asynccontextmanager
async def desk_stack(
    database_url: str,
    redis_url: str,
    *,
    clock: Clock | None = None,
    ports: tuple[int, int] = (0, 0),
    seeded: bool = False,
) -> AsyncIterator[DeskStack]:
    """Everything running until the context ends. seeded: the database has its city already."""
    async with AsyncExitStack() as stack:
        parts = _parts(database_url, redis_url, clock or SystemClock())
        stack.push_async_callback(parts.database.engine.dispose)
        stack.push_async_callback(parts.redis.aclose)
        if not seeded:
            await build_city(parts.database)
        gateway = DeskGateway(_gateway_parts(parts))
        parts.desk_port = await gateway.serve_in(stack, "127.0.0.1", 0)
        object.__setattr__(parts.deps.options, "desk_port", parts.desk_port)
        runner = web.AppRunner(build_app(parts.deps), access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        parts.web_port = runner.addresses[0][1]
        gateway.allow_origin(parts.origin)
        loop = asyncio.get_running_loop()
        tasks = [
            loop.create_task(parts.feed.run()),
            loop.create_task(parts.wall.run()),
            loop.create_task(keep_present(parts.hub, RedisPresence(parts.redis))),
        ]
        try:
            yield parts
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _parts(database_url: str, redis_url: str, clock: Clock) -> DeskStack:
    redis = connect_redis(redis_url)
    bus, hub = RedisBus(redis), Hub()
    engine = make_engine(database_url)
    database = Database(engine, publish=Relay(bus, clock).publish, clock=clock)
    reader = DeskReader(sessions=database.sessions, vault=VAULT, clock=clock)
    assets, catalogues = Assets(), load_catalogues()
    audio: dict[str, bytes] = {}
    wall = WallFeed(hub=Hub(), database=database, bus=bus)
    sessions = Sessions(database=database, hubs=(hub, wall.hub))
    deps = Deps(
        database=database,
        vault=VAULT,
        clock=clock,
        assets=assets,
        catalogues=catalogues,
        renderer=Renderer(assets=assets, catalogues=catalogues),
        limiter=FailureLimiter(MemoryCounters(clock)),
        playback=MemoryAudio(audio),
        clips=MemoryClips(audio),
        health=AllWell(),
        options=WebOptions(),
        close_session=sessions.close,
    )
    return DeskStack(
        wall=wall,
        database=database, redis=redis, bus=bus, hub=hub, deps=deps, audio=audio,
        feed=DeskFeed(hub=hub, reader=reader, bus=bus),
        sessions=sessions,
    )  # fmt: skip


def _gateway_parts(parts: DeskStack) -> GatewayParts:
    return GatewayParts(
        hub=parts.hub,
        feed=parts.feed,
        wall=parts.wall,
        orders=Orders(
            database=parts.database, bus=parts.bus, vault=VAULT, softphones=NoSoftphones()
        ),
        presence=RedisPresence(parts.redis),
        authenticate=parts.sessions.authenticate,
        clock=parts.database.clock,
        origins=frozenset(),
    )


async def build_city(database: Database) -> None:
    """What a desk needs of a city, beside what the migrations have laid down."""
    stored = hash_password(PASSWORD)
    async with database.work() as work:
        line = LineRow(
            id="main", did="55512345", name="12345 主线", greeting="", queue_id="general"
        )
        for row in (QueueRow(id="general", name="综合受理"), line):
            await work.session.merge(row)
        work.session.add_all(
            [
                account("zhangmin", "张敏", "1001", Role.AGENT, stored),
                account("liqiang", "李强", "1002", Role.AGENT, stored),
                account("guanli", "管理员", "0001", Role.ADMIN, stored),
            ]
        )
        await work.commit()


def account(name: str, person: str, number: str, role: Role, stored: str) -> AccountRow:
    """Somebody who can log in with PASSWORD; agents have desk phones."""
    queues = ["general"] if role is Role.AGENT else []
    return AccountRow(
        id=f"id-{name}", account=name, name=person, job_number=number, role=role.value,
        password_hash=stored, phone="8001", queues=queues,
    )  # fmt: skip
