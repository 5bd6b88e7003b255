"""A speech worker as its parent sees it: a child process that takes and gives frames."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from core.config import PROJECT
from core.errors import Unavailable
from recordings.transcribe.wire import HEAD_BYTES, Frame, FrameBroken, Kind, read_head

_START_SECONDS = 120


class WorkerDied(Unavailable):
    """The process ended, does not answer, or never became ready."""

    code = "worker_died"


class Worker(Protocol):
    """A running worker."""

    async def send(self, frame: Frame) -> None:
        """Raises WorkerDied."""
        ...

    async def receive(self) -> Frame:
        """Raises WorkerDied at the end."""
        ...

    async def stop(self) -> None: ...


Launch = Callable[[], Awaitable[Worker]]


class ProcessWorker:
    """A real process."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def send(self, frame: Frame) -> None:
        pipe = self._process.stdin
        try:
            if pipe is None or pipe.is_closing():
                raise WorkerDied("speech worker is gone")
            pipe.write(frame.as_bytes())
            await pipe.drain()
        except (ConnectionError, RuntimeError) as error:
            raise WorkerDied("speech worker is gone") from error

    async def receive(self) -> Frame:
        pipe = self._process.stdout
        if pipe is None:
            raise WorkerDied("speech worker is gone")
        try:
            kind, number, length = read_head(await pipe.readexactly(HEAD_BYTES))
            payload = await pipe.readexactly(length) if length else b""
        except (asyncio.IncompleteReadError, ConnectionError, FrameBroken) as error:
            raise WorkerDied("speech worker is gone") from error
        return Frame(kind, number, payload)

    async def stop(self) -> None:
        """End it at once; its state is worth nothing."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()


def launcher(engine: str, model_dir: Path, *, threads: int = 1) -> Launch:
    """How to start a worker for this engine and model."""

    async def launch() -> Worker:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "recordings.transcribe.worker",
            engine,
            str(model_dir),
            str(threads),
            stdin=PIPE,
            stdout=PIPE,
            cwd=PROJECT,
        )
        worker = ProcessWorker(process)
        try:
            async with asyncio.timeout(_START_SECONDS):
                await wait_ready(worker)
        except (WorkerDied, TimeoutError) as error:
            await worker.stop()
            raise WorkerDied("speech worker did not become ready") from error
        except asyncio.CancelledError:
            await worker.stop()
            raise
        return worker

    return launch


async def wait_ready(worker: Worker) -> None:
    """Wait for the model. Raises WorkerDied if it cannot be loaded."""
    frame = await worker.receive()
    if frame.kind is not Kind.READY:
        raise WorkerDied("speech worker could not load its model", why=frame.payload.decode())
