"""Live captions by Whisper: hears when somebody speaks, cuts utterances, has them recognised.

While somebody speaks on, the open utterance is recognised now and then as a preview, but only
when a worker has nothing better to do.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial

from recordings.transcribe.audio import StreamRate
from recordings.transcribe.backlog import Urgency
from recordings.transcribe.decode_pool import DecodePool, SpeechDeferred
from recordings.transcribe.engine import (
    SAMPLE_RATE,
    Capabilities,
    Deferred,
    Final,
    LanguageUnknown,
    Partial,
    SpeechEvent,
    StreamSpec,
    Word,
    milliseconds,
)
from recordings.transcribe.event_queue import EventQueue
from recordings.transcribe.utterances import Utterance, UtteranceCutter, Windows
from recordings.transcribe.vad import SileroDetector, VoiceDetector
from recordings.transcribe.whisper_engine import Decoded, prompt_of
from recordings.transcribe.wire import DecodeJob

_PREVIEW_EVERY = 5 * SAMPLE_RATE // 2
_LEAST_SPEECH_MS = 96
_AT_ONCE = 3  # the detector costs a third less when asked for 96 ms at a time


class UtteranceTranscriber:
    """Opens streams on a pool of Whisper workers."""

    def __init__(
        self,
        pool: DecodePool,
        *,
        languages: frozenset[str],
        detector: Callable[[], VoiceDetector] = SileroDetector,
        previews: bool = True,
    ) -> None:
        self._pool = pool
        self._languages = languages
        self._detector = detector
        self._previews = previews

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            name="whisper", languages=self._languages, partials=self._previews, hotwords=True
        )

    async def open(self, spec: StreamSpec) -> "UtteranceSession":
        if spec.language not in self._languages:
            raise LanguageUnknown("没有该语言的语音模型", language=spec.language)
        return UtteranceSession(
            self._pool, spec, detector=self._detector(), previews=self._previews
        )


class UtteranceSession:
    """One speaker."""

    def __init__(
        self, pool: DecodePool, spec: StreamSpec, *, detector: VoiceDetector, previews: bool
    ) -> None:
        self._pool = pool
        self._spec = spec
        self._detector = detector
        self._previews = previews
        self._prompt = prompt_of(spec.hotwords, spec.language)
        self._rate = StreamRate(spec.rate)
        self._windows = Windows()
        self._waiting: list[bytes] = []
        self._cutter = UtteranceCutter()
        self._events = EventQueue()
        self._pending: set[asyncio.Future[Decoded]] = set()
        self._speaking = False
        self._previewed = 0
        self._closed = False

    def feed(self, pcm: bytes) -> None:
        if self._closed:
            return
        self._waiting += self._windows.feed(self._rate.feed(pcm))
        if len(self._waiting) >= _AT_ONCE:
            self._take()

    def events(self) -> AsyncIterator[SpeechEvent]:
        return self._events.iterate()

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._waiting += self._windows.flush()
        self._take()
        for utterance in self._cutter.flush():
            self._submit(utterance)
        self._note_speaking()
        while self._pending:
            await asyncio.wait(set(self._pending))
        self._events.end()

    def _take(self) -> None:
        windows, self._waiting = self._waiting, []
        for window, probability in zip(windows, self._detector.probabilities(windows), strict=True):
            for utterance in self._cutter.feed(window, probability):
                self._submit(utterance)
            self._note_speaking()
        self._preview()

    def _note_speaking(self) -> None:
        speaking = self._cutter.speaking and not self._closed
        if speaking == self._speaking:
            return
        self._speaking = speaking
        self._pool.somebody_speaks(1 if speaking else -1)
        if speaking:
            self._previewed = self._cutter.position
            self._events.put(Partial("", self._at(self._cutter.open_from), self._now()))

    def _submit(self, utterance: Utterance) -> None:
        if utterance.speech_ms < _LEAST_SPEECH_MS:
            return
        job = self._job(utterance.pcm, utterance.speech_ms)
        future = self._pool.submit(job, urgency=Urgency.LIVE)
        self._pending.add(future)
        future.add_done_callback(partial(self._recognised, utterance))
        self._previewed = self._cutter.position

    def _recognised(self, utterance: Utterance, future: asyncio.Future[Decoded]) -> None:
        self._pending.discard(future)
        start, end = self._at(utterance.start_sample), self._at(utterance.end_sample)
        if future.cancelled() or isinstance(future.exception(), SpeechDeferred):
            self._events.put(Deferred(start, end))
            return
        self._events.put(final_of(future.result(), start_ms=start, end_ms=end))

    def _preview(self) -> None:
        due = self._cutter.position - self._previewed >= _PREVIEW_EVERY
        if not (self._previews and due and self._cutter.speaking and self._pool.idle):
            return
        self._previewed = self._cutter.position
        pcm = self._cutter.open_pcm()
        job = self._job(pcm, milliseconds(len(pcm) // 2))
        future = self._pool.submit(job, urgency=Urgency.PREVIEW)
        future.add_done_callback(partial(self._previewed_as, self._cutter.open_from, self._now()))

    def _previewed_as(self, start: int, end_ms: int, future: asyncio.Future[Decoded]) -> None:
        if future.cancelled() or future.exception() is not None:
            return
        still_open = self._cutter.speaking and self._cutter.open_from == start
        if still_open and future.result().text:
            self._events.put(Partial(future.result().text, self._at(start), end_ms))

    def _job(self, pcm: bytes, speech_ms: int) -> DecodeJob:
        return DecodeJob(pcm, self._spec.language, self._prompt, speech_ms)

    def _at(self, sample: int) -> int:
        return self._spec.offset_ms + milliseconds(sample)

    def _now(self) -> int:
        return self._at(self._cutter.position)


def final_of(decoded: Decoded, *, start_ms: int, end_ms: int) -> Final:
    """The utterance with its words moved to where it lies in the call."""
    words = tuple(_moved(word, start_ms) for word in decoded.words)
    return Final(
        text=decoded.text,
        start_ms=start_ms,
        end_ms=end_ms,
        confidence=decoded.confidence,
        words=words,
        engine="whisper",
    )


def _moved(word: Word, by_ms: int) -> Word:
    return replace(word, start_ms=word.start_ms + by_ms, end_ms=word.end_ms + by_ms)
