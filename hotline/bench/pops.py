"""How long after a call comes in a desk shows it: many desks, many calls at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.clock import SystemClock
from core.domain.events import CallAnswered, CallArrived, CallEnded, CallQueued
from hotline.bench.figures import Figure, at_least, at_most, not_measured, percentile, plain
from hotline.bench.frame_gaps import gap_p99, read_gaps
from hotline.bench.instance import Instance, fleet
from simulator.carrier.network import PhoneCall
from simulator.desk import SocketDesk
from simulator.watch import Watch

DESKS, CALLS, ROUNDS = 50, 20, 2
DID = "12340"
TARGET_MS, TARGET_GAP_MS = 200, 60
HOLD_SECONDS = 5.0
GAP_NAME = f"{CALLS} 路录音并听写：帧间隔 p99"


@dataclass
class Pops:
    """Milliseconds from three instants to the desk's pop, one of each for every call."""

    dialled: list[float] = field(default_factory=list)
    arrived: list[float] = field(default_factory=list)
    queued: list[float] = field(default_factory=list)

    def figures(self) -> list[Figure]:
        """The target holds for the longest way, from the order to dial."""
        name = f"弹屏（{DESKS} 台，{CALLS} 路同时）"
        if not self.dialled:
            return [not_measured(f"{name} 拨号起 p95", "ms", target=f"<= {TARGET_MS}")]
        return [
            plain(f"{name} 排队起 p50", percentile(self.queued, 0.5), "ms"),
            plain(f"{name} 排队起 p95", percentile(self.queued, 0.95), "ms"),
            plain(f"{name} 来电起 p50", percentile(self.arrived, 0.5), "ms"),
            at_most(f"{name} 来电起 p95", percentile(self.arrived, 0.95), "ms", limit=TARGET_MS),
            plain(f"{name} 拨号起 p50", percentile(self.dialled, 0.5), "ms"),
            at_most(f"{name} 拨号起 p95", percentile(self.dialled, 0.95), "ms", limit=TARGET_MS),
            at_least("弹屏的来电", len(self.dialled), "calls", limit=CALLS * ROUNDS),
        ]


async def measure_pops(instance: Instance) -> list[Figure]:
    """Rounds of calls at once to a line that queues at once; every call is answered."""
    pops = Pops()
    async with fleet(instance, DESKS) as desks, Watch(instance.bus) as watch:
        before = await read_gaps(instance.settings)
        for number in range(ROUNDS):
            await _burst(instance, watch, desks, pops, number=number)
        p99 = gap_p99(before, await read_gaps(instance.settings))
    if p99 is None:
        return [*pops.figures(), not_measured(GAP_NAME, "ms", target=f"<= {TARGET_GAP_MS}")]
    return [*pops.figures(), at_most(GAP_NAME, p99, "ms", limit=TARGET_GAP_MS)]


async def _burst(
    instance: Instance, watch: Watch, desks: Sequence[SocketDesk], pops: Pops, *, number: int
) -> None:
    clock = SystemClock()
    dialled: dict[str, datetime] = {}

    async def phone(caller: str) -> PhoneCall:
        dialled[caller[-4:]] = clock.now()
        return await instance.carrier.call(DID, caller_number=caller)

    callers = [f"1380000{number * CALLS + n:04d}" for n in range(CALLS)]
    citizens = await asyncio.gather(*(phone(caller) for caller in callers))
    so_far = CALLS * (number + 1)
    await watch.until(CallAnswered, count=so_far)
    await asyncio.sleep(HOLD_SECONDS)  # the calls are recorded and heard meanwhile
    for citizen in citizens:
        await citizen.hangup()
    await watch.until(CallEnded, count=so_far)
    _count(watch, desks, dialled, pops)


def _count(
    watch: Watch, desks: Sequence[SocketDesk], dialled: dict[str, datetime], pops: Pops
) -> None:
    seen: dict[str, datetime] = {}
    for desk in desks:
        for call_id, at in desk.pops.items():
            seen[call_id] = min(at, seen.get(call_id, at))
    queued = {event.call_id: event.at for event in watch.of(CallQueued)}
    for call in watch.of(CallArrived, lambda event: event.caller_mask[-4:] in dialled):
        pop = seen.get(call.call_id)
        if pop is None:
            continue  # too few pops are a figure of their own
        pops.dialled.append(_ms(dialled[call.caller_mask[-4:]], pop))
        pops.arrived.append(_ms(datetime.fromisoformat(call.at), pop))
        pops.queued.append(_ms(datetime.fromisoformat(queued[call.call_id]), pop))


def _ms(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() * 1000
