"""What a speech engine is to the rest: frames in, partial and final utterances out.

All times are milliseconds on the call's own clock: the stream's `offset_ms` plus the number of
samples heard so far. Neither an engine's pauses nor a slow machine can move them.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from core.errors import InputRefused

SAMPLE_RATE = 16_000
BYTES_PER_SAMPLE = 2


class LanguageUnknown(InputRefused):
    """No installed model recognises the language."""

    code = "language_unknown"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do, so that nobody asks for its class.

    partials: words appear while they are spoken; word_times: every final has its words;
    hotwords: names given at opening help; languages: those that can be recognised now.
    """

    name: str
    languages: frozenset[str]
    partials: bool = False
    word_times: bool = True
    hotwords: bool = False


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """One speaker of one call, as audio that is about to come.

    rate: samples per second of the signed 16-bit audio; offset_ms: where on the call's clock the
    first sample lies; hotwords: local names, the most important first.
    """

    call_id: str
    speaker: str
    rate: int = SAMPLE_RATE
    language: str = "zh"
    hotwords: tuple[str, ...] = ()
    offset_ms: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """One word (in Chinese: one character or a few) with its place and how sure the engine is."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Partial:
    """Words that may still change; an empty text says only that somebody is speaking."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class SpokenNumber:
    """The best phone number, how far it leads, and the next ones.

    margin: log-probability before the second; length_margin: before the best number of another
    length, which notices a number not fully said; sure: likely enough to be read back; behind: how
    far each of the others lies behind the best.
    """

    digits: str
    margin: float
    length_margin: float
    others: tuple[str, ...] = ()
    sure: bool = False
    behind: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Final:
    """One utterance as the engine leaves it.

    alternatives: what other hearings of the same sound wrote; numbers: phone numbers spelt from it.
    """

    text: str
    start_ms: int
    end_ms: int
    confidence: float
    words: tuple[Word, ...] = ()
    engine: str = ""
    alternatives: tuple[str, ...] = ()
    numbers: tuple[SpokenNumber, ...] = ()


@dataclass(frozen=True, slots=True)
class Deferred:
    """A stretch that could not be taken live; the pass after the call will do it."""

    start_ms: int
    end_ms: int


SpeechEvent = Partial | Final | Deferred


class TranscriberSession(Protocol):
    """One open stream."""

    def feed(self, pcm: bytes) -> None:
        """Take signed 16-bit little-endian audio. Returns at once, whatever the engine does."""
        ...

    def events(self) -> AsyncIterator[SpeechEvent]:
        """What was understood, as it was understood; ends after `close` has flushed all.

        Under load the newest words come first, so finals are to be sorted by their times.
        """
        ...

    async def close(self) -> None:
        """No more audio will come: finish what is open."""
        ...


class Transcriber(Protocol):
    """A speech engine, ready to open streams."""

    @property
    def capabilities(self) -> Capabilities: ...

    async def open(self, spec: StreamSpec) -> TranscriberSession:
        """Begin a stream. Raises LanguageUnknown if `spec.language` cannot be recognised."""
        ...


def milliseconds(samples: int, rate: int = SAMPLE_RATE) -> int:
    """The length of so many samples."""
    return samples * 1000 // rate
