"""Samples: bytes to floats and back, other sampling rates, WAV and other files read whole."""

from math import gcd
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import InputRefused
from recordings.transcribe.engine import SAMPLE_RATE

Samples = NDArray[np.float32]
_TAPS = 31


class AudioUnreadable(InputRefused):
    """The file is not audio that we can read."""

    code = "audio_unreadable"


def as_floats(pcm: bytes) -> Samples:
    """Signed 16-bit samples as floats between -1 and 1; an odd last byte is left out."""
    return np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float32) / 32768.0


def as_pcm(samples: Samples) -> bytes:
    """Floats between -1 and 1 as signed 16-bit samples."""
    return (np.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()


def resample(samples: Samples, rate: int, to: int = SAMPLE_RATE) -> Samples:
    """Another sampling rate, for audio that lies there whole."""
    if rate == to or samples.size == 0:
        return samples
    from scipy.signal import resample_poly  # noqa: PLC0415  scipy takes half a second to load

    common = gcd(rate, to)
    result: Samples = resample_poly(samples, to // common, rate // common).astype(np.float32)
    return result


def read_file(path: Path) -> Samples:
    """A whole audio file as mono at 16 kHz. Raises AudioUnreadable."""
    import soundfile  # noqa: PLC0415

    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError, TypeError) as error:
        raise AudioUnreadable("无法读取该录音文件") from error
    mono: Samples = samples.mean(axis=1, dtype=np.float32)
    return resample(np.nan_to_num(mono), int(rate))


class Upsampler:
    """Doubles the sampling rate of a stream, piece by piece, without seams.

    Every recogniser gets 16 kHz: some models refuse 8 kHz, and only with the first audio.
    """

    def __init__(self) -> None:
        middle = _TAPS // 2
        at = np.arange(_TAPS) - middle
        taps = np.sinc(at / 2) * np.hamming(_TAPS)
        self._taps = (taps * 2 / taps.sum()).astype(np.float32)
        self._tail = np.zeros(_TAPS - 1, np.float32)
        self._odd = b""

    def feed(self, pcm: bytes) -> bytes:
        """8 kHz audio in, 16 kHz audio out; the filter delays it by one millisecond."""
        pcm = self._odd + pcm
        whole = len(pcm) // 2 * 2
        self._odd = pcm[whole:]
        samples = as_floats(pcm[:whole])
        if samples.size == 0:
            return b""
        spread = np.zeros(samples.size * 2, np.float32)
        spread[::2] = samples
        joined = np.concatenate([self._tail, spread])
        self._tail = joined[-(_TAPS - 1) :]
        return as_pcm(np.convolve(joined, self._taps, "valid").astype(np.float32))


class StreamRate:
    """Brings a live stream of 8 or 16 kHz to 16 kHz."""

    def __init__(self, rate: int) -> None:
        if rate not in {SAMPLE_RATE, SAMPLE_RATE // 2}:
            raise InputRefused("只支持 8 kHz 或 16 kHz 的实时语音", rate=rate)
        self._double = Upsampler() if rate != SAMPLE_RATE else None

    def feed(self, pcm: bytes) -> bytes:
        return self._double.feed(pcm) if self._double else pcm
