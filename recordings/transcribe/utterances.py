"""Cuts a stream of audio windows, each with its probability of speech, into utterances.

Pure: no clock but the number of windows, no engine. Two laws, kept by property tests: every
window of speech is in exactly one utterance, and utterances come in order without overlap.
"""

from collections import deque
from dataclasses import dataclass, field

WINDOW_SAMPLES = 512
_WINDOW_BYTES = WINDOW_SAMPLES * 2
_WINDOW_MS = 32


@dataclass(frozen=True, slots=True)
class CuttingRules:
    """When speech begins, when it ends, and how long an utterance may be.

    Phone-band speech needs thresholds far below the detector's usual 0.5: with that, a fifth of
    the words is taken for silence.
    """

    speech_from: float = 0.3
    silence_below: float = 0.15
    end_silence_ms: int = 500
    max_ms: int = 12_000
    pad_ms: int = 200
    soft_silence_ms: int = 96

    def windows(self, milliseconds: int) -> int:
        return max(1, milliseconds // _WINDOW_MS)


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of one speaker's audio (signed 16 bit, 16 kHz), placed by sample count."""

    start_sample: int
    pcm: bytes
    speech_ms: int
    forced: bool = False

    @property
    def end_sample(self) -> int:
        return self.start_sample + len(self.pcm) // 2


@dataclass(frozen=True, slots=True)
class _Window:
    index: int
    pcm: bytes
    probability: float


@dataclass(slots=True)
class Windows:
    """Regroups audio of any chunking into whole windows; the rest waits."""

    _rest: bytearray = field(default_factory=bytearray)

    def feed(self, pcm: bytes) -> list[bytes]:
        self._rest += pcm
        whole = len(self._rest) // _WINDOW_BYTES * _WINDOW_BYTES
        taken = bytes(self._rest[:whole])
        del self._rest[:whole]
        return [taken[at : at + _WINDOW_BYTES] for at in range(0, whole, _WINDOW_BYTES)]

    def flush(self) -> list[bytes]:
        """What is left, filled up with silence to a whole window."""
        if not self._rest:
            return []
        last = bytes(self._rest).ljust(_WINDOW_BYTES, b"\0")
        self._rest.clear()
        return [last]


class UtteranceCutter:
    """Collects windows and gives utterances as soon as their end is sure."""

    def __init__(self, rules: CuttingRules | None = None) -> None:
        self.rules = rules or CuttingRules()
        self._pad = self.rules.windows(self.rules.pad_ms)
        self._end_after = self.rules.windows(self.rules.end_silence_ms)
        self._longest = self.rules.windows(self.rules.max_ms)
        self._before: deque[_Window] = deque(maxlen=self._pad)
        self._open: list[_Window] = []
        self._speaking = False
        self._silent_from: int | None = None
        self._next = 0

    @property
    def speaking(self) -> bool:
        """Whether an utterance is open."""
        return self._speaking

    @property
    def position(self) -> int:
        """Samples taken so far."""
        return self._next * WINDOW_SAMPLES

    @property
    def settled(self) -> int:
        """Everything before this sample is either given out or silence."""
        waiting = self._open[0].index if self._open else self._next
        return waiting * WINDOW_SAMPLES

    @property
    def open_from(self) -> int:
        """The first sample of the open utterance (or the present position)."""
        return self.settled

    def open_pcm(self) -> bytes:
        """The audio of the utterance that is still open."""
        return b"".join(window.pcm for window in self._open)

    def feed(self, pcm: bytes, probability: float) -> list[Utterance]:
        """Take one window."""
        window = _Window(self._next, pcm, probability)
        self._next += 1
        if not self._speaking:
            if probability < self.rules.speech_from:
                self._before.append(window)
                return []
            self._begin(window)
            return []
        self._open.append(window)
        self._track_silence(window)
        if self._silent_from is not None and self._silence() >= self._end_after:
            return self._finish()
        if len(self._open) >= self._longest:
            return self._cut_long()
        return []

    def flush(self) -> list[Utterance]:
        """The stream is over: give what is open."""
        return self._finish() if self._speaking else []

    def _begin(self, window: _Window) -> None:
        self._open = [*self._before, window]
        self._before.clear()
        self._speaking = True
        self._silent_from = None

    def _track_silence(self, window: _Window) -> None:
        if window.probability >= self.rules.speech_from:
            self._silent_from = None
        elif self._silent_from is None and window.probability < self.rules.silence_below:
            self._silent_from = window.index

    def _silence(self) -> int:
        if self._silent_from is None:
            return 0
        return self._open[-1].index - self._silent_from + 1

    def _finish(self) -> list[Utterance]:
        """Close the open utterance; silence beyond the padding goes back before the next one."""
        keep = len(self._open)
        if self._silent_from is not None:
            keep = min(keep, self._silent_from - self._open[0].index + self._pad)
        done, rest = self._open[:keep], self._open[keep:]
        self._open, self._speaking, self._silent_from = [], False, None
        self._before.extend(rest)
        return [self._utterance(done, forced=False)]

    def _cut_long(self) -> list[Utterance]:
        """Cut at the quietest place of the later half; speech goes on in the next utterance."""
        cut = self._quietest()
        done, rest = self._open[:cut], self._open[cut:]
        self._open, self._silent_from = rest, None
        for window in rest:
            self._track_silence(window)
        self._speaking = any(w.probability >= self.rules.speech_from for w in rest)
        if not self._speaking:
            self._open, self._silent_from = [], None
            self._before.extend(rest)
        return [self._utterance(done, forced=True)]

    def _quietest(self) -> int:
        span = self.rules.windows(self.rules.soft_silence_ms)
        first = max(1, len(self._open) // 2)
        best, best_level = len(self._open), float("inf")
        for end in range(first + span, len(self._open) + 1):
            level = sum(w.probability for w in self._open[end - span : end])
            if level <= best_level:  # the latest of equals keeps utterances long
                best, best_level = end - span // 2, level
        return best

    def _utterance(self, windows: list[_Window], *, forced: bool) -> Utterance:
        spoken = sum(1 for w in windows if w.probability >= self.rules.silence_below)
        return Utterance(
            start_sample=windows[0].index * WINDOW_SAMPLES,
            pcm=b"".join(window.pcm for window in windows),
            speech_ms=spoken * _WINDOW_MS,
            forced=forced,
        )
