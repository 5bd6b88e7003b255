"""Counts that forget themselves, shared by all processes while Redis is there."""

import logging
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.clock import Clock

logger = logging.getLogger(__name__)


class Counters(Protocol):
    """Counts within a window that runs from the first."""

    async def add(self, key: str, window_seconds: int) -> int:
        """One more; returns how many there are now."""
        ...


class MemoryCounters:
    """Counts in this process only."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: dict[str, tuple[int, float]] = {}

    async def add(self, key: str, window_seconds: int) -> int:
        now = self._clock.monotonic()
        self._counts = {k: kept for k, kept in self._counts.items() if kept[1] > now}
        count, until = self._counts.get(key, (0, now + window_seconds))
        self._counts[key] = (count + 1, until)
        return count + 1


class RedisCounters:
    """Counts in Redis; while it is away, in this process: a limit must not fail open."""

    def __init__(self, redis: Redis, spare: MemoryCounters) -> None:
        self._redis: Any = redis
        self._spare = spare

    async def add(self, key: str, window_seconds: int) -> int:
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.incr(f"limit:{key}")
                pipe.expire(f"limit:{key}", window_seconds, nx=True)
                count, _ = await pipe.execute()
        except (RedisError, OSError, TimeoutError):
            logger.warning("rate limit kept in memory")
            return await self._spare.add(key, window_seconds)
        return int(count)
