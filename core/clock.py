"""The time, as something that is handed in."""

import time
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

#: The hotline's civil time. China has one zone and no daylight saving time.
CITY_TIME = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """What the product may ask of time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever grow; for durations, never for dates."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


def city_time(instant: datetime) -> datetime:
    """The same instant on the wall clock of the city."""
    return instant.astimezone(CITY_TIME)
