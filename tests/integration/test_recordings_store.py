"""Recordings, transcripts and their end, on real PostgreSQL."""

import wave
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions.calls import Arrival, open_call
from core.actions.recordings import (
    Heard,
    edit_utterance,
    hear_utterance,
    replace_transcript,
)
from core.db.engine import Database
from core.db.repos.calls import recordings, transcript
from core.db.tables.calls import CallRow, ListenRow, RecordingRow
from core.errors import InputRefused
from core.ids import CallId, RecordingId
from core.vault import Vault
from recordings.api import Listener, keyring_of, playback_of, retention_of
from recordings.reconciler import Places, Reconciler
from recordings.spool import read_spool
from recordings.store import RecordingStore
from tests.fakes.clock import NOON, FakeClock

pytestmark = pytest.mark.integration
UID = "0d7c2f6e-1111-2222-3333-444455556666"
VAULT = Vault(bytes(32))


def lay_audio(folder: Path, part: str, seconds: float) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{UID}-{part}.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(b"\1\0" * int(seconds * 8_000))
    return path


def make_store(database: Database, folder: Path, clock: FakeClock) -> RecordingStore:
    keyring = keyring_of(folder, VAULT)
    return RecordingStore(folder, keyring=keyring, database=database, clock=clock, months=1)


async def open_a_call(database: Database) -> CallId:
    arrival = Arrival(CallId(UID), "line-12345", "12345", "channel", "13800000001")
    async with database.work() as work:
        await open_call(work, arrival, VAULT)
        await work.commit()
    return CallId(UID)


async def rows_of(database: Database) -> list[RecordingRow]:
    async with database.work() as work:
        return list(await recordings(work.session, UID))


async def test_put_away_twice_there_is_one_row_a_file_and_no_plain_audio(
    engine: AsyncEngine, tmp_path: Path, clock: FakeClock
) -> None:
    database = Database(engine, clock=clock)
    store = make_store(database, tmp_path / "kept", clock)
    for _ in range(2):  # as after a crash between the entry and the clearing
        lay_audio(tmp_path / "calls", "caller", 2.0)
        lay_audio(tmp_path / "calls", "mix", 2.0)
        await store.put_away(read_spool(tmp_path / "calls")[UID])
        assert read_spool(tmp_path / "calls") == {}
    rows = await rows_of(database)
    assert sorted((row.speaker, row.seconds) for row in rows) == [("caller", 2.0), ("mix", 2.0)]
    playback = playback_of(tmp_path / "kept", vault=VAULT, database=database)
    whole = await playback.stretch(rows[0], start=0, length=100_000)
    assert whole.total == 32_044


async def test_nobody_listens_without_a_reason(
    engine: AsyncEngine, tmp_path: Path, clock: FakeClock
) -> None:
    database = Database(engine, clock=clock)
    lay_audio(tmp_path / "calls", "caller", 1.0)
    await make_store(database, tmp_path, clock).put_away(read_spool(tmp_path / "calls")[UID])
    (row,) = await rows_of(database)
    playback = playback_of(tmp_path, vault=VAULT, database=database)
    with pytest.raises(InputRefused):
        await playback.allow(RecordingId(row.id), Listener("boss", "  "))
    await playback.allow(RecordingId(row.id), Listener("boss", "投诉复核", "10.0.0.1"))
    async with database.work() as work:
        (listen,) = (await work.session.scalars(select(ListenRow))).all()
    assert (listen.account_id, listen.reason) == ("boss", "投诉复核")


async def test_a_recording_is_deleted_when_its_time_is_over_and_not_before(
    engine: AsyncEngine, tmp_path: Path, clock: FakeClock
) -> None:
    database = Database(engine, clock=clock)
    lay_audio(tmp_path / "calls", "caller", 1.0)
    await make_store(database, tmp_path / "kept", clock).put_away(
        read_spool(tmp_path / "calls")[UID]
    )
    retention = retention_of(tmp_path / "kept", database=database, clock=clock)
    clock.advance(timedelta(days=29))
    assert await retention.due() == []
    clock.advance(timedelta(days=3))
    (due,) = await retention.due()
    assert len(await rows_of(database)) == 1  # a look deletes nothing
    assert await retention.delete([due], actor="keeper") == 1
    assert await rows_of(database) == []
    assert not (tmp_path / "kept" / due.path).exists()


async def test_the_second_pass_replaces_the_captions_but_not_what_a_person_corrected(
    engine: AsyncEngine, clock: FakeClock
) -> None:
    database = Database(engine, clock=clock)
    call_id = await open_a_call(database)
    async with database.work() as work:
        wrong = await hear_utterance(work, call_id, Heard("caller", 0, 2_000, "越来镇", 0.5))
        await hear_utterance(work, call_id, Heard("caller", 3_000, 5_000, "路灯换了", 0.5))
        await work.session.flush()
        await edit_utterance(work, wrong.id, "悦来镇", actor="ann")
        await work.commit()
    better = [
        Heard("caller", 100, 1_900, "月来镇", 0.8),
        Heard("agent", 100, 1_900, "您好", 0.9),
        Heard("caller", 3_000, 5_000, "路灯坏了", 0.9),
    ]
    async with database.work() as work:
        assert await replace_transcript(work, call_id, better, engine="second_pass") == 2
        await work.commit()
    async with database.work() as work:
        found = {(row.speaker, row.text) for row in await transcript(work.session, call_id)}
    assert found == {("caller", "悦来镇"), ("agent", "您好"), ("caller", "路灯坏了")}


async def test_a_call_that_only_the_journal_knows_gets_its_row_once(
    engine: AsyncEngine, tmp_path: Path, clock: FakeClock
) -> None:
    database = Database(engine, clock=clock)
    journal = tmp_path / "journal"
    journal.mkdir()
    start = int(NOON.timestamp())
    (journal / f"{NOON:%Y%m%d}.csv").write_text(
        f"start,{UID},12345,13800000001,{start}\n"
        f"rung,{UID},voicemail,{start + 5}\nvoicemail,{UID},USER,{start + 9}\n"
        f"end,{UID},16,{start + 10}\n"
    )
    lay_audio(tmp_path / "calls", "caller", 10.0)

    async def nobody() -> frozenset[str]:
        return frozenset()

    reconciler = Reconciler(
        Places(tmp_path / "calls", journal),
        store=make_store(database, tmp_path / "kept", clock),
        database=database,
        vault=VAULT,
        clock=clock,
        live_calls=nobody,
    )
    clock.advance(12.0)
    assert await reconciler.pass_once() == 0  # its owner may still write it down
    clock.advance(10.0)
    assert await reconciler.pass_once() == 2
    assert await reconciler.pass_once() == 0
    async with database.work() as work:
        (call,) = (await work.session.scalars(select(CallRow))).all()
    assert (call.state, call.rung, call.voicemail) == ("ENDED", 3, True)
    assert call.transcript_state == "TO_TRANSCRIBE"
    assert (call.ended_at, VAULT.open(call.caller_sealed)) == (
        NOON + timedelta(seconds=10),
        "13800000001",
    )
    assert [row.speaker for row in await rows_of(database)] == ["caller"]
