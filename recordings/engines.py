"""Builds the speech engines out of the models that were found, and keeps their workers running."""

import asyncio
import logging
from collections.abc import Sequence
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
    if whisper is None or whisper.path is None:
        if quick is None:
            return Engines(NoTranscriber(), None)
        return Engines(quick, StreamPass(quick), tuple(streams.values()))
    pool = DecodePool(launcher(WHISPER, whisper.path), size=max(1, workers), clock=clock)
    careful = UtteranceTranscriber(pool, languages=WHISPER_LANGUAGES, previews=quick is None)
    live = CombinedTranscriber(quick=quick, careful=careful) if quick else careful
    return Engines(live, WhisperPass(_patient(pool)), (pool, *streams.values()))


def _patient(pool: DecodePool) -> Decode:
    """Decode through the pool, after everything that somebody waits for."""

    async def decode(job: DecodeJob) -> Decoded:
        return await pool.submit(job, urgency=Urgency.LATER)

    return decode
