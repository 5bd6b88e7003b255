"""Reads one of a few known words out of speech: for yes and no, never for captions.

A recogniser with a closed list forces every sound into the list; it is cheap and sure for a short
answer and useless for talk. Words that the model does not know are left out beforehand.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import InputRefused
from recordings.transcribe.engine import SAMPLE_RATE
from recordings.transcribe.vosk_engine import ModelBroken

_UNKNOWN = -1
_SILENCE = bytes(SAMPLE_RATE)


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word that was said, how sure that is, and where (ms from the start of the audio)."""

    text: str
    confidence: float
    start_ms: int
    end_ms: int


class KeywordReader:
    """A loaded model and its list of words. Lives in a worker or a thread: reading is slow."""

    def __init__(self, model_dir: Path, words: Sequence[str]) -> None:
        import vosk  # noqa: PLC0415  loads its library when imported

        vosk.SetLogLevel(-1)
        try:
            self._model: Any = vosk.Model(str(model_dir))
        except Exception as error:  # the library has no error of its own
            raise ModelBroken("Vosk 模型无法加载") from error
        self._vosk: Any = vosk
        self.words = tuple(w for w in words if self._model.vosk_model_find_word(w) != _UNKNOWN)
        if not self.words:
            raise InputRefused("模型不认识这些词", words=list(words))

    def read(self, pcm: bytes) -> list[Keyword]:
        """The words of the list in some audio (16 kHz, signed 16-bit), in order."""
        grammar = json.dumps(list(self.words), ensure_ascii=False)
        recognizer = self._vosk.KaldiRecognizer(self._model, SAMPLE_RATE, grammar)
        recognizer.SetWords(True)
        recognizer.AcceptWaveform(pcm + _SILENCE)
        heard = json.loads(recognizer.FinalResult()).get("result", [])
        return [
            Keyword(
                text=str(one["word"]),
                confidence=round(float(one["conf"]), 3),
                start_ms=int(float(one["start"]) * 1000),
                end_ms=int(float(one["end"]) * 1000),
            )
            for one in heard
        ]

    def best(self, pcm: bytes) -> Keyword | None:
        """The word that most of the audio went into: noises are forced into short ones."""
        heard = self.read(pcm)
        return max(heard, key=lambda k: (k.end_ms - k.start_ms) * k.confidence, default=None)
