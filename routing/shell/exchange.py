"""What every part of the shell works with, handed over as one thing by the composition root."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.asterisk.ari_client import AriClient
from core.asterisk.sounds import PromptSounds
from core.clock import Clock
from core.db.engine import Database
from core.ids import CallId
from core.vault import Vault
from routing.acd.events import Event
from routing.acd.runner import Runner
from routing.acd.state import AcdState, Caller
from routing.shell.board import Board
from routing.shell.lanes import Job, Lanes
from routing.shell.ledger import Change, Ledger
from routing.shell.people import People


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Asterisk, the database, the engine, and what is known of calls and people."""

    ari: AriClient
    runner: Runner
    ledger: Ledger
    lanes: Lanes
    board: Board
    people: People
    sounds: PromptSounds
    database: Database
    vault: Vault
    clock: Clock

    @property
    def state(self) -> AcdState:
        return self.runner.state

    @property
    def feed(self) -> Callable[[Event], None]:
        return self.runner.feed

    def caller(self, call_id: CallId) -> Caller | None:
        """The call as the engine sees it, if it stands in line or talks."""
        return self.runner.state.callers.get(call_id)

    def write(
        self, *changes: Change, calls: Iterable[str] = (), agents: Iterable[str] = ()
    ) -> "asyncio.Future[None]":
        """Have changes written in order."""
        return self.ledger.submit(*changes, calls=calls, agents=agents)

    def note(self, *changes: Change, calls: Iterable[str] = ()) -> None:
        """Have changes written that nothing waits for; the ledger logs what it cannot write."""
        self._written(self.ledger.submit(*changes, calls=calls))

    @staticmethod
    def _written(_future: "asyncio.Future[None]") -> None:
        """The ledger keeps the future; nobody here needs it."""

    def after(self, seconds: float, job: Job) -> None:
        """Have something done later."""
        self.lanes.after(seconds, job)

    def do(self, call_id: CallId, job: Job) -> None:
        """Have something done to a call after all that was ordered for it before."""
        self.lanes.put(call_id, job)
