"""How long after a call comes in a desk shows it: many desks, many calls at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.clock import Clock, SystemClock
from core.domain.events import CallAnswered, CallArrived, CallEnded, CallQueued
from hotline.bench.figures import Figure, at_least, at_most, not_measured, percentile, plain
from hotline.bench.instance import Instance, fleet
from simulator.carrier.network import PhoneCall
from simulator.desk import SocketDesk
from simulator.watch import Watch

DESKS, CALLS, ROUNDS, SINGLES = 50, 20, 2, 3
DID = "12340"
TARGET_MS = 200
HOLD_SECONDS = 2.0


@dataclass
class Pops:
    """Milliseconds from three instants to the desk's pop, one of each for every call.

    wanted: how many calls should have popped; together: how many at once.
    """

    wanted: int
    together: int
    dialled: list[float] = field(default_factory=list)
    arrived: list[float] = field(default_factory=list)
    queued: list[float] = field(default_factory=list)

    def figures(self) -> list[Figure]:
        """The target holds for the longest way, from the order to dial."""
        name = f"弹屏（{DESKS} 台，{self.together} 路同时）"
        if not self.dialled:
            return [not_measured(f"{name} 拨号起 p95", "ms", target=f"<= {TARGET_MS}")]
        if self.together == 1:
            return [plain(f"{name} 拨号起 p50", percentile(self.dialled, 0.5), "ms")]
        return [
            plain(f"{name} 排队起 p50", percentile(self.queued, 0.5), "ms"),
            plain(f"{name} 排队起 p95", percentile(self.queued, 0.95), "ms"),
            plain(f"{name} 来电起 p50", percentile(self.arrived, 0.5), "ms"),
            at_most(f"{name} 来电起 p95", percentile(self.arrived, 0.95), "ms", limit=TARGET_MS),
            plain(f"{name} 拨号起 p50", percentile(self.dialled, 0.5), "ms"),
            at_most(f"{name} 拨号起 p95", percentile(self.dialled, 0.95), "ms", limit=TARGET_MS),
            at_least(f"{name} 有弹屏的来电", len(self.dialled), "calls", limit=self.wanted),
        ]


async def measure_pops(instance: Instance) -> list[Figure]:
    """A few calls one by one, then rounds of calls at once; every call is answered."""
    alone, together = Pops(wanted=SINGLES, together=1), Pops(wanted=CALLS * ROUNDS, together=CALLS)
    async with fleet(instance, DESKS) as desks, Watch(instance.bus) as watch:
        for number in range(SINGLES):
            burst = Burst(instance, watch, desks, alone)
            await burst.run([f"1370000{number:04d}"], hold=0.0)
        for number in range(ROUNDS):
            burst = Burst(instance, watch, desks, together)
            callers = [f"1380000{1000 + number * CALLS + n}" for n in range(CALLS)]
            await burst.run(callers, hold=HOLD_SECONDS)
    return [*alone.figures(), *together.figures()]


@dataclass
class Burst:
    """Some calls at once: dial, wait for the answers, keep the line, hang up, count."""

    instance: Instance
    watch: Watch
    desks: Sequence[SocketDesk]
    pops: Pops
    clock: Clock = field(default_factory=SystemClock)
    dialled: dict[str, datetime] = field(default_factory=dict)

    async def run(self, callers: Sequence[str], *, hold: float) -> None:
        """Every caller's last four digits are his own in the whole run. Raises TimeoutError."""
        citizens = await asyncio.gather(*(self._phone(caller) for caller in callers))
        await self._until(CallAnswered, len(callers))
        await asyncio.sleep(hold)
        for citizen in citizens:
            await citizen.hangup()
        await self._until(CallEnded, len(callers))
        _count(self.watch, self.desks, self.dialled, self.pops)

    async def _phone(self, caller: str) -> PhoneCall:
        self.dialled[caller[-4:]] = self.clock.now()
        return await self.instance.carrier.call(DID, caller_number=caller)

    async def _until(self, kind: type[CallAnswered | CallEnded], count: int) -> None:
        await self.watch.until(kind, lambda e: e.call_id in self._own(), count=count)

    def _own(self) -> set[str]:
        arrived = self.watch.of(CallArrived, lambda e: e.caller_mask[-4:] in self.dialled)
        return {event.call_id for event in arrived}


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
