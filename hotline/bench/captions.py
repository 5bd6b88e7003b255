"""How long after the end of an utterance its caption is there, and the draft after the last."""

from datetime import datetime, timedelta

from core.domain.events import CallArrived, UtteranceHeard
from hotline.bench.figures import Figure, at_most, not_measured, percentile, plain
from hotline.bench.instance import Instance, go_ready
from simulator.scenes import scene
from simulator.story import Cast, Stage, play
from simulator.watch import Watch

ACCOUNT, SEAT, SCENE = "auto01", "3001", "street_lamp"
DRAFT_TARGET_MS = 1000


async def measure_captions(instance: Instance) -> list[Figure]:
    """One spoken call from the ring to the case, both sides with their voices."""
    lamp = scene(SCENE)
    async with await instance.desk(ACCOUNT) as desk, Watch(instance.bus) as watch:
        await go_ready(desk)
        stage = Stage(
            carrier=instance.carrier,
            watch=watch,
            database=instance.database,
            desk=desk,
            seat=SEAT,
        )
        outcome = await play(stage, Cast(scene=lamp, caller_number=lamp.truth["phone"]))
        delays = caption_delays(watch)
        await desk.order("sign_out")  # the next measure has agents of its own
    return [*_caption_figures(delays), _draft_figure(outcome.draft_ms)]


def caption_delays(watch: Watch) -> dict[str, list[float]]:
    """Milliseconds by speaker; an utterance's times count from the start of the call."""
    starts = {event.call_id: event.at for event in watch.of(CallArrived)}
    delays: dict[str, list[float]] = {}
    for at, event in watch.seen:
        if isinstance(event, UtteranceHeard) and event.call_id in starts:
            start = datetime.fromisoformat(starts[event.call_id])
            late = at - start - timedelta(milliseconds=event.end_ms)
            delays.setdefault(event.speaker, []).append(late.total_seconds() * 1000)
    return delays


def _caption_figures(delays: dict[str, list[float]]) -> list[Figure]:
    together = [delay for some in delays.values() for delay in some]
    if not together:
        return [not_measured("字幕延迟（说完起） p50", "ms")]
    figures = [
        plain("字幕延迟（说完起） p50", percentile(together, 0.5), "ms"),
        plain("字幕延迟（说完起） p95", percentile(together, 0.95), "ms"),
    ]
    for speaker, some in sorted(delays.items()):
        figures.append(plain(f"字幕延迟 {speaker} p50", percentile(some, 0.5), "ms"))
        figures.append(plain(f"字幕条数 {speaker}", len(some), "captions"))
    return figures


def _draft_figure(milliseconds: int | None) -> Figure:
    name = "草稿（来电人说完起）"
    if milliseconds is None:
        return not_measured(name, "ms", target=f"<= {DRAFT_TARGET_MS}")
    return at_most(name, milliseconds, "ms", limit=DRAFT_TARGET_MS)
