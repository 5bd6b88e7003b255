"""Where each file and each live tap lies on the call's clock.

The call's clock starts with the first sample of the caller's file. Asterisk closes a file when its
recorder stops, so a file's start is its last change less its length.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extent:
    """A file's length and the instant of its last sample (seconds since 1970)."""

    seconds: float
    ended_at: float

    @property
    def started_at(self) -> float:
        return self.ended_at - self.seconds


def offset_ms(file: Extent, reference: Extent) -> int:
    """Where the file's first sample lies after the reference's first; never before it."""
    return max(0, round((file.started_at - reference.started_at) * 1000))


class StreamClock:
    """Keeps a live stream's sample count in step with time when Asterisk sends nothing.

    Frames may come late and then in a burst; only what is missing all through a window of time
    is really missing, and is made up with silence.
    """

    def __init__(self, *, rate: int, window_seconds: float = 2.0, slack: float = 0.3) -> None:
        self._rate = rate
        self._window = window_seconds
        self._slack = slack
        self._began: float | None = None
        self._samples = 0
        self._least: float | None = None
        self._window_from = 0.0

    def heard(self, samples: int, now: float) -> int:
        """Count a frame. Returns how many samples of silence are to be put in after it."""
        self._samples += samples
        if self._began is None:
            self._began = now - samples / self._rate
            self._window_from = now
            return 0
        behind = (now - self._began) - self._samples / self._rate
        self._least = behind if self._least is None else min(self._least, behind)
        if now - self._window_from < self._window:
            return 0
        missing, self._least, self._window_from = self._least, None, now
        if missing <= self._slack:
            return 0
        silence = int(missing * self._rate)
        self._samples += silence
        return silence
