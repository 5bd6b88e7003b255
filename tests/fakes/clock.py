"""A clock that a test turns by hand."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in the city, a Monday


class FakeClock:
    """Stands still until `advance` is called; same contract as SystemClock."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start
        self._seconds = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._seconds

    def advance(self, by: timedelta | float) -> None:
        """Go on by a duration (seconds when a number). Never backwards."""
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        if step < timedelta(0):
            raise ValueError("a clock does not go back")
        self._now += step
        self._seconds += step.total_seconds()
