"""Follows the events of one call from outside, and lets others wait for them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar

from core.clock import Clock, SystemClock
from core.domain.events import Event
from core.events.bus import EVENTS, LIVE, EventBus

E = TypeVar("E", bound=Event)
Listener = Callable[[Event], None]


@dataclass
class Watch:
    """Every event since the context was opened, with the instant at which it was seen."""

    bus: EventBus
    listener: Listener | None = None
    clock: Clock = field(default_factory=SystemClock)
    seen: list[tuple[datetime, Event]] = field(default_factory=list)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for stream in (EVENTS, LIVE):
            start = await self.bus.position(stream)
            self._tasks.append(loop.create_task(self._follow(stream, start), name="watch"))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _follow(self, stream: str, start: str) -> None:
        async for envelope in self.bus.follow(stream, start=start):
            if self.listener is not None:
                self.listener(envelope.event)
            async with self._changed:
                self.seen.append((self.clock.now(), envelope.event))
                self._changed.notify_all()

    def of(self, kind: type[E], holds: Callable[[E], bool] = lambda _: True) -> list[E]:
        """Every event of this kind so far."""
        return [e for _, e in self.seen if isinstance(e, kind) and holds(e)]

    def when(self, kind: type[E], holds: Callable[[E], bool] = lambda _: True) -> list[datetime]:
        """The instants at which such events were seen."""
        return [at for at, e in self.seen if isinstance(e, kind) and holds(e)]

    async def until(
        self,
        kind: type[E],
        holds: Callable[[E], bool] = lambda _: True,
        *,
        count: int = 1,
        seconds: float = 60.0,
    ) -> E:
        """The count-th such event, also when it has passed already. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: len(self.of(kind, holds)) >= count)
        return self.of(kind, holds)[count - 1]
