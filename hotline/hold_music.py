"""Makes the waiting music and the beep: soft tones of our own, so nobody's rights are touched."""

import wave
from pathlib import Path

import numpy as np

RATE = 8000
#: A pentatonic scale (Hz): any order of these notes sounds peaceful, also over a telephone.
SCALE = (261.63, 293.66, 329.63, 392.00, 440.00, 523.25)
#: Steps of the scale, and beats each is held; written for this hotline.
TUNE = ((0, 2), (2, 1), (3, 1), (4, 2), (3, 2), (2, 1), (1, 1), (2, 2), (0, 4),
        (3, 2), (4, 1), (5, 1), (4, 2), (3, 2), (1, 1), (2, 1), (1, 2), (0, 4))  # fmt: skip
BEAT_SECONDS = 0.55
#: Quiet: the caller waits with the phone at the ear, and a voice announcement must stand out.
LOUDNESS = 0.11
BEEP_HZ = 950.0
BEEP_SECONDS = 0.4


def make_hold_music(path: Path) -> None:
    """Write the tune, about twenty seconds, meant to be repeated."""
    parts = [_note(SCALE[step], beats * BEAT_SECONDS) for step, beats in TUNE]
    _write(path, np.concatenate(parts) * LOUDNESS)


def make_beep(path: Path) -> None:
    """Write the tone after which a message may be spoken (ITU-T's record tone of China)."""
    count = int(BEEP_SECONDS * RATE)
    tone = np.sin(2 * np.pi * BEEP_HZ * np.arange(count) / RATE) * _edges(count)
    _write(path, tone * LOUDNESS * 2)


def _note(hertz: float, seconds: float) -> np.ndarray:
    count = int(seconds * RATE)
    at = np.arange(count) / RATE
    # A plucked string: overtones fade faster than the ground tone.
    tone = sum(
        np.sin(2 * np.pi * hertz * overtone * at) * np.exp(-at * 1.6 * overtone) / overtone**2
        for overtone in (1, 2, 3)
    )
    return np.asarray(tone * _edges(count))


def _edges(count: int) -> np.ndarray:
    ramp = np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.012 * RATE)
    return np.asarray(np.minimum(ramp, 1.0))


def _write(path: Path, samples: np.ndarray) -> None:
    pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(pcm)
