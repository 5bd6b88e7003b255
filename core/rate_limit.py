"""Limits how often something may happen or fail; the counts are shared by all processes."""

import logging
from dataclasses import dataclass
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.clock import Clock
from core.errors import LoginRefused

logger = logging.getLogger(__name__)


class Counters(Protocol):
    """Counts that forget themselves after a window."""

    async def add(self, key: str, window_seconds: int) -> int:
        """One more; the window runs from the first. Returns the count."""
        ...

    async def count(self, key: str) -> int:
        """How many within the window."""
        ...

    async def clear(self, key: str) -> None:
        """Forget them."""
        ...


class MemoryCounters:
    """Counts in this process only: for tests, and for the time in which Redis is away."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: dict[str, tuple[int, float]] = {}

    async def add(self, key: str, window_seconds: int) -> int:
        self._forget_old()
        count, until = self._counts.get(key, (0, self._clock.monotonic() + window_seconds))
        self._counts[key] = (count + 1, until)
        return count + 1

    async def count(self, key: str) -> int:
        self._forget_old()
        return self._counts.get(key, (0, 0.0))[0]

    async def clear(self, key: str) -> None:
        self._counts.pop(key, None)

    def _forget_old(self) -> None:
        now = self._clock.monotonic()
        for key in [key for key, (_, until) in self._counts.items() if until <= now]:
            del self._counts[key]


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

    async def count(self, key: str) -> int:
        try:
            return int(await self._redis.get(f"limit:{key}") or 0)
        except (RedisError, OSError, TimeoutError):
            return await self._spare.count(key)

    async def clear(self, key: str) -> None:
        await self._spare.clear(key)
        try:
            await self._redis.delete(f"limit:{key}")
        except (RedisError, OSError, TimeoutError):
            logger.warning("rate limit not cleared")


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times within so many seconds."""

    most: int
    seconds: int


ACCOUNT_LIMIT = Limit(most=5, seconds=300)
ADDRESS_LIMIT = Limit(most=30, seconds=300)
LOOK_UP_LIMIT = Limit(most=20, seconds=600)
#: Of one case number: ten thousand tails are few, so few of them may be tried.
NUMBER_LIMIT = Limit(most=5, seconds=1800)
#: Pressing for progress through the page.
URGE_LIMIT = Limit(most=1, seconds=24 * 3600)


async def is_too_often(counters: Counters, key: str, limit: Limit) -> bool:
    """Count one more; whether that is more than the limit allows."""
    return await counters.add(key, limit.seconds) > limit.most


class FailureLimiter:
    """Refuses further tries once an account or an address has failed too often."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    async def check(self, kind: str, key: str, limit: Limit) -> None:
        """Raise LoginRefused when the limit is reached."""
        if await self._counters.count(f"{kind}:{key}") >= limit.most:
            minutes = limit.seconds // 60
            raise LoginRefused(f"尝试次数过多，请 {minutes} 分钟后再试", limited=True)

    async def failed(self, kind: str, key: str, limit: Limit) -> None:
        """Count one failure."""
        await self._counters.add(f"{kind}:{key}", limit.seconds)

    async def succeeded(self, kind: str, key: str) -> None:
        """Forget the failures."""
        await self._counters.clear(f"{kind}:{key}")

    async def is_too_often(self, kind: str, key: str, limit: Limit) -> bool:
        """Count one more, failed or not; whether that is more than the limit allows."""
        return await is_too_often(self._counters, f"{kind}:{key}", limit)
