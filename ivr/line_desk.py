"""Keeps the line book fresh: from the database for rung 1, from its file for rung 2."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from core.db.engine import Database
from ivr.line_book import LineBook, book_of, keep, kept, read_plain

logger = logging.getLogger(__name__)

#: An announcement or a change of hours is heard after this time at the latest.
REFRESH_SECONDS = 15.0
_PATIENCE_SECONDS = 5.0


def line_file(state_dir: Path) -> Path:
    """Where the line book of an instance lies."""
    return state_dir / "lines.json"


class DatabaseLines:
    """The book of rung 1; while the database is away, what was last read or lies on disk."""

    def __init__(
        self,
        database: Database,
        file: Path,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._file = file
        self._pause = pause
        self.book = LineBook()
        self.is_fresh = False

    async def run(self) -> None:
        """Read again and again, until cancelled."""
        while True:
            await self._pause(REFRESH_SECONDS)
            await self.read()

    async def read(self) -> None:
        """Read the database once and write the file; never raises for either being away."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                plain = await read_plain(self._database)
            self.book = book_of(plain)
            self.is_fresh = True
        except (SQLAlchemyError, OSError, TimeoutError):
            logger.warning("lines not read from the database")
            self.is_fresh = False
            if not self.book.lines:
                self.book = kept(self._file)
            return
        try:
            await asyncio.to_thread(keep, plain, self._file)
        except OSError:
            logger.warning("line book not written to disk")


class FileLines:
    """The book of rung 2: read again when the file has changed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read: tuple[float, LineBook] = (0.0, LineBook())

    def book(self) -> LineBook:
        """The book now. Called from the threads of calls: reads are whole, the last one wins."""
        try:
            changed = self._file.stat().st_mtime
        except OSError:
            return self._read[1]
        if changed != self._read[0]:
            self._read = (changed, kept(self._file))
        return self._read[1]
