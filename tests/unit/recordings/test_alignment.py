"""Where files and live frames lie on the call's clock."""

from recordings.alignment import Extent, StreamClock, offset_ms

RATE = 16_000
FRAME = 320


def test_a_file_that_began_later_lies_later() -> None:
    caller, agent = Extent(60.0, 1_060.0), Extent(45.0, 1_058.5)
    assert offset_ms(agent, caller) == 13_500
    assert offset_ms(caller, caller) == 0


def test_a_file_never_lies_before_the_call() -> None:
    assert offset_ms(Extent(61.0, 1_060.0), Extent(60.0, 1_060.0)) == 0


def listen(clock: StreamClock, arrivals: list[float]) -> int:
    return sum(clock.heard(FRAME, at) for at in arrivals)


def test_a_steady_stream_gets_no_silence() -> None:
    assert listen(StreamClock(rate=RATE), [n * 0.02 for n in range(500)]) == 0


def test_frames_that_came_late_in_a_burst_get_no_silence() -> None:
    steady = [n * 0.02 for n in range(100)]
    burst = [4.0 + n * 0.0001 for n in range(100)]
    after = [4.02 + n * 0.02 for n in range(300)]
    assert listen(StreamClock(rate=RATE), steady + burst + after) == 0


def test_frames_that_never_came_are_made_up_with_silence() -> None:
    before = [n * 0.02 for n in range(200)]
    after = [9.0 + n * 0.02 for n in range(300)]
    silence = listen(StreamClock(rate=RATE), before + after)
    assert abs(silence / RATE - 5.0) < 0.1
