"""Keeps one process running: start, wait until it serves, watch, back off, start again."""

import asyncio
import enum
import hashlib
import logging
import os
import shutil
import signal
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.clock import Clock
from core.errors import HotlineError, Unavailable
from hotline.child import Child, Launch, Notifier, adopt_child, start_child
from hotline.processes import ProcessSpec
from hotline.races import first
from hotline.run_folder import ProcessRecord, RunFolder, start_mark

logger = logging.getLogger(__name__)
READY_SECONDS = 30.0
FIRST_DELAY = 0.1
LONGEST_DELAY = 15.0
SETTLED_SECONDS = 30.0
HOPELESS_AFTER = 3
MAX_LOG_BYTES = 20_000_000


class ProcessState(enum.StrEnum):
    """Where a kept process is."""

    WAITING = "waiting"  # for what it needs
    STARTING = "starting"
    READY = "ready"
    BACKING_OFF = "backing_off"
    HELD = "held"  # stopped on purpose
    STOPPED = "stopped"


class Keeper:
    """One process and its restarts."""

    def __init__(
        self,
        spec: ProcessSpec,
        *,
        folder: RunFolder,
        clock: Clock,
        gate: Callable[[], Awaitable[None]],
        report: Callable[[str, str], None],
    ) -> None:
        self.name = spec.name
        self.state = ProcessState.WAITING
        self.restarts = 0
        self.failed_starts = 0
        self._spec = spec
        self._folder = folder
        self._clock = clock
        self._gate = gate
        self._report = report
        self._child: Child | None = None
        self._record: ProcessRecord | None = None
        self._log: Path | None = None
        self._last_words = "没有日志"
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._stopping = asyncio.Event()
        self._news = asyncio.Event()
        self._was_ready = False

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    async def run(self) -> None:
        """Keep the process until `stop`."""
        await first(self._gate(), self._stopping.wait())
        delay = FIRST_DELAY
        while not self._stopping.is_set():
            if not self._wanted.is_set():
                self._become(ProcessState.HELD)
                await first(self._wanted.wait(), self._stopping.wait())
                continue
            began = self._clock.monotonic()
            await self._live()
            if self._stopping.is_set() or not self._wanted.is_set():
                continue
            if self._clock.monotonic() - began > SETTLED_SECONDS:
                delay = FIRST_DELAY
            self.restarts += 1
            self._become(ProcessState.BACKING_OFF)
            await first(asyncio.sleep(delay), self._stopping.wait())
            delay = min(delay * 2, LONGEST_DELAY)
        self._become(ProcessState.STOPPED)

    async def wait_ready(self) -> None:
        """Return when it serves; raise Unavailable when it fails to start again and again."""
        while self.state is not ProcessState.READY:
            if self.failed_starts >= HOPELESS_AFTER:
                raise Unavailable(f"{self.name} 无法启动：{self.last_words()}")
            await self._news.wait()

    async def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it as a crash would; it is started again."""
        child = self._child
        if child is None:
            return
        child.send(number)
        await child.wait()
        while self._child is child:
            await self._news.wait()

    async def hold(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it and leave it down until `release`."""
        self._wanted.clear()
        await self.kill(number)

    def release(self) -> None:
        self._wanted.set()

    async def stop(self) -> None:
        """End it for good."""
        self._stopping.set()
        if self._child is not None:
            await self._child.stop(self._spec.stop_signal)

    def last_words(self, *, limit: int = 600) -> str:
        """The end of its log, for a person who must find out why it does not start."""
        if self._log is None or not self._log.is_file():
            return self._last_words
        text = self._log.read_bytes()[-limit:].decode(errors="replace").strip()
        return f"{text}\n（日志：{self._log}）"

    async def _live(self) -> None:
        """One life: from the start to the end of the process."""
        try:
            launch = await self._spec.prepare()
        except (HotlineError, OSError) as error:
            logger.error("process cannot be prepared", extra={"name_of": self.name})  # noqa: TRY400
            self._last_words = str(error)
            self.failed_starts = HOPELESS_AFTER
            return
        self._log = launch.log
        trim(launch.log)
        notifier = Notifier(self.name)
        try:
            self._child, ready = await self._begin(launch, notifier)
            await self._watch(self._child, ready)
        finally:
            notifier.close()
            self._child = None
            self._folder.remove(self.name)
            self._become(ProcessState.WAITING)

    async def _begin(
        self, launch: Launch, notifier: Notifier
    ) -> tuple[Child, Coroutine[Any, Any, None]]:
        """Take the process over from an earlier supervisor, or start it."""
        mark = fingerprint(launch)
        record = self._folder.read(self.name)
        child = await self._take_over(record, mark)
        if child is not None:
            self._record = record
            return child, _at_once()
        self._become(ProcessState.STARTING)
        child = start_child(launch, notify=notifier.address)
        self._record = self._new_record(child, mark)
        self._folder.write(self._record)
        return child, self._until_ready(notifier, child)

    async def _watch(self, child: Child, ready: Coroutine[Any, Any, None]) -> None:
        try:
            async with asyncio.timeout(READY_SECONDS):
                serves = await first(ready, child.wait())
        except TimeoutError:
            await child.stop(signal.SIGKILL)
            serves = False
        if not serves or child.is_gone():
            self.failed_starts += 1
            return
        if not self._was_ready and self._spec.after_first_ready is not None:
            await self._spec.after_first_ready()
        self._was_ready = True
        self.failed_starts = 0
        if self._record is not None:
            self._folder.write(replace(self._record, ready=True))
        self._become(ProcessState.READY)
        code = await child.wait()
        logger.info("process ended", extra={"name_of": self.name, "code": code})

    async def _until_ready(self, notifier: Notifier, child: Child) -> None:
        if self._spec.probe is not None:
            await self._spec.probe(child.pid)
        else:
            await notifier.wait()

    async def _take_over(self, record: ProcessRecord | None, mark: str) -> Child | None:
        """Adopt what an earlier supervisor left serving; end what it left half started."""
        child = adopt_child(record) if record else None
        if record is None or child is None:
            return None
        if record.ready and record.fingerprint == mark:
            return child
        await child.stop(self._spec.stop_signal)
        return None

    def _new_record(self, child: Child, mark: str) -> ProcessRecord:
        return ProcessRecord(
            name=self.name,
            pid=child.pid,
            start_mark=start_mark(child.pid),
            started_at=self._clock.now().isoformat(timespec="seconds"),
            fingerprint=mark,
            restarts=self.restarts,
        )

    def _become(self, state: ProcessState) -> None:
        self.state = state
        self._report(self.name, state)
        news, self._news = self._news, asyncio.Event()
        news.set()


def fingerprint(launch: Launch) -> str:
    """Changes when the process would be started differently now."""
    facts = [*launch.argv(), *(f"{key}={value}" for key, value in sorted(launch.env.items()))]
    return hashlib.sha256("\0".join(facts).encode()).hexdigest()


def trim(log: Path, *, limit: int = MAX_LOG_BYTES) -> None:
    """Keep one older piece of a log that has grown too long, also while it is written to."""
    if log.is_file() and log.stat().st_size > limit:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)  # its writer appends, so it goes on at the new end


async def _at_once() -> None:
    return None
