"""Streaming voice activity: the Silero network that comes with faster-whisper, kept per stream."""

from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from recordings.transcribe.audio import as_floats
from recordings.transcribe.utterances import WINDOW_SAMPLES

_CONTEXT = 64
_STATE = (1, 1, 128)


class VoiceDetector(Protocol):
    """Gives each window of 512 samples (16 kHz) its probability of speech."""

    def probabilities(self, windows: list[bytes]) -> list[float]: ...


@lru_cache(maxsize=1)
def _network() -> Any:
    # imported late: loading onnxruntime costs a process 60 MB that only needs the cutter
    from faster_whisper.vad import get_vad_model  # noqa: PLC0415

    return get_vad_model().session


class SileroDetector:
    """One stream's detector; its memory runs on from window to window."""

    def __init__(self) -> None:
        self._session = _network()
        self._h = np.zeros(_STATE, np.float32)
        self._c = np.zeros(_STATE, np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def probabilities(self, windows: list[bytes]) -> list[float]:
        if not windows:
            return []
        audio = as_floats(b"".join(windows)).reshape(-1, WINDOW_SAMPLES)
        heads = np.concatenate([self._context[None], audio[:-1, -_CONTEXT:]])
        self._context = audio[-1, -_CONTEXT:].copy()
        output, self._h, self._c = self._session.run(
            None, {"input": np.hstack([heads, audio]), "h": self._h, "c": self._c}
        )
        return [float(value) for value in np.ravel(output)]
