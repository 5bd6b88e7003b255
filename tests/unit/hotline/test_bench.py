"""What the bench makes of its samples."""

import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.domain.events import CallArrived, UtteranceHeard
from core.events.memory_bus import MemoryBus
from hotline.bench.captions import caption_delays
from hotline.bench.figures import (
    NOT_MEASURED,
    at_least,
    at_most,
    bucket_percentile,
    not_measured,
    percentile,
    table,
    write,
)
from hotline.bench.frame_gaps import gap_p99, parse_gaps
from hotline.bench.menu_rate import plain_steps
from hotline.bench.pops import Pops
from hotline.bench.usage import Usage
from simulator.watch import Watch

ARRIVED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([30.0, 10.0, 20.0, 40.0], 0.5) == 20.0
    assert percentile(range(1, 101), 0.95) == 95
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_a_figure_at_its_limit_meets_it() -> None:
    assert at_most("a", 200.0, "ms", limit=200).ok
    assert not at_most("a", 200.1, "ms", limit=200).ok
    assert at_least("b", 0.7, "", limit=0.7).ok
    assert not at_least("b", 0.69, "", limit=0.7).ok


def test_what_was_not_measured_has_no_value_and_is_not_called_met(tmp_path: Path) -> None:
    figure = not_measured("c", "ms", target="<= 1")
    assert NOT_MEASURED in table([figure])
    write([figure], tmp_path / "build" / "bench.json")
    written = json.loads((tmp_path / "build" / "bench.json").read_text(encoding="utf-8"))
    assert written == [{"name": "c", "value": None, "unit": "ms", "target": "<= 1", "ok": None}]


def test_a_percentile_of_buckets_lies_inside_its_bucket() -> None:
    buckets = [(0.02, 90.0), (0.05, 98.0), (0.1, 100.0), (math.inf, 100.0)]
    assert bucket_percentile(buckets, 0.5) == pytest.approx(0.02 * 50 / 90)
    assert bucket_percentile(buckets, 0.99) == pytest.approx(0.075)
    assert bucket_percentile([(0.1, 0.0), (math.inf, 0.0)], 0.99) is None
    assert bucket_percentile([(0.1, 1.0), (math.inf, 100.0)], 0.99) == 0.1


def test_only_frames_between_two_readings_count() -> None:
    name = "hotline_frame_gap_seconds_bucket"
    before = parse_gaps(f'{name}{{le="0.05"}} 0.0\n{name}{{le="+Inf"}} 50.0\n')
    after = parse_gaps(f'{name}{{le="0.05"}} 100.0\n{name}{{le="+Inf"}} 150.0\n')
    assert gap_p99(before, after) == pytest.approx(49.5)
    assert gap_p99(after, after) is None


def test_a_caption_is_late_from_the_end_of_its_utterance() -> None:
    watch = Watch(MemoryBus())
    arrived = CallArrived("c1", "line-12345", "12345", "ch", "138****0001", 1, ARRIVED.isoformat())
    heard = UtteranceHeard("c1", "u1", "caller", 1000, 3000, "路灯不亮", 0.9)
    watch.seen = [(ARRIVED, arrived), (ARRIVED + timedelta(milliseconds=3700), heard)]
    assert caption_delays(watch) == {"caller": [700.0]}


def test_no_pop_at_all_is_not_a_fast_pop() -> None:
    assert [figure.value for figure in Pops(wanted=40, together=20).figures()] == [None]


def test_cpu_is_what_was_used_between_the_samples() -> None:
    usage = Usage()
    usage.take("ivr", 10.0, 5 * 2**20)
    usage.take("ivr", 12.5, 3 * 2**20)
    by_name = {figure.name: figure.value for figure in usage.figures()}
    assert (by_name["CPU ivr"], by_name["内存峰值 ivr"]) == (2.5, 5.0)
    assert by_name["CPU routing"] is None


def test_the_plain_dialplan_says_the_prompts_of_the_menu() -> None:
    steps = "\n".join(plain_steps("/spool/plain"))
    for prompt in ("greeting_12345", "recording_notice", "menu_main", "menu_complain"):
        assert f"${{PROMPTS}}/{prompt}" in steps
