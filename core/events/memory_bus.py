"""An event bus within one process, for tests and tools; same contract as the Redis bus."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from core.domain.codec import Envelope, decode, encode
from core.events.bus import COMMANDS, Command


class MemoryBus:
    """Keeps every entry; followers wait on one condition."""

    def __init__(self) -> None:
        self._streams: dict[str, list[dict[str, str]]] = {}
        self._commands: list[Command] = []
        self._read: dict[tuple[str, str], int] = {}
        self._changed = asyncio.Condition()

    @property
    def published(self) -> list[Envelope]:
        """Everything ever published, in order of streams."""
        return [
            decode(str(i), entry)
            for entries in self._streams.values()
            for i, entry in enumerate(entries, 1)
        ]

    async def publish(self, stream: str, envelopes: Sequence[Envelope]) -> None:
        async with self._changed:
            entries = self._streams.setdefault(stream, [])
            entries.extend(encode(e.event_id, e.event) for e in envelopes)
            self._changed.notify_all()

    async def follow(self, *streams: str, start: str = "$") -> AsyncIterator[Envelope]:
        seen = {s: len(self._streams.get(s, ())) if start == "$" else int(start) for s in streams}
        while True:
            for stream in streams:
                entries = self._streams.get(stream, [])
                while seen[stream] < len(entries):
                    seen[stream] += 1
                    yield decode(str(seen[stream]), entries[seen[stream] - 1])
            async with self._changed:
                await self._changed.wait_for(
                    lambda: any(len(self._streams.get(s, ())) > seen[s] for s in streams)
                )

    async def consume(self, stream: str, *, group: str, consumer: str) -> AsyncIterator[Envelope]:
        del consumer
        key = (stream, group)
        while True:
            entries = self._streams.get(stream, [])
            done = self._read.get(key, 0)
            if done < len(entries):
                yield decode(str(done + 1), entries[done])
                self._read[key] = done + 1
                continue
            async with self._changed:
                await self._changed.wait_for(
                    lambda: len(self._streams.get(stream, ())) > self._read.get(key, 0)
                )

    async def position(self, stream: str) -> str:
        return str(len(self._streams.get(stream, ())))

    async def send_command(self, command: Command) -> None:
        async with self._changed:
            self._commands.append(replace(command, position=str(len(self._commands) + 1)))
            self._changed.notify_all()

    async def commands(self, *, consumer: str) -> AsyncIterator[Command]:
        del consumer
        key = (COMMANDS, "routing")
        while True:
            done = self._read.get(key, 0)
            if done < len(self._commands):
                yield self._commands[done]
                self._read[key] = done + 1
                continue
            async with self._changed:
                await self._changed.wait_for(lambda: len(self._commands) > self._read.get(key, 0))
