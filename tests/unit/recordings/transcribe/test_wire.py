"""What parent and worker say survives the pipe."""

from io import BytesIO

import pytest

from recordings.transcribe.engine import Final, Partial, StreamSpec, Word
from recordings.transcribe.whisper_engine import Decoded
from recordings.transcribe.wire import (
    DecodeJob,
    Frame,
    FrameBroken,
    Kind,
    decoded_frame,
    decoded_from,
    event_frame,
    event_from,
    read_frame,
    read_head,
    spec_frame,
    spec_from,
)

WORD = Word("路灯", 120, 480, 0.75)


def through_the_pipe(frame: Frame) -> Frame:
    received = read_frame(BytesIO(frame.as_bytes()).read)
    assert received is not None
    return received


def test_a_job_survives_the_pipe() -> None:
    job = DecodeJob(b"\x01\x02" * 500, "zh", "涉及人民路", 900)
    assert DecodeJob.from_frame(through_the_pipe(job.as_frame(7))) == job


def test_a_result_survives_the_pipe() -> None:
    decoded = Decoded("路灯坏了", 0.8, (WORD,), 0.01, 2)
    assert decoded_from(through_the_pipe(decoded_frame(7, decoded))) == decoded


def test_a_stream_survives_the_pipe() -> None:
    spec = StreamSpec("call", "caller", 8_000, "zh", ("人民路",), 1_500)
    assert spec_from(through_the_pipe(spec_frame(3, spec))) == spec


@pytest.mark.parametrize(
    "event",
    [Partial("路灯", 0, 900), Final("路灯坏了", 100, 900, 0.8, (WORD,), "vosk")],
)
def test_an_event_survives_the_pipe(event: Partial | Final) -> None:
    assert event_from(through_the_pipe(event_frame(3, event, settled_ms=42))) == (event, 42)


def test_a_pipe_that_ends_inside_a_frame_is_at_its_end() -> None:
    whole = Frame(Kind.PCM, 1, b"abcdef").as_bytes()
    assert read_frame(BytesIO(whole[:-1]).read) is None
    assert read_frame(BytesIO(b"").read) is None


def test_a_head_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(FrameBroken):
        read_head(b"\xff" * 9)
