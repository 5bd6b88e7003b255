"""A clock that stands where it is put, to write a past through the real actions."""

from datetime import datetime


class TurnedClock:
    """The same contract as SystemClock; only ever turned forward."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    def turn_to(self, instant: datetime) -> None:
        """Go on to this instant; an earlier one changes nothing."""
        self._now = max(self._now, instant)
