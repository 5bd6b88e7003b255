"""Samples and their rates."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputRefused
from recordings.transcribe.audio import (
    AudioUnreadable,
    StreamRate,
    Upsampler,
    as_floats,
    as_pcm,
    read_file,
)


def tone(hertz: float, rate: int, seconds: float = 1.0) -> bytes:
    at = np.arange(int(rate * seconds)) / rate
    return as_pcm((0.5 * np.sin(2 * np.pi * hertz * at)).astype(np.float32))


def test_a_tone_keeps_its_pitch_and_strength_when_its_rate_is_doubled() -> None:
    doubled = as_floats(Upsampler().feed(tone(1_000, 8_000)))
    spectrum = np.abs(np.fft.rfft(doubled[2_000:14_000]))
    assert abs(np.argmax(spectrum) / 12_000 * 16_000 - 1_000) < 5
    assert 0.33 < np.sqrt(np.mean(doubled[2_000:14_000] ** 2)) < 0.37
    mirror = spectrum[int(7_000 / 16_000 * 12_000) - 20 : int(7_000 / 16_000 * 12_000) + 20]
    assert mirror.max() < spectrum.max() * 0.01


@given(st.lists(st.integers(1, 700), min_size=1, max_size=8))
def test_doubling_does_not_depend_on_how_the_audio_is_chopped(sizes: list[int]) -> None:
    audio = tone(440, 8_000, 0.2)
    chopped, upsampler, at = b"", Upsampler(), 0
    while at < len(audio):
        size = sizes[at % len(sizes)]
        chopped += upsampler.feed(audio[at : at + size])
        at += size
    whole = as_floats(Upsampler().feed(audio))
    assert np.abs(as_floats(chopped) - whole).max() < 1e-3


def test_sixteen_kilohertz_pass_untouched_and_other_rates_are_refused() -> None:
    audio = tone(440, 16_000, 0.1)
    assert StreamRate(16_000).feed(audio) == audio
    with pytest.raises(InputRefused):
        StreamRate(44_100)


def test_a_file_that_is_no_audio_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "note.wav"
    path.write_text("this is not audio")
    with pytest.raises(AudioUnreadable) as refused:
        read_file(path)
    assert "录音" in refused.value.message
