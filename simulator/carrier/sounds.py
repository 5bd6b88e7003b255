"""Brings any sound file into the form a telephone line carries: 8 kHz, one channel, 16 bit."""

import hashlib
from math import gcd
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

RATE = 8000


def telephone_sound(source: Path, cache: Path) -> Path:
    """The file itself when it already fits, else a converted copy in the cache folder."""
    info = soundfile.info(str(source))
    fits = (info.samplerate, info.channels, info.subtype) == (RATE, 1, "PCM_16")
    if fits and info.format == "WAV" and source.suffix == ".wav":
        return source
    facts = f"{source.resolve()}:{source.stat().st_mtime_ns}:{source.stat().st_size}"
    target = cache / f"{source.stem}-{hashlib.sha256(facts.encode()).hexdigest()[:12]}.wav"
    if not target.is_file():
        _convert(source, target)
    return target


def _convert(source: Path, target: Path) -> None:
    samples, rate = soundfile.read(str(source), dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    step = gcd(RATE, rate)
    if rate != RATE:
        mono = resample_poly(mono, RATE // step, rate // step)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_suffix(".new.wav")
    soundfile.write(str(beside), np.clip(mono, -1.0, 1.0), RATE, subtype="PCM_16")
    beside.replace(target)
