"""The better pass after the call goes on from what it has written, on real PostgreSQL."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions.calls import Arrival, end_call, open_call
from core.db.engine import Database
from core.db.repos.recordings import HEARD_AGAIN, to_transcribe
from core.db.tables.calls import CallRow, RecordingRow
from core.domain.calls import EndedBy
from core.ids import CallId
from core.vault import Vault
from recordings.api import keyring_of
from recordings.second_pass import SecondPass
from tests.fakes.clock import FakeClock

pytestmark = pytest.mark.integration
VAULT = Vault(b"k" * 32)
CALL = CallId("call-1")


class Deaf:
    """Hears nothing: whoever asks it has not seen that the words are there."""

    async def hear(self, *_: Any) -> list[Any]:
        raise AssertionError("a call was heard once more")


@pytest.fixture
async def database(engine: AsyncEngine, clock: FakeClock) -> Database:
    """An ended call whose better words are written; the process died before the draft."""
    made = Database(engine, clock=clock)
    async with made.work() as work:
        await open_call(work, Arrival(CALL, "main", "12345", "c", "13862754310"), VAULT)
        call = await end_call(work, CALL, ended_by=EndedBy.CALLER)
        call.transcript_state = HEARD_AGAIN
        work.session.add(
            RecordingRow(
                id="r1", call_id=CALL, speaker="caller", path="gone.wav", sha256="", seconds=1.0,
                bytes=1, stored_at=made.clock.now(), keep_until=made.clock.now() + timedelta(1),
            )
        )  # fmt: skip
        await work.commit()
    return made


async def test_a_pass_that_died_after_writing_drafts_and_hears_nothing_again(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    drafted: list[CallId] = []

    async def draft(call_id: CallId) -> None:
        drafted.append(call_id)

    second_pass = SecondPass(
        tmp_path,
        keyring=keyring_of(tmp_path, VAULT),
        database=database,
        hearing=Deaf(),  # type: ignore[arg-type]
        clock=clock,
        draft=draft,
    )
    assert await second_pass.pass_once() == 1
    assert drafted == [CALL]
    async with database.sessions() as session:
        assert (await session.get_one(CallRow, CALL)).transcript_state == "DONE"
        assert not await to_transcribe(session)
