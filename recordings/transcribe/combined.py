"""Two engines on one stream: words at once from the quick one, finals from the careful one."""

import asyncio
from collections.abc import AsyncIterator

from recordings.transcribe.engine import (
    Capabilities,
    Deferred,
    Final,
    Partial,
    SpeechEvent,
    StreamSpec,
    Transcriber,
    TranscriberSession,
)
from recordings.transcribe.event_queue import EventQueue


class CombinedTranscriber:
    """Uses both engines where both know the language, else the one that does."""

    def __init__(self, *, quick: Transcriber, careful: Transcriber) -> None:
        self._quick = quick
        self._careful = careful

    @property
    def capabilities(self) -> Capabilities:
        quick, careful = self._quick.capabilities, self._careful.capabilities
        return Capabilities(
            name=f"{quick.name}+{careful.name}",
            languages=quick.languages | careful.languages,
            partials=True,
            word_times=quick.word_times and careful.word_times,
            hotwords=careful.hotwords,
        )

    async def open(self, spec: StreamSpec) -> TranscriberSession:
        if spec.language not in self._quick.capabilities.languages:
            return await self._careful.open(spec)
        if spec.language not in self._careful.capabilities.languages:
            return await self._quick.open(spec)
        return CombinedSession(
            quick=await self._quick.open(spec), careful=await self._careful.open(spec)
        )


class CombinedSession:
    """Quick partials until the careful final; a quick final stands in for a deferred one."""

    def __init__(self, *, quick: TranscriberSession, careful: TranscriberSession) -> None:
        self._quick = quick
        self._careful = careful
        self._quick_finals: list[Final] = []

    def feed(self, pcm: bytes) -> None:
        self._quick.feed(pcm)
        self._careful.feed(pcm)

    async def close(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._quick.close())
            group.create_task(self._careful.close())

    async def events(self) -> AsyncIterator[SpeechEvent]:
        merged = EventQueue()
        async with asyncio.TaskGroup() as group:
            readers = [
                group.create_task(self._read_quick(merged)),
                group.create_task(self._read_careful(merged)),
            ]
            group.create_task(_end_after(readers, merged))
            async for event in merged.iterate():
                yield event

    async def _read_quick(self, merged: EventQueue) -> None:
        async for event in self._quick.events():
            if isinstance(event, Final):
                self._quick_finals.append(event)
                merged.put(Partial(event.text, event.start_ms, event.end_ms))
            elif isinstance(event, Partial):
                merged.put(event)

    async def _read_careful(self, merged: EventQueue) -> None:
        async for event in self._careful.events():
            if isinstance(event, Deferred):
                for stand_in in self._stand_ins(event):
                    merged.put(stand_in)
            if not isinstance(event, Partial):
                self._forget_until(event.end_ms)
                merged.put(event)

    def _stand_ins(self, gap: Deferred) -> list[Final]:
        return [
            final
            for final in self._quick_finals
            if final.start_ms < gap.end_ms and final.end_ms > gap.start_ms
        ]

    def _forget_until(self, end_ms: int) -> None:
        self._quick_finals = [each for each in self._quick_finals if each.end_ms > end_ms]


async def _end_after(readers: list[asyncio.Task[None]], merged: EventQueue) -> None:
    await asyncio.wait(readers)
    merged.end()
