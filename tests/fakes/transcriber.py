"""A speech engine without a model: loud stretches become scripted words, silence does not."""

from collections.abc import AsyncIterator, Sequence
from itertools import cycle

from recordings.transcribe.audio import StreamRate, as_floats
from recordings.transcribe.engine import (
    Capabilities,
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

_LOUD = 0.01


def loudness(window: bytes) -> float:
    """1.0 for a loud window, 0.0 for a quiet one: all the ear that a test needs."""
    samples = as_floats(window)
    return float((samples**2).mean() ** 0.5 > _LOUD) if samples.size else 0.0


class LoudnessDetector:
    """Voice activity by loudness, for tests whose speech is a tone."""

    def probabilities(self, windows: list[bytes]) -> list[float]:
        return [loudness(window) for window in windows]


class FakeTranscriber:
    """Says `words` in turn, one text for each loud stretch."""

    def __init__(
        self, words: Sequence[str] = ("路灯坏了",), *, languages: Sequence[str] = ("zh",)
    ) -> None:
        self._words = tuple(words)
        self._languages = frozenset(languages)
        self.opened: list[StreamSpec] = []

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(name="fake", languages=self._languages, partials=True, hotwords=True)

    async def open(self, spec: StreamSpec) -> "FakeSession":
        if spec.language not in self._languages:
            raise LanguageUnknown("没有该语言的语音模型", language=spec.language)
        self.opened.append(spec)
        return FakeSession(spec, self._words)


class FakeSession:
    """One stream of a FakeTranscriber."""

    def __init__(self, spec: StreamSpec, words: Sequence[str]) -> None:
        self._spec = spec
        self._texts = cycle(words)
        self._rate = StreamRate(spec.rate)
        self._windows = Windows()
        self._cutter = UtteranceCutter()
        self._events = EventQueue()
        self._closed = False

    def feed(self, pcm: bytes) -> None:
        if self._closed:
            return
        for window in self._windows.feed(self._rate.feed(pcm)):
            was_speaking = self._cutter.speaking
            for utterance in self._cutter.feed(window, loudness(window)):
                self._say(utterance)
            if self._cutter.speaking and not was_speaking:
                at = self._at(self._cutter.open_from)
                self._events.put(Partial("", at, at))

    def events(self) -> AsyncIterator[SpeechEvent]:
        return self._events.iterate()

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        for utterance in self._cutter.flush():
            self._say(utterance)
        self._events.end()

    def _say(self, utterance: Utterance) -> None:
        text = next(self._texts)
        start, end = self._at(utterance.start_sample), self._at(utterance.end_sample)
        step = max(1, (end - start) // max(1, len(text)))
        words = tuple(
            Word(character, start + n * step, min(end, start + (n + 1) * step), 0.9)
            for n, character in enumerate(text)
        )
        self._events.put(Final(text, start, end, 0.9, words, "fake"))

    def _at(self, sample: int) -> int:
        return self._spec.offset_ms + milliseconds(sample)
