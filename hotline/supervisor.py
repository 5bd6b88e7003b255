"""A Stack is one running instance: it starts the processes, keeps them running, stops them."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from core.clock import Clock, SystemClock
from core.config import Settings
from core.db.migrate import upgrade
from core.errors import Unavailable
from hotline import postgres, redis_server
from hotline.child import adopt_child
from hotline.keeper import Keeper, ProcessState, trim
from hotline.processes import ALL, MIGRATIONS, PYTHON, ProcessSpec, needs_scheme, specs
from hotline.races import first, together
from hotline.run_folder import SUPERVISOR, ProcessRecord, RunFolder, start_mark
from hotline.secret_files import ensure_secrets, write_private
from hotline.seed.load import seed_new_database

logger = logging.getLogger(__name__)
START_SECONDS = 90.0
TRIM_SECONDS = 600.0
Report = Callable[[str, str], None]


def complete(settings: Settings) -> Settings:
    """The settings with all secrets made and the addresses of the instance's own servers."""
    settings = ensure_secrets(settings)
    return replace(
        settings,
        database_url=_own_or_given(
            settings.database_url,
            settings.secrets_dir / "database_url",
            own=postgres.database_url(settings),
        ),
        redis_url=_own_or_given(
            settings.redis_url,
            settings.secrets_dir / "redis_url",
            own=redis_server.redis_url(settings),
        ),
    )


def _own_or_given(value: str, file: Path, *, own: str) -> str:
    """An address that only repeats the file's is our own and follows a moved folder or port."""
    written = file.read_text(encoding="utf-8").strip() if file.is_file() else ""
    if value and value != written:
        return value
    if written != own:
        write_private(file, own + "\n")
    return own


