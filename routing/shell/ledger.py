"""Writes every change of routing in order, as many as have come together in one transaction.

Twenty calls at once are twenty changes but only two or three commits: what arrives while one
transaction runs goes together into the next. A change that cannot be written is written alone
once more, so that it spoils no other.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from core.actions.base import hold_rows
from core.db.engine import Database, UnitOfWork
from core.db.tables.calls import CallRow
from core.db.tables.people import AgentRow
from core.errors import Conflict, HotlineError
from core.metrics import LOOP_ERRORS

logger = logging.getLogger(__name__)
Change = Callable[[UnitOfWork], Awaitable[object]]
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 2.0
_MOST_TOGETHER = 50
_LONGEST_STUCK = timedelta(seconds=5)


class NotWritten(Conflict):
    """The database refused this change; the others went through."""

    code = "not_written"


@dataclass(frozen=True, slots=True)
class Entry:
    """Changes that belong together, and the rows they touch (locked in one go beforehand)."""

    changes: Sequence[Change]
    calls: frozenset[str]
    agents: frozenset[str]
    written: "asyncio.Future[None]"


class Ledger:
    """Takes changes from anywhere in the process; `run` writes them."""

    def __init__(
        self, database: Database, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._database = database
        self._pause = pause
        self._pending: list[Entry] = []
        self._news = asyncio.Event()
        self._stuck_since: datetime | None = None

    def keeps_up(self) -> bool:
        """Whether what is decided gets written; a database that is away is no matter for long."""
        since = self._stuck_since
        return since is None or self._database.clock.now() - since < _LONGEST_STUCK

    def submit(
        self, *changes: Change, calls: Iterable[str] = (), agents: Iterable[str] = ()
    ) -> "asyncio.Future[None]":
        """Have the changes written after all that came before; the future tells when.

        It fails with NotWritten or the action's own HotlineError.
        """
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        written.add_done_callback(_look_at)
        self._pending.append(Entry(changes, frozenset(calls), frozenset(agents), written))
        self._news.set()
        return written

    async def run(self) -> None:
        """Write what comes, until cancelled."""
        while True:
            await self._news.wait()
            await self.write_pending()

    async def write_pending(self) -> None:
        """Write everything that waits now."""
        while self._pending:
            batch, self._pending = self._pending[:_MOST_TOGETHER], self._pending[_MOST_TOGETHER:]
            await self._write_surely(batch)
        self._news.clear()

    async def _write_surely(self, batch: Sequence[Entry]) -> None:
        """Write the batch; wait for a database that is away, part a batch that is refused."""
        pause = _FIRST_PAUSE_S
        while True:
            try:
                await self._write(batch)
            except (HotlineError, SQLAlchemyError, OSError) as error:
                if _is_away(error):
                    self._stuck_since = self._stuck_since or self._database.clock.now()
                    logger.warning("database away, change waits", extra={"changes": len(batch)})
                    await self._pause(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE_S)
                    continue
                await self._part(batch, error)
            self._stuck_since = None
            return

    async def _part(self, batch: Sequence[Entry], error: Exception) -> None:
        if len(batch) > 1:
            for entry in batch:
                await self._write_surely([entry])
            return
        LOOP_ERRORS.labels("ledger").inc()
        logger.warning("change not written", extra={"why": type(error).__name__})
        told = error if isinstance(error, HotlineError) else NotWritten("数据未能保存")
        if not batch[0].written.done():
            batch[0].written.set_exception(told)

    async def _write(self, batch: Sequence[Entry]) -> None:
        async with self._database.work() as work:
            await hold_rows(work, CallRow, {key for entry in batch for key in entry.calls})
            await hold_rows(work, AgentRow, {key for entry in batch for key in entry.agents})
            for entry in batch:
                for change in entry.changes:
                    await change(work)
            await work.commit()
        for entry in batch:
            if not entry.written.done():
                entry.written.set_result(None)


def _is_away(error: Exception) -> bool:
    """Whether the database could not be asked at all, so that asking again may help."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, OSError | OperationalError | InterfaceError)


def _look_at(written: "asyncio.Future[None]") -> None:
    """Mark a failure as seen: it was logged here, whether or not anybody waits for it."""
    if not written.cancelled():
        written.exception()
