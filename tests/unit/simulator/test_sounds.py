"""Any sound file reaches the telephone line in the form it carries."""

from pathlib import Path

import numpy as np
import soundfile

from simulator.carrier.sounds import telephone_sound


def test_a_file_that_fits_is_used_as_it_is(tmp_path: Path) -> None:
    source = tmp_path / "fits.wav"
    soundfile.write(source, np.zeros(800), 8000, subtype="PCM_16")
    assert telephone_sound(source, tmp_path / "cache") == source


def test_a_wide_stereo_file_is_brought_to_eight_kilohertz_once(tmp_path: Path) -> None:
    source, cache = tmp_path / "wide.flac", tmp_path / "cache"
    at = np.arange(16000) / 16000
    soundfile.write(source, np.stack([np.sin(2 * np.pi * 440 * at)] * 2, axis=1) * 0.3, 16000)
    made = telephone_sound(source, cache)
    samples, rate = soundfile.read(made)
    assert (rate, samples.ndim, len(samples)) == (8000, 1, 8000)
    assert abs(int(np.argmax(np.abs(np.fft.rfft(samples)))) - 440) <= 1
    before = made.stat().st_mtime_ns
    assert telephone_sound(source, cache) == made
    assert made.stat().st_mtime_ns == before
