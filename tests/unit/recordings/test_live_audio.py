"""Listening to a call that is still running: what is on the disk can be heard, cut to the word."""

import os
import struct
from pathlib import Path

from recordings.live_audio import SpoolAudio
from recordings.wav import header

CALL = "01234567-89ab-7cde-8f01-23456789abcd"
NOW = 1_800_000_000.0


def grow(folder: Path, part: str, *, seconds: int, ended_at: float = NOW) -> None:
    """A file as Asterisk leaves it in mid-call: each second has its own sample value."""
    samples = b"".join(struct.pack("<h", 100 + n) * 8_000 for n in range(seconds))
    path = folder / f"{CALL}-{part}.wav"
    path.write_bytes(header(8_000, 0) + samples)
    os.utime(path, (ended_at, ended_at))


def seconds_in(clip: bytes | None) -> list[int]:
    assert clip is not None
    values = struct.unpack(f"<{(len(clip) - 44) // 2}h", clip[44:])
    return list(dict.fromkeys(value - 100 for value in values))


async def test_the_seconds_asked_for_are_cut_out(tmp_path: Path) -> None:
    grow(tmp_path, "caller", seconds=10)
    clip = await SpoolAudio(tmp_path).clip(CALL, "caller", from_ms=3_000, to_ms=5_000)
    assert seconds_in(clip) == [3, 4]
    assert clip is not None
    assert int.from_bytes(clip[40:44], "little") == len(clip) - 44


async def test_what_is_not_recorded_yet_is_left_out(tmp_path: Path) -> None:
    grow(tmp_path, "caller", seconds=4)
    audio = SpoolAudio(tmp_path)
    assert seconds_in(await audio.clip(CALL, "caller", from_ms=3_000, to_ms=9_000)) == [3]
    assert await audio.clip(CALL, "caller", from_ms=5_000, to_ms=9_000) is None


async def test_an_agents_file_began_later_than_the_callers(tmp_path: Path) -> None:
    grow(tmp_path, "caller", seconds=10)
    grow(tmp_path, "agent-1", seconds=6)
    clip = await SpoolAudio(tmp_path).clip(CALL, "agent", from_ms=6_000, to_ms=8_000)
    assert seconds_in(clip) == [2, 3]


async def test_nothing_else_in_the_folder_can_be_reached(tmp_path: Path) -> None:
    grow(tmp_path, "caller", seconds=2)
    audio = SpoolAudio(tmp_path)
    for call, speaker in ((CALL, "mix"), ("../" + CALL, "caller"), ("*" * 36, "caller")):
        assert await audio.clip(call, speaker, from_ms=0, to_ms=1_000) is None
    other = CALL.replace("0", "f")
    assert await audio.clip(other, "caller", from_ms=0, to_ms=1_000) is None
