"""Keeps the ACD's one state: takes events one after the other, and wakes for what is due."""

import asyncio
import logging
from collections.abc import Callable

from core.clock import Clock
from routing.acd.commands import Command
from routing.acd.deadlines import next_deadline
from routing.acd.engine import step
from routing.acd.events import Event, Tick
from routing.acd.state import AcdState

logger = logging.getLogger(__name__)
Perform = Callable[[list[Command]], None]


class Runner:
    """Feeds the engine. `feed` never waits: what is to be done is handed on at once."""

    def __init__(self, clock: Clock, state: AcdState | None = None) -> None:
        self._clock = clock
        self._perform: Perform = _nothing
        self._changed = asyncio.Event()
        self.state = state or AcdState()

    def attach(self, perform: Perform) -> None:
        """Who carries out the commands."""
        self._perform = perform

    def feed(self, event: Event) -> None:
        """Take one event, and have done what follows from it."""
        self.state, commands = step(self.state, event, self._clock.now())
        self._changed.set()
        if commands:
            self._perform(commands)

    async def run(self) -> None:
        """Feed a Tick whenever something is due, until cancelled."""
        while True:
            self._changed.clear()
            try:
                async with asyncio.timeout(self._seconds_to_wait()):
                    await self._changed.wait()
            except TimeoutError:
                self.feed(Tick())

    def _seconds_to_wait(self) -> float | None:
        now = self._clock.now()
        due = next_deadline(self.state, now)
        return None if due is None else max(0.0, (due - now).total_seconds())


def _nothing(_commands: list[Command]) -> None:
    """Before anybody carries out commands there is nothing in the state to command."""
