"""Speech as it goes on the telephone: trimmed, of one loudness, 8 kHz, 16 bit."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from scipy.signal import resample_poly

Samples = npt.NDArray[np.float32]

PHONE_RATE = 8_000
_FRAME_SECONDS = 0.02
_SPEECH_LEVEL = 10 ** (-20 / 20)  # of the loud parts, below full scale
_PEAK = 0.89
_THRESHOLD = 0.012  # of the loudest sample
_LEAD_SECONDS = 0.04
_TAIL_SECONDS = 0.08
_FADE_SECONDS = 0.01


def for_the_phone(samples: Samples, rate: int) -> Samples:
    """Trim, resample to 8 kHz and bring the speech to one loudness."""
    trimmed = trim(samples, rate)
    narrow = resample_poly(trimmed, PHONE_RATE, rate).astype(np.float32)
    return level(fade(narrow, PHONE_RATE), PHONE_RATE)


def trim(samples: Samples, rate: int) -> Samples:
    """Cut the silence around the speech, leaving a breath before and after."""
    loud = np.flatnonzero(np.abs(samples) > _THRESHOLD * max(1e-6, float(np.abs(samples).max())))
    if not loud.size:
        return samples
    start = max(0, int(loud[0]) - int(_LEAD_SECONDS * rate))
    end = min(len(samples), int(loud[-1]) + int(_TAIL_SECONDS * rate))
    return samples[start:end]


def level(samples: Samples, rate: int) -> Samples:
    """Same loudness for all: the mean power of the frames that hold speech, never clipped."""
    size = int(_FRAME_SECONDS * rate)
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    if not frames.size:
        return samples
    power = (frames.astype(np.float64) ** 2).mean(axis=1)
    speech = power[power > power.max() * 0.01]
    loudness = float(np.sqrt(speech.mean())) if speech.size else 0.0
    if loudness <= 0.0:
        return samples
    gain = min(_SPEECH_LEVEL / loudness, _PEAK / float(np.abs(samples).max()))
    return (samples * gain).astype(np.float32)


def fade(samples: Samples, rate: int) -> Samples:
    """Soft edges: pieces are played one after another and must not click."""
    size = min(int(_FADE_SECONDS * rate), len(samples) // 2)
    ramp = np.linspace(0.0, 1.0, size, dtype=np.float32)
    faded = samples.copy()
    faded[:size] *= ramp
    faded[len(faded) - size :] *= ramp[::-1]
    return faded


def silence(milliseconds: int) -> Samples:
    """Nothing, for so long."""
    return np.zeros(PHONE_RATE * milliseconds // 1000, dtype=np.float32)


def write_phone_wav(path: Path, samples: Samples) -> float:
    """Write a file that Asterisk plays as it is; returns its length in seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, PHONE_RATE, subtype="PCM_16", format="WAV")
    return round(len(samples) / PHONE_RATE, 2)


def read_mono(path: Path) -> tuple[Samples, int]:
    """Any sound file as one channel of float32."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return samples.mean(axis=1).astype(np.float32), int(rate)
