"""What a session has understood and nobody has fetched yet; bounded for what may be lost."""

import asyncio
from collections.abc import AsyncIterator

from recordings.transcribe.engine import Partial, SpeechEvent

_MOST_PARTIALS = 100


class EventQueue:
    """Finals are kept, partials only while somebody reads; ends when told to."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[SpeechEvent | None] = asyncio.Queue()

    def put(self, event: SpeechEvent) -> None:
        if isinstance(event, Partial) and self._events.qsize() >= _MOST_PARTIALS:
            return
        self._events.put_nowait(event)

    def end(self) -> None:
        self._events.put_nowait(None)

    async def iterate(self) -> AsyncIterator[SpeechEvent]:
        while (event := await self._events.get()) is not None:
            yield event
