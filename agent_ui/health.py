"""Asks every part of the system how it is, for the status page."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

import aiohttp
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from agent_ui.deps import PartHealth
from core.db.engine import Database

_PATIENCE_SECONDS = 2.0
Ask = Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class SystemHealth:
    """Parts by name, each with a question that raises when the part does not answer."""

    parts: Mapping[str, Ask]

    async def look(self) -> list[PartHealth]:
        """All parts at once; none waits for another."""
        names = list(self.parts)
        return list(await asyncio.gather(*(self._one(name) for name in names)))

    async def _one(self, name: str) -> PartHealth:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return PartHealth(name, ok=True, detail=await self.parts[name]())
        except TimeoutError:
            return PartHealth(name, ok=False, detail="没有应答")
        except (OSError, aiohttp.ClientError, RedisError, SQLAlchemyError):
            return PartHealth(name, ok=False, detail="无法连接")


class Vital:
    """What this process itself needs, asked again and again, for its own health page."""

    def __init__(self, parts: Mapping[str, Ask], *, pause: float = 5.0) -> None:
        self._health = SystemHealth(parts)
        self._pause = pause
        self._well = dict.fromkeys(parts, True)  # innocent until the first answer

    @property
    def checks(self) -> dict[str, Callable[[], bool]]:
        """One check a part, by its last answer."""
        return {name: partial(self._well.__getitem__, name) for name in self._well}

    async def look(self) -> None:
        """Ask once."""
        self._well.update({part.name: part.ok for part in await self._health.look()})

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self._pause)


def ask_database(database: Database) -> Ask:
    """PostgreSQL answers a question."""

    async def ask() -> str:
        async with database.sessions() as session:
            version = await session.scalar(text("SHOW server_version"))
        return str(version)

    return ask


def ask_redis(redis: "Redis") -> Ask:
    """Redis answers a ping."""

    async def ask() -> str:
        info = await redis.info("server")
        return str(info.get("redis_version", ""))

    return ask


def ask_process(http: aiohttp.ClientSession, host: str, port: int) -> Ask:
    """A process of ours says that it is healthy."""

    async def ask() -> str:
        async with http.get(f"http://{host}:{port}/healthz") as answer:
            said = (await answer.text())[:100]
            if answer.status != 200:  # noqa: PLR2004
                raise OSError(said)
            return said

    return ask


def ask_asterisk(http: aiohttp.ClientSession, url: str, user: str, password: str) -> Ask:
    """Asterisk answers over its REST interface."""

    async def ask() -> str:
        auth = aiohttp.BasicAuth(user, password)
        async with http.get(f"{url}/asterisk/info", auth=auth) as answer:
            answer.raise_for_status()
            body = await answer.json()
        return str(body.get("system", {}).get("version", ""))

    return ask
