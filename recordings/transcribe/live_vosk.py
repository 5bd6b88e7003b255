"""Live captions by Vosk: words while they are spoken."""

from collections.abc import AsyncIterator, Callable

from recordings.transcribe.audio import StreamRate
from recordings.transcribe.engine import (
    Capabilities,
    LanguageUnknown,
    Partial,
    SpeechEvent,
    StreamSpec,
)
from recordings.transcribe.stream_pool import StreamPool
from recordings.transcribe.utterances import Windows
from recordings.transcribe.vad import SileroDetector, VoiceDetector
from recordings.transcribe.watchdog import WordlessWatch

_WINDOW_MS = 32
_SPEECH = 0.5


class StreamTranscriber:
    """Opens streams on the Vosk workers, one worker for each language."""

    def __init__(
        self,
        pools: dict[str, StreamPool],
        *,
        detector: Callable[[], VoiceDetector] = SileroDetector,
    ) -> None:
        self._pools = pools
        self._detector = detector

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(name="vosk", languages=frozenset(self._pools), partials=True)

    async def open(self, spec: StreamSpec) -> "StreamSession":
        pool = self._pools.get(spec.language)
        if pool is None:
            raise LanguageUnknown("没有该语言的语音模型", language=spec.language)
        return StreamSession(pool, spec, detector=self._detector())


class StreamSession:
    """One speaker."""

    def __init__(self, pool: StreamPool, spec: StreamSpec, *, detector: VoiceDetector) -> None:
        self._pool = pool
        self._number = pool.open(spec)
        self._stream = pool.stream(self._number)
        self._detector = detector
        self._rate = StreamRate(spec.rate)
        self._windows = Windows()
        self._wordless = WordlessWatch()
        self._closed = False

    def feed(self, pcm: bytes) -> None:
        if self._closed:
            return
        self._pool.feed(self._number, pcm)
        self._watch(pcm)

    async def events(self) -> AsyncIterator[SpeechEvent]:
        async for event in self._stream.events.iterate():
            if not isinstance(event, Partial) or event.text:
                self._wordless.gave_words()
            yield event

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await self._pool.close(self._number)

    def _watch(self, pcm: bytes) -> None:
        """A recogniser that hears much speech and finds no word is replaced."""
        heard = self._detector.probabilities(self._windows.feed(self._rate.feed(pcm)))
        speech = sum(1 for probability in heard if probability >= _SPEECH)
        self._wordless.heard_speech(speech * _WINDOW_MS)
        if self._wordless.should_restart():
            self._pool.reopen(self._number)
