"""Whisper workers are kept alive, and no stretch of speech is lost with one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from recordings.transcribe.backlog import Urgency
from recordings.transcribe.decode_pool import DecodePool, PoolRules, SpeechDeferred
from recordings.transcribe.process import Worker, WorkerDied
from recordings.transcribe.wire import DecodeJob, Frame, Kind
from tests.fakes.clock import FakeClock
from tests.unit.recordings.transcribe.fake_worker import FakeWorker, echo, silent, until

RULES = PoolRules(floor_seconds=0.05, first_pause=0.0)


def job(number: int) -> DecodeJob:
    return DecodeJob(bytes([number, 0]), "zh", "", 100)


class Makers:
    """Gives one prepared worker after the other."""

    def __init__(self, *workers: FakeWorker | None) -> None:
        self.waiting = list(workers)
        self.started: list[FakeWorker] = []

    async def __call__(self) -> Worker:
        worker = self.waiting.pop(0) if self.waiting else FakeWorker(echo)
        if worker is None:
            raise WorkerDied("did not start")
        self.started.append(worker)
        return worker


@asynccontextmanager
async def running(makers: Makers, *, size: int = 1) -> AsyncIterator[DecodePool]:
    pool = DecodePool(makers, size=size, clock=FakeClock(), rules=RULES)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(pool.run())
        try:
            yield pool
        finally:
            task.cancel()


async def test_every_stretch_gets_its_own_words() -> None:
    async with running(Makers(), size=2) as pool:
        futures = [pool.submit(job(n), urgency=Urgency.LIVE) for n in range(20)]
        assert [(await future).text for future in futures] == [str(n) for n in range(20)]


async def test_a_worker_that_dies_is_replaced_and_its_stretch_done_by_the_next() -> None:
    deadly = FakeWorker(silent)
    makers = Makers(deadly)
    async with running(makers) as pool:
        future = pool.submit(job(7), urgency=Urgency.LIVE)
        await until(lambda: bool(deadly.taken))
        deadly.die()
        assert (await future).text == "7"
        assert pool.restarts == 1


async def test_a_worker_that_stays_silent_is_killed_and_replaced() -> None:
    mute = FakeWorker(silent)
    async with running(Makers(mute)) as pool:
        assert (await pool.submit(job(3), urgency=Urgency.LIVE)).text == "3"
    assert mute.stopped


async def test_a_stretch_that_kills_two_workers_is_left_for_later() -> None:
    def dies(frame: Frame) -> list[Frame]:
        raise WorkerDied("poison")

    async with running(Makers(FakeWorker(dies), FakeWorker(dies))) as pool:
        with pytest.raises(SpeechDeferred):
            await pool.submit(job(1), urgency=Urgency.LIVE)
        assert (await pool.submit(job(2), urgency=Urgency.LIVE)).text == "2"


async def test_a_model_that_does_not_load_is_tried_again() -> None:
    async with running(Makers(None, None)) as pool:
        assert (await pool.submit(job(5), urgency=Urgency.LIVE)).text == "5"
        assert pool.restarts == 2


async def test_a_stretch_that_the_worker_refuses_is_left_for_later() -> None:
    refusing = FakeWorker(lambda frame: [Frame(Kind.FAILED, frame.number, b"{}")])
    async with running(Makers(refusing)) as pool:
        with pytest.raises(SpeechDeferred):
            await pool.submit(job(1), urgency=Urgency.LIVE)
        assert not refusing.stopped
