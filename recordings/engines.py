"""Builds the speech engines out of the models that were found, and keeps their workers running."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.clock import Clock
from recordings.transcribe.backlog import Urgency
from recordings.transcribe.combined import CombinedTranscriber
from recordings.transcribe.decode_pool import DecodePool
from recordings.transcribe.engine import (
    Capabilities,
    LanguageUnknown,
    StreamSpec,
    Transcriber,
    TranscriberSession,
)
from recordings.transcribe.live_vosk import StreamTranscriber
from recordings.transcribe.live_whisper import UtteranceTranscriber
from recordings.transcribe.models import VOSK, WHISPER, WHISPER_LANGUAGES, FoundModel
from recordings.transcribe.process import launcher
from recordings.transcribe.stream_pool import StreamPool
from recordings.transcribe.whisper_engine import Decoded
from recordings.transcribe.whole_pass import Decode, StreamPass, WhisperPass, WholePass
from recordings.transcribe.wire import DecodeJob

_LOG = logging.getLogger(__name__)


class NoTranscriber:
    """Stands where no model is: every call is recorded now and transcribed later."""

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(name="none", languages=frozenset())

    async def open(self, spec: StreamSpec) -> TranscriberSession:
        raise LanguageUnknown("没有语音模型", language=spec.language)


@dataclass(frozen=True, slots=True)
class Engines:
    """What the models make possible. `whole` is None when nothing can be transcribed at all."""

    live: Transcriber
    whole: WholePass | None
    pools: tuple[DecodePool | StreamPool, ...] = field(default=())
    #: Each engine alone, by engine and language: what the self-test asks.
    tests: Mapping[tuple[str, str], WholePass] = field(default_factory=dict)

    async def run(self) -> None:
        """Keep the workers; ends only by cancellation."""
        async with asyncio.TaskGroup() as group:
            for pool in self.pools:
                group.create_task(pool.run())

    @property
    def ready(self) -> bool:
        """Whether every worker has loaded its model."""
        return all(pool.ready for pool in self.pools)


def build_engines(
    models: Sequence[FoundModel], *, wanted: str, workers: int, clock: Clock
) -> Engines:
    """The engines for these models. wanted: auto, vosk, whisper or none (a setting)."""
    usable = [
        model for model in models if model.path is not None and wanted in {"auto", model.engine}
    ]
    streams = {
        model.language: StreamPool(launcher(VOSK, model.path, threads=workers), clock=clock)
        for model in usable
        if model.engine == VOSK and model.path is not None
    }
    whisper = next((model for model in usable if model.engine == WHISPER), None)
    quick = StreamTranscriber(streams) if streams else None
    tests: dict[tuple[str, str], WholePass] = {}
    if quick is not None:
        tests |= {(VOSK, language): StreamPass(quick) for language in streams}
    if whisper is None or whisper.path is None:
        if quick is None:
            return Engines(NoTranscriber(), None)
        return Engines(quick, StreamPass(quick), tuple(streams.values()), tests)
    pool = DecodePool(launcher(WHISPER, whisper.path), size=max(1, workers), clock=clock)
    careful = UtteranceTranscriber(pool, languages=WHISPER_LANGUAGES, previews=quick is None)
    live = CombinedTranscriber(quick=quick, careful=careful) if quick else careful
    whole = WhisperPass(_patient(pool))
    tests |= {(WHISPER, one.language): whole for one in usable if one.engine == WHISPER}
    return Engines(live, whole, (pool, *streams.values()), tests)


def role_of(engines: Engines, model: FoundModel) -> str:
    """What a model is used for: LIVE words while they are spoken, WHOLE after the call, BOTH."""
    if (model.engine, model.language) not in engines.tests:
        return "NONE"
    if model.engine == WHISPER:
        # Utterance by utterance while the call runs, and the whole of it afterwards.
        return "BOTH"
    return "LIVE" if (WHISPER, model.language) in engines.tests else "BOTH"


def _patient(pool: DecodePool) -> Decode:
    """Decode through the pool, after everything that somebody waits for."""

    async def decode(job: DecodeJob) -> Decoded:
        return await pool.submit(job, urgency=Urgency.LATER)

    return decode
