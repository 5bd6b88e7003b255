"""Runs real servers for a whole test session, supervised from a thread of its own."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import asyncpg
import redis.asyncio

from core.config import Settings
from hotline.free_ports import isolated
from hotline.postgres import USER, database_url
from hotline.run_folder import socket_dir
from hotline.supervisor import Stack

T = TypeVar("T")
SERVERS = ("postgres", "redis", "migrations")


class RunningServers:
    """PostgreSQL (migrated) and Redis of one test session."""

    def __init__(self, settings: Settings, loop: asyncio.AbstractEventLoop) -> None:
        self.settings = settings
        self._loop = loop
        self._made = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the servers' own loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """The address of an empty, migrated database that nobody else sees."""
        self._made += 1
        name = f"test_{self._made}"
        self.run(self._execute(f"CREATE DATABASE {name} TEMPLATE hotline"))
        try:
            yield database_url(self.settings, name)
        finally:
            self.run(self._execute(f"DROP DATABASE {name} WITH (FORCE)"))

    def empty_redis(self) -> None:
        """Forget every key and stream."""

        async def flush() -> None:
            client = redis.asyncio.from_url(self.settings.redis_url)
            await client.flushall()
            await client.aclose()

        self.run(flush())

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(
            user=USER, database="postgres", host=str(socket_dir(self.settings.state_dir))
        )
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def running_servers(settings: Settings) -> Iterator[RunningServers]:
    """Start the servers; end them at the end of the context, or with this process."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="servers", daemon=True)
    thread.start()
    try:
        with isolated(settings) as own:
            stack = Stack(own, SERVERS)
            asyncio.run_coroutine_threadsafe(stack.start_all(), loop).result(timeout=120)
            try:
                yield RunningServers(stack.settings, loop)
            finally:
                asyncio.run_coroutine_threadsafe(stack.stop_all(), loop).result(timeout=60)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
