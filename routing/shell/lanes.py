"""One lane per call: what is done to a call is done in order, and no call waits for another."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from core.errors import HotlineError
from core.metrics import LOOP_ERRORS

logger = logging.getLogger(__name__)
Job = Callable[[], Awaitable[object]]
Pause = Callable[[float], Awaitable[None]]


class Lanes:
    """Runs jobs, in order within a lane, lanes side by side."""

    def __init__(self, group: asyncio.TaskGroup, pause: Pause = asyncio.sleep) -> None:
        self._group = group
        self._pause = pause
        self._waiting: dict[str, deque[Job]] = {}

    def put(self, lane: str, job: Job) -> None:
        """Have the job done after all earlier ones of its lane."""
        jobs = self._waiting.get(lane)
        if jobs is not None:
            jobs.append(job)
            return
        self._waiting[lane] = deque([job])
        self._group.create_task(self._work(lane), name=f"lane-{lane}")

    def after(self, seconds: float, job: Job) -> None:
        """Have the job done after a while, beside all lanes."""

        async def later() -> None:
            await self._pause(seconds)
            await self._do("later", job)

        self._group.create_task(later(), name="later")

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being done."""
        return not self._waiting

    async def _work(self, lane: str) -> None:
        jobs = self._waiting[lane]
        try:
            while jobs:
                await self._do(lane, jobs.popleft())
        finally:
            del self._waiting[lane]

    async def _do(self, lane: str, job: Job) -> None:
        """The outermost edge of one job: whatever is wrong with one call must not end the rest."""
        try:
            await job()
        except HotlineError as error:
            logger.warning("job failed", extra={"call_id": lane, "code": error.code})
        except Exception:
            LOOP_ERRORS.labels("lane").inc()
            logger.exception("job broke", extra={"call_id": lane})
