"""Real Asterisk, real PostgreSQL: a call in talk is tapped, captioned, put away and heard again."""

import asyncio
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions.calls import Arrival, QueueEntry, answer_call, end_call, open_call, queue_call
from core.asterisk.ari_client import AriClient
from core.asterisk.ari_events import StasisStart
from core.clock import SystemClock
from core.db.engine import Database
from core.db.repos.calls import open_calls, recordings, transcript
from core.db.repos.cases import drafts_of_call
from core.db.tables.calls import CallRow
from core.domain.calls import EndedBy
from core.domain.drafts import DraftSuggestion, FieldValue
from core.domain.events import CaptionPartial
from core.events.memory_bus import MemoryBus
from core.ids import AgentId, CallId
from core.vault import Vault
from recordings.api import Listener, keyring_of, playback_of
from recordings.captions import Captions
from recordings.capture import Capture
from recordings.draft_runner import DraftRunner
from recordings.drafting.api import CallFacts, Utterance
from recordings.live_calls import live_calls
from recordings.media_server import MediaServer
from recordings.reconciler import Places, Reconciler
from recordings.same_trouble import OpenMatters, SameTrouble
from recordings.second_pass import SecondPass
from recordings.store import RecordingStore
from recordings.taps import Taps
from recordings.transcribe.engine import Transcriber
from recordings.transcribe.whole_pass import StreamPass
from simulator.carrier.script import Pause, Play, Stay
from tests.contract.asterisk_sides import connected
from tests.fakes.transcriber import FakeTranscriber
from tests.support.asterisk import RealAsterisk, write_tone

pytestmark = [pytest.mark.integration, pytest.mark.e2e]
PATIENCE = 20.0


class _Echo:
    """Drafts the last words as summary."""

    def draft(self, utterances: Iterable[Utterance], facts: CallFacts) -> DraftSuggestion:
        del facts
        texts = [one.text for one in utterances]
        return DraftSuggestion({"summary": FieldValue(texts[-1], 0.5)} if texts else {})


@dataclass
class Office:
    """The recordings process without its main."""

    asterisk: RealAsterisk
    database: Database
    folder: Path
    bus: MemoryBus = field(default_factory=MemoryBus)
    clock: SystemClock = field(default_factory=SystemClock)
    vault: Vault = field(default_factory=lambda: Vault(bytes(32)))
    media: MediaServer = field(default_factory=MediaServer)
    words: Transcriber = field(default_factory=FakeTranscriber)

    def open(self, ari: AriClient) -> None:
        self.taps = Taps(ari, connection="recorder")
        self.drafts = DraftRunner(
            database=self.database, vault=self.vault, drafter=_Echo, clock=self.clock,
            compare=SameTrouble(self.database, OpenMatters(self.database, self.clock)).suggest,
        )  # fmt: skip
        captions = Captions(database=self.database, bus=self.bus, drafts=self.drafts)
        self.capture = Capture(
            taps=self.taps,
            media=self.media,
            transcriber=self.words,
            captions=captions,
            clock=self.clock,
        )
        keyring = keyring_of(self.folder, self.vault)
        spool = self.asterisk.settings.spool_dir
        store = RecordingStore(
            self.folder, keyring=keyring, database=self.database, clock=self.clock, months=1
        )
        self.reconciler = Reconciler(
            Places(spool / "calls", spool / "journal"),
            store=store,
            database=self.database,
            vault=self.vault,
            clock=self.clock,
            live_calls=lambda: live_calls(ari),
        )
        self.second_pass = SecondPass(
            self.folder,
            keyring=keyring,
            database=self.database,
            hearing=StreamPass(FakeTranscriber(["第二遍听写"])),
            clock=self.clock,
            draft=self.drafts.draft,
        )

    async def look(self) -> None:
        async with self.database.work() as work:
            self.capture.follow(await open_calls(work.session))

    async def texts(self, call_id: str) -> list[str]:
        async with self.database.work() as work:
            return [row.text for row in await transcript(work.session, call_id)]


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    """Ask again and again, for a while."""
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110  the other side is another process
            await asyncio.sleep(0.1)


@asynccontextmanager
async def office(
    asterisk: RealAsterisk, engine: AsyncEngine, folder: Path, words: Transcriber | None = None
) -> AsyncIterator[tuple[Office, AriClient]]:
    _forget_earlier_calls(asterisk.settings.spool_dir)
    made = Office(asterisk, Database(engine), folder, words=words or FakeTranscriber())
    stop = asyncio.Event()
    media = await made.media.listen("127.0.0.1", asterisk.settings.port("media"))
    async with media, connected(asterisk.ari("recordings")) as ari, asyncio.TaskGroup() as group:
        made.open(ari)
        drafting = group.create_task(made.drafts.run())
        capturing = group.create_task(made.capture.run(stop))
        try:
            yield made, ari
        finally:
            stop.set()
            await capturing
            drafting.cancel()


