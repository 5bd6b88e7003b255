"""How a process connects to Redis."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

_CONNECT_SECONDS = 2.0


def connect_redis(url: str) -> Redis:
    """A client for streams and keys.

    Reads have no time-out: following a stream is one long read, and the library may swallow a
    cancel that meets its time-out. A restarted Redis has shut every pooled connection; each is
    opened once more.
    """
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=None,
        socket_connect_timeout=_CONNECT_SECONDS,
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    )
