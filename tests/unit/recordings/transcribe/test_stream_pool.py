"""A Vosk worker may crash in mid-word: the next one hears what was not settled."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from recordings.transcribe.engine import Deferred, Final, SpeechEvent, StreamSpec
from recordings.transcribe.process import Worker
from recordings.transcribe.stream_pool import Stream, StreamPool
from recordings.transcribe.wire import Kind
from tests.fakes.clock import FakeClock
from tests.unit.recordings.transcribe.fake_worker import FakeWorker, StreamEcho, until

SPEC = StreamSpec("call", "caller", 16_000, "zh", (), 1_000)
SECOND = bytes(32_000)


class Makers:
    """A new worker each time."""

    def __init__(self) -> None:
        self.started: list[FakeWorker] = []

    async def __call__(self) -> Worker:
        worker = FakeWorker(StreamEcho())
        self.started.append(worker)
        return worker


@asynccontextmanager
async def running(makers: Makers) -> AsyncIterator[StreamPool]:
    pool = StreamPool(makers, clock=FakeClock())
    async with asyncio.TaskGroup() as group:
        task = group.create_task(pool.run())
        try:
            yield pool
        finally:
            task.cancel()


async def collect(stream: Stream) -> list[SpeechEvent]:
    return [event async for event in stream.events.iterate()]


async def taken(makers: Makers, which: int, kind: Kind) -> None:
    """Wait until this worker has had such a frame."""
    await until(
        lambda: (
            len(makers.started) > which
            and any(frame.kind is kind for frame in makers.started[which].taken)
        )
    )


async def test_a_stream_is_heard_to_its_end() -> None:
    async with running(Makers()) as pool:
        number = pool.open(SPEC)
        stream = pool.stream(number)
        pool.feed(number, SECOND)
        await pool.close(number)
        final = (await collect(stream))[-1]
    assert isinstance(final, Final)
    assert (final.text, final.start_ms, final.end_ms) == ("32000", 1_000, 2_000)


async def test_audio_that_was_not_settled_is_heard_by_the_next_worker() -> None:
    makers = Makers()
    async with running(makers) as pool:
        number = pool.open(SPEC)
        stream = pool.stream(number)
        pool.feed(number, SECOND)
        await taken(makers, 0, Kind.PCM)
        makers.started[0].die()
        pool.feed(number, SECOND)
        await until(lambda: pool.restarts > 0)
        await pool.close(number, patience=5.0)
        final = (await collect(stream))[-1]
    assert isinstance(final, Final)
    assert (final.text, final.end_ms) == ("64000", 3_000)


async def test_more_audio_than_can_be_kept_is_said_to_come_later() -> None:
    stream = Stream(SPEC)
    for _ in range(62):
        stream.keep(SECOND)
    stream.end()
    assert await collect(stream) == [Deferred(1_000, 2_000), Deferred(2_000, 3_000)]
    assert len(stream.unsettled()) == 60 * len(SECOND)
    assert stream.replay_from_ms == 3_000


async def test_settled_audio_is_forgotten() -> None:
    stream = Stream(SPEC)
    stream.keep(SECOND)
    stream.keep(SECOND)
    stream.settled(2_000)
    assert (len(stream.unsettled()), stream.replay_from_ms) == (len(SECOND), 2_000)
