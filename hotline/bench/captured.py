"""How many calls are recorded and tapped at once, both speakers, before frames come unevenly."""

import asyncio
from collections.abc import Sequence

from core.domain.events import CallAnswered, CallArrived, CallEnded, Event
from hotline.asterisk_config import hotline_folders
from hotline.bench.figures import Figure, at_most, not_measured, plain
from hotline.bench.frame_gaps import gap_p99, read_gaps
from hotline.bench.instance import FIRST_SEAT, Instance, fleet, go_ready
from simulator.carrier.network import Behaviour
from simulator.carrier.script import Play, Script, Stay
from simulator.watch import Watch

LEVELS = (10, 20, 30, 40)
DID = "12340"
TARGET_GAP_MS = 60
SETTLE_SECONDS, MEASURED_SECONDS = 2.0, 6.0
MOST = f"录音并取音的并发路数（帧间隔 p99 <= {TARGET_GAP_MS} ms）"


async def measure_captured(instance: Instance) -> list[Figure]:
    """More and more calls with music on both sides, until a level misses the target."""
    music = hotline_folders(instance.settings).home / "moh" / "hold.wav"
    script: Script = (Play(music), Play(music), Stay())
    figures: list[Figure] = []
    most = 0
    for seat in range(FIRST_SEAT, FIRST_SEAT + LEVELS[-1]):
        await instance.carrier.set_number(str(seat), Behaviour(script=script))
    async with fleet(instance, LEVELS[-1]) as desks, Watch(instance.bus) as watch:
        for level in LEVELS:
            for desk in desks:
                await go_ready(desk)
            callers = [f"1360000{level * 100 + n:04d}" for n in range(level)]
            p99 = await _level(instance, watch, callers, script)
            figures.append(_of_level(level, p99))
            if p99 is None or p99 > TARGET_GAP_MS:
                break
            most = level
    return [*figures, plain(MOST, most, "calls")]


def _of_level(level: int, p99: float | None) -> Figure:
    name = f"{level} 路录音并取音：帧间隔 p99"
    if p99 is None:
        return not_measured(name, "ms", target=f"<= {TARGET_GAP_MS}")
    return at_most(name, p99, "ms", limit=TARGET_GAP_MS)


async def _level(
    instance: Instance, watch: Watch, callers: Sequence[str], script: Script
) -> float | None:
    """The percentile while all of these calls stand. Raises TimeoutError."""
    tails = {caller[-4:] for caller in callers}

    def is_ours(event: Event) -> bool:
        ours = {e.call_id for e in watch.of(CallArrived, lambda e: e.caller_mask[-4:] in tails)}
        return getattr(event, "call_id", None) in ours

    citizens = [
        await instance.carrier.call(DID, caller_number=caller, script=script) for caller in callers
    ]
    await watch.until(CallAnswered, is_ours, count=len(callers))
    await asyncio.sleep(SETTLE_SECONDS)
    before = await read_gaps(instance.settings)
    await asyncio.sleep(MEASURED_SECONDS)
    after = await read_gaps(instance.settings)
    for citizen in citizens:
        await citizen.hangup()
    await watch.until(CallEnded, is_ours, count=len(callers))
    return gap_p99(before, after)
