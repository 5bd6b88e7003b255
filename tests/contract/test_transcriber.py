"""Every speech engine keeps the same promises; the fake keeps them too."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.config import PROJECT
from recordings.transcribe.audio import as_pcm, read_file, resample
from recordings.transcribe.combined import CombinedTranscriber
from recordings.transcribe.decode_pool import DecodePool
from recordings.transcribe.engine import (
    Final,
    LanguageUnknown,
    Partial,
    SpeechEvent,
    StreamSpec,
    Transcriber,
)
from recordings.transcribe.live_vosk import StreamTranscriber
from recordings.transcribe.live_whisper import UtteranceTranscriber
from recordings.transcribe.models import VOSK, WHISPER, ModelPlaces, ModelResolver
from recordings.transcribe.process import launcher
from recordings.transcribe.stream_pool import StreamPool
from tests.fakes.transcriber import FakeTranscriber

SILENCE = bytes(2 * 16_000)
FRAME = 640


@dataclass(frozen=True)
class Engine:
    """An engine under test, and a language that it knows."""

    transcriber: Transcriber
    language: str
    ready: Callable[[], bool]


@asynccontextmanager
async def running(*services: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_forever(service)) for service in services]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


async def _forever(service: Callable[[], Awaitable[None]]) -> None:
    await service()


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    laid = PROJECT / ".runtime" / "models"
    return laid if laid.is_dir() else tmp_path_factory.mktemp("models")


def model_of(models_dir: Path, engine: str, language: str) -> Path:
    found = ModelResolver(ModelPlaces(models_dir, offline=True)).find(engine, language)
    if found.path is None:
        pytest.skip(f"{engine} {language}: {found.reason}")
    return found.path


@asynccontextmanager
async def fake(models_dir: Path) -> AsyncIterator[Engine]:
    yield Engine(FakeTranscriber(), "zh", lambda: True)


@asynccontextmanager
async def whisper(models_dir: Path) -> AsyncIterator[Engine]:
    launch = launcher("whisper", model_of(models_dir, WHISPER, "zh"))
    pool = DecodePool(launch, size=1, clock=SystemClock())
    async with running(pool.run):
        yield Engine(
            UtteranceTranscriber(pool, languages=frozenset({"zh"})), "zh", lambda: pool.ready
        )


@asynccontextmanager
async def vosk(models_dir: Path) -> AsyncIterator[Engine]:
    # the only model that a package carries is Korean; any speech gives some words
    pool = StreamPool(launcher("vosk", model_of(models_dir, VOSK, "ko")), clock=SystemClock())
    async with running(pool.run):
        yield Engine(StreamTranscriber({"ko": pool}), "ko", lambda: pool.ready)


@asynccontextmanager
async def combined(models_dir: Path) -> AsyncIterator[Engine]:
    quick, careful = FakeTranscriber(["路灯"]), FakeTranscriber(["路灯坏了三天"])
    yield Engine(CombinedTranscriber(quick=quick, careful=careful), "zh", lambda: True)


Making = Callable[[Path], AbstractAsyncContextManager[Engine]]


@pytest.fixture(
    params=[
        pytest.param(fake, id="fake"),
        pytest.param(combined, id="combined"),
        pytest.param(whisper, id="whisper", marks=pytest.mark.speech),
        pytest.param(vosk, id="vosk", marks=pytest.mark.speech),
    ]
)
def making(request: pytest.FixtureRequest) -> Making:
    make: Making = request.param
    return make


@pytest.fixture(scope="module")
def speech() -> bytes:
    """A spoken sentence of our own prompts, 16 kHz."""
    return as_pcm(read_file(PROJECT / "ivr" / "prompts" / "zh" / "recording_notice.wav"))


async def hear(
    engine: Engine, audio: bytes, *, rate: int = 16_000, offset_ms: int = 0
) -> list[SpeechEvent]:
    spec = StreamSpec("call", "caller", rate, engine.language, (), offset_ms)
    session = await engine.transcriber.open(spec)
    for at in range(0, len(audio), FRAME):
        session.feed(audio[at : at + FRAME])
    async with asyncio.TaskGroup() as group:
        group.create_task(session.close())
        return [event async for event in session.events()]


def finals(events: list[SpeechEvent]) -> list[Final]:
    return [event for event in events if isinstance(event, Final) and event.text]


async def test_speech_becomes_words_that_lie_inside_it(
    making: Making, models_dir: Path, speech: bytes
) -> None:
    async with making(models_dir) as engine:
        events = await hear(engine, SILENCE + speech + SILENCE, offset_ms=5_000)
    length_ms = len(SILENCE + speech + SILENCE) // 32
    assert finals(events)
    for final in finals(events):
        assert 5_000 <= final.start_ms < final.end_ms <= 5_000 + length_ms + 32
        assert 0.0 <= final.confidence <= 1.0
        places = [word.start_ms for word in final.words]
        assert places == sorted(places)
        for word in final.words:
            assert final.start_ms - 500 <= word.start_ms <= word.end_ms <= final.end_ms + 500


async def test_silence_becomes_no_words(making: Making, models_dir: Path) -> None:
    async with making(models_dir) as engine:
        assert finals(await hear(engine, SILENCE * 3)) == []


async def test_a_stream_of_eight_kilohertz_gives_words_at_the_same_places(
    making: Making, models_dir: Path, speech: bytes
) -> None:
    narrow = as_pcm(
        resample(
            read_file(PROJECT / "ivr" / "prompts" / "zh" / "recording_notice.wav"), 16_000, 8_000
        )
    )
    async with making(models_dir) as engine:
        events = await hear(engine, SILENCE[:16_000] + narrow + SILENCE[:16_000], rate=8_000)
    assert finals(events)
    assert finals(events)[-1].end_ms <= 1_000 + len(narrow) // 16 + 300


async def test_an_unknown_language_is_refused(making: Making, models_dir: Path) -> None:
    async with making(models_dir) as engine:
        with pytest.raises(LanguageUnknown):
            await engine.transcriber.open(StreamSpec("call", "caller", language="xx"))
        assert "xx" not in engine.transcriber.capabilities.languages


async def test_feeding_never_waits_for_the_engine(
    making: Making, models_dir: Path, speech: bytes
) -> None:
    async with making(models_dir) as engine:
        session = await engine.transcriber.open(StreamSpec("c", "caller", language=engine.language))
        slowest = 0.0
        for at in range(0, len(speech), FRAME):
            began = time.thread_time()
            session.feed(speech[at : at + FRAME])
            slowest = max(slowest, time.thread_time() - began)
        assert slowest < 0.2
        await session.close()
        assert [event async for event in session.events()]


async def test_two_speakers_are_not_mixed(making: Making, models_dir: Path, speech: bytes) -> None:
    async with making(models_dir) as engine:
        spoken, silent = await asyncio.gather(
            hear(engine, speech + SILENCE), hear(engine, SILENCE * 4)
        )
    assert finals(spoken)
    assert finals(silent) == []


async def test_a_closed_stream_takes_no_more_audio_and_ends(
    making: Making, models_dir: Path, speech: bytes
) -> None:
    async with making(models_dir) as engine:
        session = await engine.transcriber.open(StreamSpec("c", "caller", language=engine.language))
        session.feed(SILENCE)
        await session.close()
        session.feed(speech)
        await session.close()
        left = [event async for event in session.events()]
    assert [event for event in left if not isinstance(event, Partial)] == []
