"""Calls a second through menu and queue, against the same prompts in a dialplan without us."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from core.clock import SystemClock
from core.domain.events import CallQueued
from hotline.bench.figures import Figure, at_least, plain
from hotline.bench.instance import Instance
from hotline.bench.plain_dialplan import add_number, manager_of, recorder
from hotline.bench.usage import tree
from simulator.carrier.network import PhoneCall
from simulator.carrier.script import Pause, Press, Stay, Step
from simulator.watch import Watch

CALLS, ROUNDS = 40, 2
TARGET_SHARE = 0.7
ON_THE_WAY = ("asterisk", "ivr", "routing", "postgres", "redis")
MENU_DID, PLAIN_DID = "12345", "99812345"
REACHED = "BenchReachedQueue"
PATIENCE_SECONDS = 30.0
#: Complaint, then city management: the same keys at the same instants on both sides.
KEYS: tuple[Step, ...] = (Pause(1.5), Press("2"), Pause(1.5), Press("1"), Stay())
Reached = Callable[[int], Awaitable[object]]


@dataclass
class PlainQueue:
    """Counts what the plain dialplan tells over the manager interface."""

    count: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _told: set[asyncio.Task[None]] = field(default_factory=set)

    def take(self, event: dict[str, str] | None) -> None:
        """Take one event of the manager interface."""
        if event is not None and event.get("UserEvent") == REACHED:
            told = asyncio.get_running_loop().create_task(self._add(), name="plain-queue")
            self._told.add(told)
            told.add_done_callback(self._told.discard)

    async def reached(self, count: int) -> None:
        """Wait until so many calls are there. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(lambda: self.count >= count)

    async def _add(self) -> None:
        async with self._changed:
            self.count += 1
            self._changed.notify_all()


@dataclass
class Side:
    """What the bursts of one side took: seconds on the clock, CPU seconds of the hotline."""

    did: str
    reached: Reached
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        return CALLS * ROUNDS / self.seconds

    @property
    def cpu_ms_a_call(self) -> float:
        return self.cpu / (CALLS * ROUNDS) * 1000


async def measure_menu_rate(instance: Instance) -> list[Figure]:
    """Bursts of calls, the two sides in turn; the seconds until the last of a burst waits."""
    settings, plain_queue = instance.settings, PlainQueue()
    async with manager_of(instance, plain_queue.take) as manager, Watch(instance.bus) as watch:

        async def queued(count: int) -> object:
            return await watch.until(CallQueued, count=count, seconds=PATIENCE_SECONDS)

        await add_number(manager, PLAIN_DID, plain_steps(str(settings.spool_dir / "plain")))
        theirs, ours = Side(PLAIN_DID, plain_queue.reached), Side(MENU_DID, queued)
        for number in range(1, ROUNDS + 1):
            await _burst(instance, theirs, number * CALLS)
            await _burst(instance, ours, number * CALLS)
    return [
        plain("菜单到排队", ours.rate, "calls/s"),
        plain("同样提示音的纯拨号方案", theirs.rate, "calls/s"),
        at_least("两者之比", ours.rate / theirs.rate, "", limit=TARGET_SHARE),
        plain("菜单到排队 每通 CPU", ours.cpu_ms_a_call, "ms"),
        plain("纯拨号方案 每通 CPU", theirs.cpu_ms_a_call, "ms"),
    ]


def plain_steps(file: str) -> tuple[str, ...]:
    """Applications in order; greeting and menus end with a key as ours do."""
    who = f"{file}-${{UNIQUEID}}"
    greeting = "&".join(
        f"${{PROMPTS}}/{name}" for name in ("greeting_12345", "recording_notice", "menu_main")
    )
    return (
        "Answer()",
        recorder(who),
        f"Read(KEY,{greeting},1,,1,6)",
        "Read(KEY,${PROMPTS}/menu_complain,1,,1,6)",
        f"UserEvent({REACHED})",
        "MusicOnHold()",
    )


async def _burst(instance: Instance, side: Side, so_far: int) -> None:
    clock, cpu = SystemClock(), _cpu(instance)
    callers = [f"1390000{so_far - n:04d}" for n in range(CALLS)]
    start = clock.monotonic()

    async def phone(caller: str) -> PhoneCall:
        return await instance.carrier.call(side.did, caller_number=caller, script=KEYS)

    citizens = await asyncio.gather(*(phone(caller) for caller in callers))
    try:
        await side.reached(so_far)
        side.seconds += clock.monotonic() - start
        side.cpu += _cpu(instance) - cpu
    finally:
        for citizen in citizens:
            await citizen.hangup()
        await asyncio.gather(*(citizen.ended() for citizen in citizens))


def _cpu(instance: Instance) -> float:
    """CPU seconds so far of everything on a call's way to the queue."""
    return sum(tree(instance.stack.pid(name))[0] for name in ON_THE_WAY)
