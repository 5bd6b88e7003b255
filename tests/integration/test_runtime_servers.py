"""Real PostgreSQL and Redis behind the fixtures that other integration tests use."""

import asyncpg
import pytest
import redis.asyncio

from tests.support.instances import RunningServers

pytestmark = pytest.mark.integration


async def _connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))


async def test_a_test_gets_a_migrated_database_without_rows(database_url: str) -> None:
    connection = await _connect(database_url)
    assert await connection.fetchval("SELECT count(*) FROM call") == 0
    await connection.execute("CREATE TABLE litter (id int)")
    await connection.close()


async def test_litter_of_one_test_is_not_in_the_next_ones_database(database_url: str) -> None:
    connection = await _connect(database_url)
    assert await connection.fetchval("SELECT to_regclass('litter')") is None
    await connection.close()


async def test_trigrams_work_on_chinese_text(database_url: str) -> None:
    connection = await _connect(database_url)
    await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    found = await connection.fetchval("SELECT similarity('人民路的路灯坏了', '路灯坏了')")
    assert found > 0.2
    await connection.close()


async def test_redis_wants_the_password_and_starts_empty(
    servers: RunningServers, redis_url: str
) -> None:
    client = redis.asyncio.from_url(redis_url)
    assert await client.dbsize() == 0
    await client.aclose()
    stranger = redis.asyncio.Redis(host="127.0.0.1", port=servers.settings.port("redis"))
    with pytest.raises(redis.AuthenticationError):
        await stranger.ping()
    await stranger.aclose()
