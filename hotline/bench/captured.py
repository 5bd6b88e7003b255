"""How many calls stand at once before frames come unevenly: recorded and tapped, or recorded alone.

Both sides bridge a citizen with a seat, record every direction and let music flow both ways, so
that frames flow and no recogniser works. Ours is the hotline's whole way with a tap on each
speaker. The other side is Asterisk's own dialplan with MixMonitor; one real, tapped call among
them is the probe that measures.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from core.asterisk.ami import Ami
from core.domain.events import CallAnswered, CallArrived, CallEnded, Event
from hotline.asterisk_config import hotline_folders
from hotline.bench.figures import Figure, at_least, at_most, not_measured, plain
from hotline.bench.frame_gaps import gap_p99, read_gaps
from hotline.bench.instance import FIRST_SEAT, Instance, fleet, go_ready
from hotline.bench.plain_dialplan import add_number, manager_of, recorder
from simulator.carrier.network import Behaviour, PhoneCall
from simulator.carrier.script import Play, Script, Stay
from simulator.desk import SocketDesk
from simulator.watch import Watch

LEVELS = (10, 20, 30, 40, 50, 60)
DID, ALONE_PREFIX, ALONE_LEG = "12340", "998", "bench-leg"
TARGET_GAP_MS, TARGET_SHARE = 60, 0.7
SETTLE_SECONDS, MEASURED_SECONDS = 2.0, 6.0
MOST = f"录音并取音的并发路数（帧间隔 p99 <= {TARGET_GAP_MS} ms）"
MOST_ALONE = "单用 MixMonitor 录音的并发路数（同一标准）"
SHARE = "录音并取音的并发路数与单用 MixMonitor 之比"
Level = Callable[[int], Awaitable[float | None]]


async def measure_captured(instance: Instance) -> list[Figure]:
    """Climb the levels on each side until one misses the target."""
    music = hotline_folders(instance.settings).home / "moh" / "hold.wav"
    script: Script = (Play(music), Play(music), Stay())
    for seat in range(FIRST_SEAT, FIRST_SEAT + LEVELS[-1]):
        await instance.carrier.set_number(str(seat), Behaviour(script=script))
    async with (
        fleet(instance, LEVELS[-1]) as desks,
        Watch(instance.bus) as watch,
        manager_of(instance) as manager,
    ):
        await _add_recorded_bridges(manager, str(instance.settings.spool_dir / "alone"))
        stage = _Stage(instance, watch, desks, script)
        most, ours = await _climb("录音并取音", stage.tapped)
        most_alone, theirs = await _climb("单用 MixMonitor", stage.alone)
    return [*ours, plain(MOST, most, "calls"), *theirs, plain(MOST_ALONE, most_alone, "calls"),
            _share(most, most_alone)]  # fmt: skip


def alone_steps(file: str) -> tuple[str, ...]:
    """A recorded call to the seat whose number is dialled behind the prefix."""
    seat = f"${{EXTEN:{len(ALONE_PREFIX)}}}"
    return (
        "Answer()",
        recorder(f"{file}-${{UNIQUEID}}"),
        f"Dial(PJSIP/{seat}@carrier,20,U({ALONE_LEG}))",
    )


async def _add_recorded_bridges(manager: Ami, file: str) -> None:
    await add_number(manager, f"_{ALONE_PREFIX}XXXX", alone_steps(file))
    agent = f"{file}-${{UNIQUEID}}-agent.wav"
    await add_number(manager, "s", (f"MixMonitor(,r({agent}))", "Return()"), context=ALONE_LEG)


async def _climb(name: str, level: Level) -> tuple[int, list[Figure]]:
    figures: list[Figure] = []
    most = 0
    for count in LEVELS:
        p99 = await level(count)
        figures.append(_of_level(f"{count} 路{name}：帧间隔 p99", p99))
        if p99 is None or p99 > TARGET_GAP_MS:
            break
        most = count
    return most, figures


def _of_level(name: str, p99: float | None) -> Figure:
    if p99 is None:
        return not_measured(name, "ms", target=f"<= {TARGET_GAP_MS}")
    return at_most(name, p99, "ms", limit=TARGET_GAP_MS)


def _share(most: int, most_alone: int) -> Figure:
    """Where even the lowest level was too much for Asterisk alone, there is nothing to compare."""
    if not most_alone:
        return not_measured(SHARE, "", target=f">= {TARGET_SHARE}")
    return at_least(SHARE, most / most_alone, "", limit=TARGET_SHARE)


@dataclass(frozen=True, slots=True)
class _Stage:
    instance: Instance
    watch: Watch
    desks: Sequence[SocketDesk]
    script: Script

    async def tapped(self, count: int) -> float | None:
        """The percentile over all frames while so many tapped calls stand. Raises TimeoutError."""
        return await self._with_tapped([f"1360000{count * 100 + n:04d}" for n in range(count)])

    async def alone(self, count: int) -> float | None:
        """The percentile over the probe's frames beside so many calls less one."""
        seats = [FIRST_SEAT + number for number in range(1, count)]
        others = [await self._phone(f"{ALONE_PREFIX}{seat}", f"1350000{seat}") for seat in seats]
        try:
            for other in others:
                await other.answered()
            return await self._with_tapped([f"1340000{count:04d}"])
        finally:
            await _hang_up(others)

    async def _with_tapped(self, callers: Sequence[str]) -> float | None:
        """Tapped calls of these callers; calls are known by the last digits of their numbers."""
        for desk in self.desks[: len(callers)]:
            await go_ready(desk)
        tails = {caller[-4:] for caller in callers}

        def is_ours(event: Event) -> bool:
            arrived = self.watch.of(CallArrived, lambda e: e.caller_mask[-4:] in tails)
            return getattr(event, "call_id", None) in {e.call_id for e in arrived}

        citizens = [await self._phone(DID, caller) for caller in callers]
        await self.watch.until(CallAnswered, is_ours, count=len(callers))
        p99 = await self._measure()
        await _hang_up(citizens)
        await self.watch.until(CallEnded, is_ours, count=len(callers))
        return p99

    async def _phone(self, number: str, caller: str) -> PhoneCall:
        return await self.instance.carrier.call(number, caller_number=caller, script=self.script)

    async def _measure(self) -> float | None:
        await asyncio.sleep(SETTLE_SECONDS)
        before = await read_gaps(self.instance.settings)
        await asyncio.sleep(MEASURED_SECONDS)
        return gap_p99(before, await read_gaps(self.instance.settings))


async def _hang_up(calls: Sequence[PhoneCall]) -> None:
    for call in calls:
        await call.hangup()
    for call in calls:
        await call.ended()
