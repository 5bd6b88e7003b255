"""Starts a process so that it outlives, or dies with, its supervisor, and watches its end."""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hotline.run_folder import ProcessRecord, start_mark

NOBODY = 65534
TERM_SECONDS = 10.0


@dataclass(frozen=True)
class Launch:
    """How to start one process."""

    command: tuple[str, ...]
    log: Path
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)
    as_nobody: bool = False  # for PostgreSQL, which refuses to run as root
    dies_with_us: bool = False

    def argv(self) -> list[str]:
        wrapper = as_nobody() if self.as_nobody else []
        if self.dies_with_us:
            wrapper = [*(wrapper or ["setpriv"]), "--pdeathsig=KILL"]
        return [*wrapper, *self.command]


def as_nobody() -> list[str]:
    """Drop root but keep the right to reach folders under a closed home; nothing if not root."""
    if os.geteuid() != 0:
        return []
    caps = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *caps]


class Notifier:
    """Receives the READY=1 of one child (sd_notify) on an abstract socket: no file, no limit."""

    def __init__(self, name: str) -> None:
        self.address = f"@hotline-{name}-{secrets.token_hex(8)}"
        self._ready = asyncio.Event()
        self._socket = socket.socket(
            socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        )
        self._socket.bind("\0" + self.address[1:])
        asyncio.get_running_loop().add_reader(self._socket, self._receive)

    def _receive(self) -> None:
        try:
            message = self._socket.recv(4096)
        except BlockingIOError:
            return
        if b"READY=1" in message.split(b"\n"):
            self._ready.set()

    async def wait(self) -> None:
        await self._ready.wait()

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()


class Child:
    """A running process, our own child or one that an earlier supervisor left."""

    def __init__(self, pid: int, process: subprocess.Popen[bytes] | None = None) -> None:
        self.pid = pid
        self._process = process
        self._gone = asyncio.Event()
        self._descriptor = os.pidfd_open(pid)
        asyncio.get_running_loop().add_reader(self._descriptor, self._ended)

    def _ended(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
        if self._process is not None:
            self._process.wait()  # it has ended: this only reaps it
        self._gone.set()

    async def wait(self) -> int | None:
        """Wait for the end; the exit code is known of our own children only."""
        await self._gone.wait()
        return self._process.returncode if self._process else None

    def is_gone(self) -> bool:
        return self._gone.is_set()

    def send(self, number: signal.Signals) -> None:
        if not self._gone.is_set():
            signal.pidfd_send_signal(self._descriptor, number)

    async def stop(
        self, number: signal.Signals = signal.SIGTERM, *, seconds: float = TERM_SECONDS
    ) -> None:
        """Ask it to end; kill it when it does not."""
        self.send(number)
        try:
            async with asyncio.timeout(seconds):
                await self.wait()
        except TimeoutError:
            self.send(signal.SIGKILL)
            await self.wait()

    def detach(self) -> None:
        """Stop watching, leave it running."""
        if not self._gone.is_set():
            asyncio.get_running_loop().remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._gone.set()


def start_child(launch: Launch, *, notify: str) -> Child:
    """Start it in its own session: a Ctrl-C on the terminal is for the supervisor alone."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("HOTLINE_")}
    env |= {"PYTHONUNBUFFERED": "1", **launch.env, "NOTIFY_SOCKET": notify}
    launch.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with launch.log.open("ab") as log:
        process = subprocess.Popen(
            launch.argv(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=env,
            cwd=launch.cwd,
            start_new_session=True,
        )
    return Child(process.pid, process)


def adopt_child(record: ProcessRecord) -> Child | None:
    """Watch a process that an earlier supervisor started, if it is still the same one."""
    try:
        child = Child(record.pid)
    except ProcessLookupError:
        return None
    if start_mark(record.pid) != record.start_mark:
        child.detach()
        return None
    return child


def python(*arguments: str) -> tuple[str, ...]:
    """The command of one of our own processes."""
    return (sys.executable, *arguments)
