"""Vosk on a real call: words come while they are spoken, with times; a known word is read."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from core.asterisk.ari_events import StasisStart
from core.clock import SystemClock
from core.db.repos.calls import transcript
from core.db.tables.calls import CallRow, UtteranceRow
from core.domain.events import CaptionPartial
from recordings.live_audio import SpoolAudio
from recordings.transcribe.audio import as_pcm, read_file
from recordings.transcribe.engine import SAMPLE_RATE, Final, StreamSpec
from recordings.transcribe.keywords import KeywordReader
from recordings.transcribe.live_vosk import StreamTranscriber
from recordings.transcribe.models import VOSK, ModelPlaces, ModelResolver
from recordings.transcribe.process import launcher
from recordings.transcribe.stream_pool import StreamPool
from simulator.carrier.script import Pause, Play, Stay
from tests.contract.asterisk_sides import connected
from tests.integration.test_recordings_capture import Office, arrive, office
from tests.support.asterisk import RealAsterisk

pytestmark = [pytest.mark.integration, pytest.mark.e2e, pytest.mark.speech]
AUDIO = Path(__file__).parents[1] / "support" / "audio"
TALK, THANKS = AUDIO / "ko_talk.wav", AUDIO / "ko_thanks.wav"
LEAD_SECONDS = 1.0
TALK_MS = 6_100
PATIENCE = 60.0


def korean_model() -> Path:
    found = ModelResolver(ModelPlaces(Path("/nowhere"), offline=True)).find(VOSK, "ko")
    if found.path is None:
        pytest.skip(found.reason)
    return found.path


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[StreamPool]:
    """A worker process with the Korean model."""
    made = StreamPool(launcher(VOSK, korean_model()), clock=SystemClock())
    serving = asyncio.get_running_loop().create_task(made.run())
    await until(lambda: ready(made))
    yield made
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def ready(pool: StreamPool) -> bool:
    return pool.ready


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110  the other side is another process
            await asyncio.sleep(0.05)


async def partials(made: Office) -> list[CaptionPartial]:
    told = (one.event for one in made.bus.published)
    return [one for one in told if isinstance(one, CaptionPartial) and one.text]


async def finals(made: Office, call_id: str) -> bool:
    async with made.database.work() as work:
        return bool(await transcript(work.session, call_id))


@pytest.mark.timeout(180)
async def test_words_come_while_they_are_spoken_with_their_times(
    asterisk: RealAsterisk, engine: AsyncEngine, tmp_path: Path, pool: StreamPool
) -> None:
    words = StreamTranscriber({"ko": pool})
    script = (Pause(LEAD_SECONDS), Play(TALK), Pause(2.0), Stay())
    async with (
        office(asterisk, engine, tmp_path / "kept", words) as (made, _),
        asterisk.carrier() as carrier,
        connected(asterisk.ari("ivr")) as ivr,
    ):
        with ivr.expect(StasisStart) as started:
            phone = await carrier.call("12345", caller_number="13800000001", script=script)
            event = await started.wait(10)
        call_id = event.args[1]
        await arrive(made, event.channel.channel_id, call_id)
        async with made.database.work() as work:
            (await work.session.get_one(CallRow, call_id)).language = "ko"
            await work.commit()
        await made.look()
        await until(lambda: partials(made))
        assert not await finals(made, call_id), "the first words came before the sentence was over"
        await until(lambda: finals(made, call_id))
        async with made.database.work() as work:
            said = await transcript(work.session, call_id)
        spool = SpoolAudio(asterisk.settings.spool_dir / "calls")
        clip = await spool.clip(call_id, "caller", from_ms=0, to_ms=10_000)
        await phone.hangup()
        await phone.ended()
    check_words(said[0])
    assert clip is not None
    assert np.abs(np.frombuffer(clip[44:], np.int16)).max() > 1_000, "the running call is heard"


def check_words(line: UtteranceRow) -> None:
    assert (line.speaker, line.engine) == ("caller", "vosk")
    assert line.words
    times = [(word["start_ms"], word["end_ms"]) for word in line.words]
    assert all(start < end for start, end in times)
    assert times == sorted(times)
    assert line.start_ms <= times[0][0] < times[-1][1] <= line.end_ms + 50
    assert 0 <= times[0][0] < (LEAD_SECONDS * 1000) + TALK_MS + 3_000
    assert {0.0 <= word["confidence"] <= 1.0 for word in line.words} == {True}


@pytest.mark.timeout(180)
async def test_a_killed_recogniser_is_back_and_no_word_is_lost(pool: StreamPool) -> None:
    words = StreamTranscriber({"ko": pool})
    session = await words.open(StreamSpec("call", "caller", SAMPLE_RATE, "ko"))
    pcm = as_pcm(read_file(TALK))
    half = len(pcm) // 4 * 2
    session.feed(pcm[:half])
    os.kill(worker_of(), signal.SIGKILL)
    session.feed(pcm[half:] + bytes(2 * SAMPLE_RATE))
    await until(lambda: restarted(pool))
    heard: list[Final] = []

    async def collect() -> None:
        heard.extend([one async for one in session.events() if isinstance(one, Final)])

    async with asyncio.TaskGroup() as group:
        group.create_task(collect())
        await session.close()
    assert pool.restarts == 1
    spoken = [word for one in heard for word in one.words]
    assert spoken[0].start_ms < TALK_MS / 3, "the words before the kill were heard again"
    assert spoken[-1].end_ms > TALK_MS * 2 / 3


async def restarted(pool: StreamPool) -> bool:
    return pool.restarts > 0 and pool.ready


def worker_of() -> int:
    """The worker that this test process has started."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            command = (entry / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if parent == os.getpid() and b"recordings.transcribe.worker" in command:
            return int(entry.name)
    raise LookupError("no speech worker")


def test_a_grammar_recogniser_reads_a_keyword() -> None:
    reader = KeywordReader(korean_model(), ["네", "아니요", "감사합니다", "xyzzy"])
    assert reader.words == ("네", "아니요", "감사합니다")
    heard = reader.best(as_pcm(read_file(THANKS)))
    assert heard is not None
    assert heard.text == "감사합니다"
    assert heard.confidence > 0.5
    assert 0 <= heard.start_ms < heard.end_ms <= 2_000
