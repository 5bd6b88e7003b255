"""Keeps the Whisper workers alive and gives them the stretches of speech, most urgent first."""

import asyncio
import logging
from dataclasses import dataclass, field

from core.clock import Clock
from core.errors import Unavailable
from recordings.transcribe.backlog import Backlog, Urgency
from recordings.transcribe.engine import SAMPLE_RATE
from recordings.transcribe.process import Launch, Worker, WorkerDied
from recordings.transcribe.whisper_engine import Decoded
from recordings.transcribe.wire import DecodeJob, Frame, Kind, decoded_from

_LOG = logging.getLogger(__name__)
_MOST_TRIES = 2
_LONGEST_PAUSE = 60.0


class SpeechDeferred(Unavailable):
    """The stretch was not recognised now; the pass after the call will try it."""

    code = "speech_deferred"


@dataclass(frozen=True, slots=True)
class PoolRules:
    """How long a job may take: at least `floor` seconds, else a multiple of its audio."""

    floor_seconds: float = 20.0
    times_audio: float = 8.0
    first_pause: float = 1.0


@dataclass(slots=True, eq=False)
class _Task:
    job: DecodeJob
    urgency: Urgency
    done: asyncio.Future[Decoded]
    tries: int = field(default=0)


class DecodePool:
    """`run` keeps the workers; `submit` gives them work and returns a future."""

    def __init__(
        self, launch: Launch, *, size: int, clock: Clock, rules: PoolRules | None = None
    ) -> None:
        self._launch = launch
        self._size = size
        self._clock = clock
        self._rules = rules or PoolRules()
        self._backlog: Backlog[_Task] = Backlog()
        self._wake = asyncio.Event()
        self._speaking = 0
        self._ready = 0
        self._busy = 0
        self._job_number = 0
        self.restarts = 0

    @property
    def idle(self) -> bool:
        """Whether a worker is free and nothing waits."""
        return self._busy < self._ready and len(self._backlog) == 0

    @property
    def ready(self) -> bool:
        """Whether a model is loaded."""
        return self._ready > 0

    @property
    def waiting(self) -> int:
        return len(self._backlog)

    def somebody_speaks(self, change: int) -> None:
        """A live speaker began (+1) or ended (-1) an utterance."""
        self._speaking = max(0, self._speaking + change)
        self._wake.set()

    def submit(self, job: DecodeJob, *, urgency: Urgency) -> asyncio.Future[Decoded]:
        """Let a stretch be recognised. The future may raise SpeechDeferred."""
        task = _Task(job, urgency, asyncio.get_running_loop().create_future())
        self._add(task)
        return task.done

    async def run(self) -> None:
        """Serve until cancelled."""
        async with asyncio.TaskGroup() as group:
            for slot in range(self._size):
                group.create_task(self._keep_worker(), name=f"whisper-worker-{slot}")

    def _add(self, task: _Task) -> None:
        now = self._clock.monotonic()
        size = len(task.job.pcm)
        for crowded_out in self._backlog.add(task, urgency=task.urgency, size=size, now=now):
            _refuse(crowded_out)
        self._wake.set()

    async def _keep_worker(self) -> None:
        """Start a worker, serve with it, start the next when it dies; longer pauses each time."""
        pause = self._rules.first_pause
        while True:
            try:
                worker = await self._launch()
                pause = self._rules.first_pause
                await self._serve(worker)
            except WorkerDied:
                self.restarts += 1
                _LOG.warning("speech worker is started again", extra={"pause": pause})
                await asyncio.sleep(pause)
                pause = min(_LONGEST_PAUSE, pause * 2)

    async def _serve(self, worker: Worker) -> None:
        self._ready += 1
        try:
            while True:
                task = await self._next()
                await self._decode(worker, task)
        finally:
            self._ready -= 1
            await worker.stop()

    async def _next(self) -> _Task:
        while True:
            now = self._clock.monotonic()
            for stale in self._backlog.expired(now):
                _refuse(stale)
            task = self._backlog.take(now=now, quiet=self._speaking == 0)
            if task is not None and not task.done.cancelled():
                return task
            if task is None:
                await self._sleep_until_work()

    async def _sleep_until_work(self) -> None:
        """Work that is patient needs a look now and then: its patience ends by itself."""
        self._wake.clear()
        patient = self._backlog.count(Urgency.LATER) > 0
        try:
            async with asyncio.timeout(5.0 if patient else None):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _decode(self, worker: Worker, task: _Task) -> None:
        self._job_number += 1
        number = self._job_number
        task.tries += 1
        seconds = len(task.job.pcm) / 2 / SAMPLE_RATE
        limit = max(self._rules.floor_seconds, self._rules.times_audio * seconds)
        self._busy += 1
        try:
            async with asyncio.timeout(limit):
                await worker.send(task.job.as_frame(number))
                _settle(task, await _answer(worker, number))
        except (WorkerDied, TimeoutError) as error:
            self._try_again(task)
            raise WorkerDied("speech worker fell silent") from error
        except asyncio.CancelledError:
            task.done.cancel()
            raise
        finally:
            self._busy -= 1

    def _try_again(self, task: _Task) -> None:
        """A stretch that has killed two workers will not get a third one."""
        if task.urgency is Urgency.PREVIEW or task.tries >= _MOST_TRIES:
            _refuse(task)
        else:
            self._add(task)


async def _answer(worker: Worker, number: int) -> Frame:
    while True:
        frame = await worker.receive()
        if frame.number == number and frame.kind in {Kind.DECODED, Kind.FAILED}:
            return frame


def _settle(task: _Task, frame: Frame) -> None:
    if task.done.done():
        return
    if frame.kind is Kind.DECODED:
        task.done.set_result(decoded_from(frame))
    else:
        _refuse(task)


def _refuse(task: _Task) -> None:
    if not task.done.done():
        task.done.set_exception(SpeechDeferred("speech is recognised later"))