def _forget_earlier_calls(spool: Path) -> None:
    """The telephone system is shared by the whole run; what others recorded is not ours to find."""
    for folder in (spool / "calls", spool / "journal"):
        for file in folder.glob("*"):
            file.unlink()


async def arrive(made: Office, channel_id: str, call_id: str) -> None:
    """The call as the menu and routing would have written it."""
    arrival = Arrival(CallId(call_id), "line-12345", "12345", channel_id, "13800000001")
    async with made.database.work() as work:
        await open_call(work, arrival, made.vault)
        await work.session.flush()
        await queue_call(work, CallId(call_id), QueueEntry("general"))
        await answer_call(work, CallId(call_id), AgentId("ann"), agent_channel="", bridge_id="")
        await work.commit()


async def test_a_talk_is_captioned_stored_sealed_and_heard_again(
    asterisk: RealAsterisk, engine: AsyncEngine, tmp_path: Path
) -> None:
    tone = write_tone(tmp_path / "caller.wav", 440, 2.0)
    script = (Pause(1.5), Play(tone), Stay())
    async with (
        office(asterisk, engine, tmp_path / "kept") as (made, ari),
        asterisk.carrier() as carrier,
        connected(asterisk.ari("ivr")) as ivr,
    ):
        with ivr.expect(StasisStart) as started:
            phone = await carrier.call("12345", caller_number="13800000001", script=script)
            event = await started.wait(10)
        call_id = event.args[1]
        await arrive(made, event.channel.channel_id, call_id)
        await _check_captions(made, call_id)
        await ari.bridges.create("tap-left-by-a-dead-process-bridge")
        assert await made.taps.clear_strangers(made.capture.parts) == 1
        assert made.capture.count == 1
        await phone.hangup()
        await phone.ended()
        async with made.database.work() as work:
            await end_call(work, CallId(call_id), ended_by=EndedBy.CALLER)
            await work.commit()
        await made.look()
        await until(lambda: _nothing_left(ari))
        await until(lambda: _stored(made, call_id))
        await _check_files(made, call_id, phone.said)
        await _check_second_pass(made, call_id)


async def _check_captions(made: Office, call_id: str) -> None:
    await made.look()
    await until(lambda: made.texts(call_id))
    assert made.capture.count == 1
    async with made.database.work() as work:
        (caption,) = await transcript(work.session, call_id)
    assert caption.speaker == "caller"
    assert 1_500 < caption.end_ms - caption.start_ms < 3_000
    assert any(isinstance(one.event, CaptionPartial) for one in made.bus.published)


async def _check_second_pass(made: Office, call_id: str) -> None:
    assert await made.second_pass.pass_once() == 1
    assert await made.texts(call_id) == ["第二遍听写"]
    async with made.database.work() as work:
        (draft,) = await drafts_of_call(work.session, call_id)
        call = await work.session.get_one(CallRow, call_id)
    assert draft.fields["summary"]["value"] == "第二遍听写"
    assert call.transcript_state == "DONE"
    assert await made.second_pass.pass_once() == 0


async def _nothing_left(ari: AriClient) -> bool:
    channels = [one.channel_id for one in await ari.channels.all()]
    bridges = [one.bridge_id for one in await ari.bridges.all()]
    return not [one for one in (*channels, *bridges) if one.startswith("tap-")]


async def _stored(made: Office, call_id: str) -> bool:
    await made.reconciler.pass_once()
    async with made.database.work() as work:
        return len(await recordings(work.session, call_id)) > 0


async def _check_files(made: Office, call_id: str, said: Path) -> None:
    async with made.database.work() as work:
        rows = {row.speaker: row for row in await recordings(work.session, call_id)}
    assert set(rows) == {"caller", "heard", "mix"}
    assert not list((made.asterisk.settings.spool_dir / "calls").glob(f"{call_id}*"))
    playback = playback_of(made.folder, vault=made.vault, database=made.database)
    row = await playback.allow(rows["caller"].id, Listener("boss", "质检"))
    whole = await playback.stretch(row, start=0, length=10**9)
    assert whole.content[:4] == b"RIFF"
    assert whole.total == len(whole.content) == 44 + round(row.seconds * 8_000) * 2
    clip = await playback.clip(row, from_ms=500, to_ms=1_000)
    assert len(clip) == 44 + 8_000
    with wave.open(str(said)) as file:
        spoken = file.getnframes() / file.getframerate()
    assert abs(spoken - row.seconds) < 1.5
    assert {one.offset_ms for one in rows.values()} <= set(range(100))
