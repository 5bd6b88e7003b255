"""Keeps the Vosk worker alive and its streams open, over a restart too.

Each stream remembers the audio that has not become finals yet; a new worker is fed it again, so
that a crash costs a moment and no words.
"""

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, replace
from itertools import count

from core.clock import Clock
from recordings.transcribe.engine import Deferred, StreamSpec, milliseconds
from recordings.transcribe.event_queue import EventQueue
from recordings.transcribe.process import Launch, Worker, WorkerDied
from recordings.transcribe.watchdog import Verdict, Watchdog, WatchRules
from recordings.transcribe.wire import Frame, Kind, event_from, spec_frame

_LOG = logging.getLogger(__name__)
_KEEP_MS = 60_000
_PING_SECONDS = 2.0
_LONGEST_PAUSE = 60.0


@dataclass(slots=True)
class _Piece:
    start_ms: int
    end_ms: int
    pcm: bytes


class Stream:
    """One stream as the parent knows it: its unsettled audio and its events."""

    def __init__(self, spec: StreamSpec) -> None:
        self.spec = spec
        self.events = EventQueue()
        self.closing = False
        self.closed = asyncio.Event()
        self._pieces: deque[_Piece] = deque()
        self._heard_bytes = 0

    @property
    def replay_from_ms(self) -> int:
        return self._pieces[0].start_ms if self._pieces else self._at(self._heard_bytes)

    def keep(self, pcm: bytes) -> None:
        start = self._at(self._heard_bytes)
        self._heard_bytes += len(pcm)
        self._pieces.append(_Piece(start, self._at(self._heard_bytes), pcm))
        if self._pieces[-1].end_ms - self._pieces[0].start_ms > _KEEP_MS:
            lost = self._pieces.popleft()
            self.events.put(Deferred(lost.start_ms, lost.end_ms))

    def settled(self, until_ms: int) -> None:
        while self._pieces and self._pieces[0].end_ms <= until_ms:
            self._pieces.popleft()

    def unsettled(self) -> bytes:
        return b"".join(piece.pcm for piece in self._pieces)

    def end(self) -> None:
        self.events.end()
        self.closed.set()

    def _at(self, heard: int) -> int:
        return self.spec.offset_ms + milliseconds(heard // 2, self.spec.rate)


class StreamPool:
    """`run` keeps the worker; streams are opened, fed and closed without waiting for it."""

    def __init__(self, launch: Launch, *, clock: Clock, rules: WatchRules | None = None) -> None:
        self._launch = launch
        self._clock = clock
        self._rules = rules or WatchRules()
        self._streams: dict[int, Stream] = {}
        self._numbers = count(1)
        self._outgoing: asyncio.Queue[Frame] = asyncio.Queue()
        self._up = False
        self.restarts = 0

    @property
    def ready(self) -> bool:
        """Whether a worker with its model serves."""
        return self._up

    def open(self, spec: StreamSpec) -> int:
        number = next(self._numbers)
        self._streams[number] = Stream(spec)
        self._tell(spec_frame(number, spec))
        return number

    def stream(self, number: int) -> Stream:
        return self._streams[number]

    def feed(self, number: int, pcm: bytes) -> None:
        stream = self._streams.get(number)
        if stream is not None and not stream.closing:
            stream.keep(pcm)
            self._tell(Frame(Kind.PCM, number, pcm))

    async def close(self, number: int, *, patience: float = 30.0) -> None:
        """Flush the stream; if no worker answers in time, what was not recognised is deferred."""
        stream = self._streams[number]
        stream.closing = True
        self._tell(Frame(Kind.CLOSE, number))
        try:
            async with asyncio.timeout(patience):
                await stream.closed.wait()
        except TimeoutError:
            stream.events.put(Deferred(stream.replay_from_ms, stream.replay_from_ms))
            stream.end()
        self._streams.pop(number, None)

    def reopen(self, number: int) -> None:
        """Give the stream a fresh recogniser: the old one has fallen silent."""
        stream = self._streams[number]
        self._tell(spec_frame(number, replace(stream.spec, offset_ms=stream.replay_from_ms)))
        self._tell(Frame(Kind.PCM, number, stream.unsettled()))

    async def run(self) -> None:
        """Serve until cancelled."""
        pause = 1.0
        while True:
            try:
                worker = await self._launch()
                pause = 1.0
                await self._serve(worker)
            except WorkerDied:
                self.restarts += 1
                _LOG.warning("speech worker is started again", extra={"pause": pause})
                await asyncio.sleep(pause)
                pause = min(_LONGEST_PAUSE, pause * 2)

    def _tell(self, frame: Frame) -> None:
        if self._up:
            self._outgoing.put_nowait(frame)

    async def _serve(self, worker: Worker) -> None:
        self._outgoing = asyncio.Queue()
        self._up = True
        self._replay()
        watchdog = Watchdog(self._rules, now=self._clock.monotonic())
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._send(worker))
                group.create_task(self._receive(worker, watchdog))
                group.create_task(self._watch(watchdog))
        except* WorkerDied as died:
            raise WorkerDied("speech worker fell silent") from died
        finally:
            self._up = False
            await worker.stop()

    def _replay(self) -> None:
        for number, stream in self._streams.items():
            self.reopen(number)
            if stream.closing:
                self._tell(Frame(Kind.CLOSE, number))

    async def _send(self, worker: Worker) -> None:
        while True:
            await worker.send(await self._outgoing.get())

    async def _receive(self, worker: Worker, watchdog: Watchdog) -> None:
        while True:
            frame = await worker.receive()
            if frame.kind is Kind.PONG:
                counts = frame.as_json()
                watchdog.answered(
                    pending=counts["pending"], done=counts["done"], now=self._clock.monotonic()
                )
                continue
            stream = self._streams.get(frame.number)
            if stream is not None:
                _deliver(stream, frame)

    async def _watch(self, watchdog: Watchdog) -> None:
        while True:
            self._tell(Frame(Kind.PING, 0))
            await asyncio.sleep(_PING_SECONDS)
            verdict = watchdog.verdict(self._clock.monotonic())
            if verdict is not Verdict.ALIVE:
                raise WorkerDied("speech worker fell silent", verdict=verdict.value)


def _deliver(stream: Stream, frame: Frame) -> None:
    if frame.kind is Kind.EVENT:
        event, settled_ms = event_from(frame)
        stream.settled(settled_ms)
        stream.events.put(event)
    elif frame.kind is Kind.CLOSED:
        stream.end()
