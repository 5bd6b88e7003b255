"""Speech workers made of nothing, for the tests of the pools that keep them."""

import asyncio
from collections.abc import Callable

from recordings.transcribe.engine import Final, Partial
from recordings.transcribe.process import WorkerDied
from recordings.transcribe.whisper_engine import Decoded
from recordings.transcribe.wire import (
    DecodeJob,
    Frame,
    Kind,
    decoded_frame,
    event_frame,
    json_frame,
    spec_from,
)


class FakeWorker:
    """Answers every frame by `answer`; dies when told to."""

    def __init__(self, answer: Callable[[Frame], list[Frame]]) -> None:
        self._answer = answer
        self._coming: asyncio.Queue[Frame | None] = asyncio.Queue()
        self.taken: list[Frame] = []
        self.stopped = False

    async def send(self, frame: Frame) -> None:
        if self.stopped:
            raise WorkerDied("gone")
        self.taken.append(frame)
        for answer in self._answer(frame):
            self._coming.put_nowait(answer)

    async def receive(self) -> Frame:
        frame = await self._coming.get()
        if frame is None:
            raise WorkerDied("gone")
        return frame

    async def stop(self) -> None:
        self.stopped = True

    def die(self) -> None:
        """As a crash of the process looks from outside."""
        self.stopped = True
        self._coming.put_nowait(None)


async def until(holds: Callable[[], bool]) -> None:
    """Let the other tasks go on until this holds."""
    while not holds():  # noqa: ASYNC110  every task here is ready to run: nothing is waited for
        await asyncio.sleep(0)


def silent(frame: Frame) -> list[Frame]:
    """A worker that takes everything and says nothing."""
    del frame
    return []


def echo(frame: Frame) -> list[Frame]:
    """A Whisper that hears the first byte of each job."""
    if frame.kind is Kind.DECODE:
        return [decoded_frame(frame.number, Decoded(str(DecodeJob.from_frame(frame).pcm[0]), 0.9))]
    return []


class StreamEcho:
    """A Vosk that says how many bytes a stream has had, and a final at its end."""

    def __init__(self) -> None:
        self._heard: dict[int, int] = {}
        self._offset: dict[int, int] = {}

    def __call__(self, frame: Frame) -> list[Frame]:
        number = frame.number
        if frame.kind is Kind.OPEN:
            self._heard[number], self._offset[number] = 0, spec_from(frame).offset_ms
        elif frame.kind is Kind.PCM:
            self._heard[number] += len(frame.payload)
            partial = Partial(str(self._heard[number]), self._offset[number], self._at(number))
            return [event_frame(number, partial, settled_ms=self._offset[number])]
        elif frame.kind is Kind.CLOSE:
            final = Final(
                str(self._heard[number]), self._offset[number], self._at(number), 0.9, (), "fake"
            )
            return [
                event_frame(number, final, settled_ms=self._at(number)),
                Frame(Kind.CLOSED, number),
            ]
        elif frame.kind is Kind.PING:
            return [json_frame(Kind.PONG, 0, {"pending": 0, "done": 1})]
        return []

    def _at(self, number: int) -> int:
        return self._offset[number] + self._heard[number] // 32