class Stack:
    """A whole instance, or a part of it, that runs while the context is open.

    With `dies_with_us` (tests, benches) the kernel ends the processes when this one dies; without
    it (`hotline up`) calls outlive a killed supervisor and the next one takes them over.
    """

    def __init__(
        self,
        settings: Settings,
        processes: tuple[str, ...] = ALL,
        *,
        dies_with_us: bool = True,
        clock: Clock | None = None,
        report: Report | None = None,
    ) -> None:
        self.settings = complete(settings)
        self._names = processes
        self._dies_with_us = dies_with_us
        self._clock = clock or SystemClock()
        self._report = report or _say_nothing
        self._keepers: dict[str, Keeper] = {}
        self._migrated = asyncio.Event()
        self._main: asyncio.Task[None] | None = None
        self._resources = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self.start_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop_all()

    async def start_all(self) -> None:
        """Start everything; return when all of it serves. Raises Unavailable, stopped again."""
        folder = RunFolder(self.settings.state_dir)
        self._resources.callback(folder.lock().close)
        self._resources.callback(folder.remove, SUPERVISOR)
        folder.write(self._own_record())
        wanted = specs(self.settings, self._names, dies_with_us=self._dies_with_us)
        await _end_strangers(folder, {spec.name for spec in wanted})
        self._keepers = {spec.name: self._keeper(spec, folder) for spec in wanted}
        # One task owns all keepers, whoever opens and closes the stack (fixtures use two tasks).
        self._main = asyncio.get_running_loop().create_task(self._keep_all(), name="supervisor")
        try:
            async with asyncio.timeout(START_SECONDS):
                await first(self._wait_for_all(), self.wait())
        except BaseException as error:
            await self.stop_all()
            if isinstance(error, TimeoutError):
                raise Unavailable(
                    f"未能在 {START_SECONDS:.0f} 秒内启动：{self.laggards()}"
                ) from error
            raise

    async def stop_all(self) -> None:
        """Stop our processes first, then the servers they need."""
        own = [keeper for name, keeper in self._keepers.items() if name in PYTHON]
        servers = [keeper for name, keeper in self._keepers.items() if name not in PYTHON]
        await asyncio.gather(*(keeper.stop() for keeper in own))
        await asyncio.gather(*(keeper.stop() for keeper in servers))
        if self._main is not None:
            self._main.cancel()
            await asyncio.wait([self._main])
        await self._resources.aclose()

    async def wait(self) -> None:
        """Run until something unexpected ends the supervisor itself."""
        if self._main is not None:
            await asyncio.shield(self._main)

    async def wait_ready(self, name: str, *, seconds: float = 60.0) -> None:
        async with asyncio.timeout(seconds):
            await self._keepers[name].wait_ready()

    async def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Crash a process; it comes back by itself (`wait_ready`)."""
        await self._keepers[name].kill(number)

    async def hold(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Crash a process and keep it down until `release`."""
        await self._keepers[name].hold(number)

    async def release(self, name: str) -> None:
        """Let a held process come back; returns when it serves."""
        self._keepers[name].release()
        await self.wait_ready(name)

    async def restart(self, name: str) -> None:
        """End a process in good order and wait until it serves again."""
        await self._keepers[name].kill(signal.SIGTERM)
        await self.wait_ready(name)

    def pid(self, name: str) -> int:
        """The process id, for measurements."""
        pid = self._keepers[name].pid
        if pid is None:
            raise Unavailable(f"{name} 没有运行")
        return pid

    def log(self, name: str) -> Path:
        return self.settings.state_dir / "logs" / f"{name}.log"

    def laggards(self) -> str:
        """What does not serve, with the end of its log."""
        late = [k for k in self._keepers.values() if k.state is not ProcessState.READY]
        return "；".join(f"{keeper.name}（{keeper.state}）{keeper.last_words()}" for keeper in late)

    def _keeper(self, spec: ProcessSpec, folder: RunFolder) -> Keeper:
        async def gate() -> None:
            for need in spec.needs:
                if need == MIGRATIONS:
                    await self._migrated.wait()
                else:
                    await self._keepers[need].wait_ready()

        return Keeper(spec, folder=folder, clock=self._clock, gate=gate, report=self._report)

    async def _keep_all(self) -> None:
        async with asyncio.TaskGroup() as group:
            kept = [
                group.create_task(keeper.run(), name=f"keeper-{name}")
                for name, keeper in self._keepers.items()
            ]
            trimming = group.create_task(self._trim_logs(), name="logs")
            await asyncio.wait(kept)
            trimming.cancel()

    async def _trim_logs(self) -> None:
        """Nothing here may fill the disk, however long it runs."""
        while True:
            await asyncio.sleep(TRIM_SECONDS)
            for name in (SUPERVISOR, *self._keepers):
                await asyncio.to_thread(trim, self.log(name))

    async def _wait_for_all(self) -> None:
        await together(self._migrate(), *(keeper.wait_ready() for keeper in self._keepers.values()))

    async def _migrate(self) -> None:
        if "postgres" in self._keepers:
            await self._keepers["postgres"].wait_ready()
        if needs_scheme(self.settings, self._names):
            self._report(MIGRATIONS, ProcessState.STARTING)
            await asyncio.to_thread(upgrade, self.settings.database_url)
            await seed_new_database(self.settings.database_url)
            self._report(MIGRATIONS, ProcessState.READY)
        self._migrated.set()

    def _own_record(self) -> ProcessRecord:
        return ProcessRecord(
            name=SUPERVISOR,
            pid=os.getpid(),
            start_mark=start_mark(os.getpid()),
            started_at=self._clock.now().isoformat(timespec="seconds"),
            ready=True,
        )


async def _end_strangers(folder: RunFolder, names: set[str]) -> None:
    """End what an earlier supervisor left running and nobody will keep now."""
    for record in folder.read_all():
        if record.name not in names and record.name != SUPERVISOR:
            child = adopt_child(record)
            if child is not None:
                await child.stop()
            folder.remove(record.name)


def _say_nothing(name: str, state: str) -> None:
    """Report to nobody."""
