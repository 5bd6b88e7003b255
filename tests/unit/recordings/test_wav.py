"""WAV headers are checked, and mended after a crash."""

import wave
from pathlib import Path

import pytest

from recordings.wav import WavBroken, check_wav, header


def make_wav(path: Path, seconds: float = 1.0) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(bytes(int(seconds * 16_000)))
    return path


def test_a_whole_file_is_left_as_it_is(tmp_path: Path) -> None:
    path = make_wav(tmp_path / "whole.wav", 1.5)
    before = path.read_bytes()
    found = check_wav(path)
    assert (found.seconds, found.repaired) == (1.5, False)
    assert path.read_bytes() == before


def test_a_header_cut_off_by_a_crash_gets_its_lengths(tmp_path: Path) -> None:
    path = make_wav(tmp_path / "cut.wav", 2.0)
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = bytes(4)
    path.write_bytes(bytes(content) + b"\x01")
    assert check_wav(path).repaired
    with wave.open(str(path)) as file:
        assert file.getnframes() == 16_000
    assert not check_wav(path).repaired


def test_a_recording_without_a_sample_has_no_length(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    path.write_bytes(header(8_000, 0))
    assert check_wav(path).seconds == 0


@pytest.mark.parametrize("content", [b"", b"RIFF", b"x" * 100])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "strange.wav"
    path.write_bytes(content)
    with pytest.raises(WavBroken):
        check_wav(path)
