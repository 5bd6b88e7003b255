"""The event bus on Redis streams."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from core.domain.codec import Envelope, decode, encode
from core.errors import InputRefused, Unavailable
from core.events.bus import COMMANDS, Command

logger = logging.getLogger(__name__)
_PREFIX = "hotline:"
_KEEP = {"events": 50_000, "live": 5_000, "commands": 10_000}
#: Well below the client's own read time-out (5 s), which would look like a lost connection.
_BLOCK_MS = 2_000
_RETRY_SECONDS = 0.5
_CLAIM_IDLE_MS = 1_000
Entry = tuple[str, dict[str, str]]


class RedisBus:
    """Streams `hotline:<name>`; needs a client made with decode_responses=True."""

    def __init__(self, redis: Redis, *, claim_idle_ms: int = _CLAIM_IDLE_MS) -> None:
        self._redis: Any = redis
        self._claim_idle_ms = claim_idle_ms

    async def publish(self, stream: str, envelopes: Sequence[Envelope]) -> None:
        if not envelopes:
            return
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for envelope in envelopes:
                    pipe.xadd(
                        _PREFIX + stream,
                        encode(envelope.event_id, envelope.event),
                        maxlen=_KEEP.get(stream, 10_000),
                        approximate=True,
                    )
                await pipe.execute()
        except (RedisError, OSError) as error:
            raise Unavailable("消息总线暂时不可用") from error

    async def position(self, stream: str) -> str:
        try:
            last = await self._redis.xrevrange(_PREFIX + stream, count=1)
        except (RedisError, OSError) as error:
            raise Unavailable("消息总线暂时不可用") from error
        return str(last[0][0]) if last else "0-0"

    async def follow(self, *streams: str, start: str = "$") -> AsyncIterator[Envelope]:
        at: dict[str, str] = {}
        while len(at) < len(streams):
            try:
                for stream in streams:
                    at[_PREFIX + stream] = await self.position(stream) if start == "$" else start
            except Unavailable:
                await asyncio.sleep(_RETRY_SECONDS)
        while True:
            _obey_cancellation()
            for key, entries in await self._read(at):
                for position, entry in entries:
                    at[key] = position
                    envelope = _decoded(position, entry)
                    if envelope is not None:
                        yield envelope

    async def _read(self, at: dict[str, str]) -> list[tuple[str, list[Entry]]]:
        try:
            found = await self._redis.xread(at, count=200, block=_BLOCK_MS)
        except (RedisError, OSError):
            logger.warning("event stream lost, reading again")
            await asyncio.sleep(_RETRY_SECONDS)
            return []
        if isinstance(found, dict):
            return [(key, [e for part in parts for e in part]) for key, parts in found.items()]
        return cast("list[tuple[str, list[Entry]]]", found or [])

    async def consume(self, stream: str, *, group: str, consumer: str) -> AsyncIterator[Envelope]:
        async for position, entry in self._shared(stream, group, consumer):
            envelope = _decoded(position, entry)
            if envelope is not None:
                yield envelope
            await self._acknowledge(stream, group, position)

    async def commands(self, *, consumer: str) -> AsyncIterator[Command]:
        async for position, entry in self._shared(COMMANDS, "routing", consumer):
            command = _command(position, entry)
            if command is not None:
                yield command
            await self._acknowledge(COMMANDS, "routing", position)

    async def send_command(self, command: Command) -> None:
        entry = {
            "id": command.command_id,
            "kind": command.kind,
            "agent": command.agent_id,
            "call": command.call_id or "",
            "args": json.dumps(command.args or {}, ensure_ascii=False),
        }
        try:
            await self._redis.xadd(_PREFIX + COMMANDS, entry, maxlen=_KEEP[COMMANDS])
        except (RedisError, OSError) as error:
            raise Unavailable("消息总线暂时不可用") from error

    async def _shared(self, stream: str, group: str, consumer: str) -> AsyncIterator[Entry]:
        """Entries for one consumer of a group: first what was left unacknowledged, then new."""
        key = _PREFIX + stream
        while True:
            try:
                await self._ensure_group(key, group)
                async for position, entry in self._left_over(key, group, consumer):
                    yield position, entry
                while True:
                    found = await self._redis.xreadgroup(
                        group, consumer, {key: ">"}, count=50, block=_BLOCK_MS
                    )
                    for position, entry in _flat(found):
                        yield position, entry
            except (RedisError, OSError):
                logger.warning("shared stream lost, joining again", extra={"stream": stream})
                await asyncio.sleep(_RETRY_SECONDS)

    async def _left_over(self, key: str, group: str, consumer: str) -> AsyncIterator[Entry]:
        """What this consumer, or a dead one, was given and never acknowledged."""
        await self._redis.xautoclaim(
            key, group, consumer, min_idle_time=self._claim_idle_ms, count=100
        )
        after = "0"
        while found := _flat(await self._redis.xreadgroup(group, consumer, {key: after}, count=50)):
            for position, entry in found:
                after = position
                if entry:
                    yield position, entry

    async def _ensure_group(self, key: str, group: str) -> None:
        try:
            await self._redis.xgroup_create(key, group, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _acknowledge(self, stream: str, group: str, position: str) -> None:
        try:
            await self._redis.xack(_PREFIX + stream, group, position)
        except (RedisError, OSError):
            # Not acknowledged means given again: every consumer is idempotent by event id.
            logger.warning("acknowledgement lost", extra={"stream": stream})


def _obey_cancellation() -> None:
    """A cancellation that came while the client was connecting may have been taken for an error."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _flat(found: Any) -> list[Entry]:
    if not found:
        return []
    if isinstance(found, dict):
        return [entry for parts in found.values() for part in parts for entry in part]
    return [entry for _, entries in found for entry in entries]


def _decoded(position: str, entry: dict[str, str]) -> Envelope | None:
    try:
        return decode(position, entry)
    except InputRefused:
        logger.warning("unreadable event skipped", extra={"position": position})
        return None


def _command(position: str, entry: dict[str, str]) -> Command | None:
    try:
        args = json.loads(entry["args"])
        return Command(
            command_id=entry["id"],
            kind=entry["kind"],
            agent_id=entry["agent"],
            call_id=entry["call"] or None,
            args=args if isinstance(args, dict) else {},
            position=position,
        )
    except (KeyError, ValueError):
        logger.warning("unreadable command skipped", extra={"position": position})
        return None
