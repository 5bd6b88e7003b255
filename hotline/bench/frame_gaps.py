"""Reads from the recorder's own numbers how evenly audio frames reach it."""

import math
import re

import aiohttp

from core.config import Settings
from hotline.bench.figures import bucket_percentile

_BUCKET = re.compile(r'^hotline_frame_gap_seconds_bucket\{le="([^"]+)"\} (\S+)$', re.MULTILINE)
Gaps = dict[float, float]


async def read_gaps(settings: Settings) -> Gaps:
    """Cumulative counts by upper edge in seconds."""
    address = f"http://{settings.host}:{settings.port('metrics_recordings')}/metrics"
    async with aiohttp.ClientSession() as http, http.get(address) as answer:
        return parse_gaps(await answer.text())


def parse_gaps(text: str) -> Gaps:
    """The buckets out of a Prometheus page."""
    return {_edge(edge): float(count) for edge, count in _BUCKET.findall(text)}


def gap_p99(before: Gaps, after: Gaps) -> float | None:
    """In milliseconds, of the frames between two readings; None without any."""
    buckets = [(edge, count - before.get(edge, 0.0)) for edge, count in sorted(after.items())]
    seconds = bucket_percentile(buckets, 0.99)
    return None if seconds is None else seconds * 1000


def _edge(text: str) -> float:
    return math.inf if text == "+Inf" else float(text)
