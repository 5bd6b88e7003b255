"""CPU time and memory of each process of the instance while it is measured."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psutil

from core.errors import Unavailable
from hotline.bench.figures import Figure, not_measured, plain
from hotline.processes import ALL
from hotline.supervisor import Stack

SAMPLE_SECONDS = 1.0
_MEBIBYTE = 1024 * 1024


@dataclass
class Usage:
    """CPU seconds at the first and at the last sample, the highest resident memory in bytes."""

    first: dict[str, float] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)
    highest: dict[str, int] = field(default_factory=dict)

    def take(self, name: str, cpu: float, memory: int) -> None:
        """Take one sample. A restarted process counts from nought and only lowers its sum."""
        self.first.setdefault(name, cpu)
        self.last[name] = cpu
        self.highest[name] = max(memory, self.highest.get(name, 0))

    def figures(self) -> list[Figure]:
        """Two figures a process; what never was seen is listed as not measured."""
        return [figure for name in ALL for figure in self._of(name)]

    def _of(self, name: str) -> list[Figure]:
        cpu, memory = f"CPU {name}", f"内存峰值 {name}"
        if name not in self.last:
            return [not_measured(cpu, "s"), not_measured(memory, "MiB")]
        return [
            plain(cpu, self.last[name] - self.first[name], "s"),
            plain(memory, self.highest[name] / _MEBIBYTE, "MiB"),
        ]


@asynccontextmanager
async def observed(stack: Stack) -> AsyncIterator[Usage]:
    """Samples every process of the stack while the context is open."""
    usage = Usage()
    sampler = asyncio.get_running_loop().create_task(_sample_for_ever(stack, usage), name="usage")
    try:
        yield usage
    finally:
        sampler.cancel()
        await asyncio.gather(sampler, return_exceptions=True)
        _sample(stack, usage)


async def _sample_for_ever(stack: Stack, usage: Usage) -> None:
    while True:
        _sample(stack, usage)
        await asyncio.sleep(SAMPLE_SECONDS)


def _sample(stack: Stack, usage: Usage) -> None:
    for name in ALL:
        try:
            usage.take(name, *tree(stack.pid(name)))
        except (Unavailable, psutil.NoSuchProcess):
            continue  # it is being restarted


def tree(pid: int) -> tuple[float, int]:
    """CPU seconds and resident bytes of a process with all below it. Raises NoSuchProcess.

    PostgreSQL's shared pages count once for each of its processes: its memory reads too high.
    """
    root = psutil.Process(pid)
    cpu, memory = 0.0, 0
    for process in (root, *root.children(recursive=True)):
        try:
            times, resident = process.cpu_times(), process.memory_info().rss
        except psutil.NoSuchProcess:
            if process is root:
                raise
            continue
        cpu += times.user + times.system + times.children_user + times.children_system
        memory += resident
    return cpu, memory
