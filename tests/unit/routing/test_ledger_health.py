"""The ledger tells honestly whether what is decided gets written."""

import asyncio
from typing import Any

import pytest

from routing.shell.ledger import Ledger
from tests.fakes.clock import FakeClock


class AwayDatabase:
    """A database that does not answer until it is `back`."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.back = asyncio.Event()

    def work(self) -> Any:
        if not self.back.is_set():
            raise OSError("away")
        return _Work()


class _Work:
    async def __aenter__(self) -> "_Work":
        return self

    async def __aexit__(self, *_exc: object) -> None:
        """Nothing is kept open."""

    async def commit(self) -> None:
        """Written."""


@pytest.mark.asyncio
async def test_a_database_that_stays_away_is_told_and_so_is_its_return(clock: FakeClock) -> None:
    database = AwayDatabase(clock)
    tried = asyncio.Event()

    async def pause(_seconds: float) -> None:
        tried.set()
        await database.back.wait()

    ledger = Ledger(database, pause)  # type: ignore[arg-type]
    written = ledger.submit(_nothing)
    async with asyncio.TaskGroup() as group:
        group.create_task(ledger.write_pending())
        await tried.wait()
        assert ledger.keeps_up()
        clock.advance(6)
        assert not ledger.keeps_up()
        database.back.set()
    assert written.done()
    assert ledger.keeps_up()


async def _nothing(_work: object) -> None:
    """A change that changes nothing."""
