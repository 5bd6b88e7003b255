"""The speech worker: a process of its own that holds one model and serves its pipe.

Started by `process.py` as `python -m recordings.transcribe.worker ENGINE MODEL_DIR THREADS`. A
model that hangs, leaks or aborts takes this process with it, and nothing else.
"""

import os
import queue
import sys
import threading
from collections import deque
from pathlib import Path
from typing import BinaryIO, Protocol

from core.errors import HotlineError
from recordings.transcribe.engine import SpeechEvent
from recordings.transcribe.hearing import recognise
from recordings.transcribe.vosk_engine import VoskModel, VoskStream
from recordings.transcribe.whisper_engine import WhisperDecoder
from recordings.transcribe.wire import (
    DecodeJob,
    Frame,
    Kind,
    decoded_frame,
    event_frame,
    json_frame,
    read_frame,
    spec_from,
)

#: Words may come a moment later; the audio of running calls, the menu and the pop may not.
_NICENESS = 10


class Outgoing:
    """The pipe to the parent, shared by this process's threads."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def send(self, frame: Frame) -> None:
        with self._lock:
            self._pipe.write(frame.as_bytes())
            self._pipe.flush()


class Host(Protocol):
    """What serves the frames of one kind of engine."""

    def take(self, frame: Frame) -> None: ...

    def progress(self) -> dict[str, int]:
        """How many frames wait, and how many were ever served."""
        ...


class WhisperHost:
    """Decodes one job after the other; the parent decides their order."""

    def __init__(self, model_dir: Path, threads: int, outgoing: Outgoing) -> None:
        self._decoder = WhisperDecoder(model_dir, threads=threads)
        self._outgoing = outgoing
        self._jobs: queue.Queue[Frame] = queue.Queue()
        self._done = 0
        threading.Thread(target=self._run, name="decode", daemon=True).start()

    def take(self, frame: Frame) -> None:
        if frame.kind is Kind.DECODE:
            self._jobs.put(frame)

    def progress(self) -> dict[str, int]:
        return {"pending": self._jobs.unfinished_tasks, "done": self._done}

    def _run(self) -> None:
        while True:
            frame = self._jobs.get()
            self._outgoing.send(self._decode(frame))
            self._jobs.task_done()
            self._done += 1

    def _decode(self, frame: Frame) -> Frame:
        try:
            decoded = recognise(self._decoder, DecodeJob.from_frame(frame))
        except (RuntimeError, ValueError, MemoryError) as error:
            return json_frame(Kind.FAILED, frame.number, {"reason": type(error).__name__})
        return decoded_frame(frame.number, decoded)


class _Stream:
    """A Vosk stream and the frames that wait for it."""

    def __init__(self, recogniser: VoskStream) -> None:
        self.recogniser = recogniser
        self.waiting: deque[Frame] = deque()
        self.busy = False


class VoskHost:
    """Many streams on one model: each is served by one thread at a time, in order."""

    def __init__(self, model_dir: Path, threads: int, outgoing: Outgoing) -> None:
        self._model = VoskModel(model_dir)
        self._outgoing = outgoing
        self._streams: dict[int, _Stream] = {}
        self._lock = threading.Lock()
        self._ready: queue.Queue[int] = queue.Queue()
        self._done = 0
        for number in range(threads):
            threading.Thread(target=self._run, name=f"stream-{number}", daemon=True).start()

    def take(self, frame: Frame) -> None:
        if frame.kind is Kind.OPEN:
            recogniser = self._model.stream(spec_from(frame))
            with self._lock:
                self._streams[frame.number] = _Stream(recogniser)
            return
        with self._lock:
            stream = self._streams.get(frame.number)
            if stream is None:
                return
            stream.waiting.append(frame)
            if not stream.busy:
                stream.busy = True
                self._ready.put(frame.number)

    def progress(self) -> dict[str, int]:
        with self._lock:
            waiting = sum(len(each.waiting) + each.busy for each in self._streams.values())
            return {"pending": waiting, "done": self._done}

    def _run(self) -> None:
        while True:
            number = self._ready.get()
            with self._lock:
                stream = self._streams[number]
                frames = list(stream.waiting)
                stream.waiting.clear()
            self._serve(number, stream, frames)
            with self._lock:
                self._done += len(frames)
                if stream.waiting:
                    self._ready.put(number)
                else:
                    stream.busy = False

    def _serve(self, number: int, stream: _Stream, frames: list[Frame]) -> None:
        audio = b"".join(frame.payload for frame in frames if frame.kind is Kind.PCM)
        self._tell(number, stream, stream.recogniser.feed(audio) if audio else [])
        if any(frame.kind is Kind.CLOSE for frame in frames):
            self._tell(number, stream, stream.recogniser.flush())
            with self._lock:
                del self._streams[number]
            self._outgoing.send(Frame(Kind.CLOSED, number))

    def _tell(self, number: int, stream: _Stream, events: list[SpeechEvent]) -> None:
        for event in events:
            settled = stream.recogniser.settled_ms
            self._outgoing.send(event_frame(number, event, settled_ms=settled))


def serve(incoming: BinaryIO, outgoing: Outgoing, host: Host) -> None:
    """Answer the parent until it closes the pipe."""
    while (frame := read_frame(incoming.read)) is not None:
        if frame.kind is Kind.PING:
            outgoing.send(json_frame(Kind.PONG, frame.number, host.progress()))
        else:
            host.take(frame)


def main(arguments: list[str]) -> int:
    """Load the model, say so, serve. The way back gets a pipe that no library prints into."""
    engine, model_dir, threads = arguments[0], Path(arguments[1]), int(arguments[2])
    os.nice(_NICENESS)
    outgoing = Outgoing(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    kind = WhisperHost if engine == "whisper" else VoskHost
    try:
        host: Host = kind(model_dir, threads, outgoing)
    except (HotlineError, RuntimeError, OSError, ValueError) as error:
        outgoing.send(json_frame(Kind.FAILED, 0, {"reason": type(error).__name__}))
        return 1
    outgoing.send(json_frame(Kind.READY, 0, {"engine": engine}))
    serve(sys.stdin.buffer, outgoing, host)
    return 0


if __name__ == "__main__":
    # os._exit: the native libraries' threads may not want to end
    os._exit(main(sys.argv[1:]))
