"""Vosk, streaming: words while they are spoken, with times and confidence.

Lives in a worker process: one 20 ms piece can cost 0.9 s of processor, and the library may abort.
"""

import json
from pathlib import Path
from typing import Any

from core.errors import Unavailable
from recordings.transcribe.audio import StreamRate
from recordings.transcribe.chinese import polish
from recordings.transcribe.engine import (
    SAMPLE_RATE,
    Final,
    Partial,
    SpeechEvent,
    StreamSpec,
    Word,
    milliseconds,
)

_PARTIAL_EVERY_MS = 200
_PIECE = 3_200  # 100 ms: the end of an utterance is only looked for at the end of a piece


class ModelBroken(Unavailable):
    """The folder is there, but the engine cannot load it."""

    code = "model_broken"


class VoskModel:
    """One loaded model, shared by the streams of its process."""

    def __init__(self, model_dir: Path) -> None:
        import vosk  # noqa: PLC0415  loads its library when imported

        vosk.SetLogLevel(-1)
        self._vosk: Any = vosk
        try:
            # never Model(lang=...): that downloads, and ends the process when it cannot
            self._model: Any = vosk.Model(str(model_dir))
        except Exception as error:  # the library has no error of its own
            raise ModelBroken("Vosk 模型无法加载") from error

    def stream(self, spec: StreamSpec) -> "VoskStream":
        return VoskStream(self._vosk.KaldiRecognizer(self._model, SAMPLE_RATE), spec)


class VoskStream:
    """One speaker's recogniser; used by one thread at a time."""

    def __init__(self, recognizer: Any, spec: StreamSpec) -> None:
        recognizer.SetWords(True)
        self._recognizer = recognizer
        self._language = spec.language
        self._offset_ms = spec.offset_ms
        self._rate = StreamRate(spec.rate)
        self._heard = 0
        self._utterance_from = 0
        self._partial = ""
        self._partial_at = 0

    @property
    def settled_ms(self) -> int:
        """Everything before this instant of the call has become finals."""
        return self._offset_ms + milliseconds(self._utterance_from)

    def feed(self, pcm: bytes) -> list[SpeechEvent]:
        """Recognise some audio; slow."""
        audio = self._rate.feed(pcm)
        pieces = (audio[at : at + _PIECE] for at in range(0, len(audio), _PIECE))
        return [event for piece in pieces for event in self._feed_piece(piece)]

    def _feed_piece(self, audio: bytes) -> list[SpeechEvent]:
        self._heard += len(audio) // 2
        if self._recognizer.AcceptWaveform(audio):
            return self._close_utterance(self._recognizer.Result())
        now = milliseconds(self._heard)
        if now - self._partial_at < _PARTIAL_EVERY_MS:
            return []
        self._partial_at = now
        raw = json.loads(self._recognizer.PartialResult()).get("partial", "")
        text = polish(raw, self._language)
        if not text or text == self._partial:
            return []
        self._partial = text
        return [Partial(text, self.settled_ms, self._offset_ms + now)]

    def flush(self) -> list[SpeechEvent]:
        """The stream is over."""
        return self._close_utterance(self._recognizer.FinalResult())

    def _close_utterance(self, result: str) -> list[SpeechEvent]:
        self._partial = ""
        self._utterance_from = self._heard
        words = tuple(self._word(entry) for entry in json.loads(result).get("result", []))
        words = tuple(word for word in words if word.text)
        if not words:
            return []
        joined = polish(" ".join(word.text for word in words), self._language)
        confidence = sum(word.confidence for word in words) / len(words)
        return [
            Final(
                text=joined,
                start_ms=words[0].start_ms,
                end_ms=words[-1].end_ms,
                confidence=round(confidence, 3),
                words=words,
                engine="vosk",
            )
        ]

    def _word(self, entry: dict[str, Any]) -> Word:
        return Word(
            text=polish(str(entry["word"]), self._language),
            start_ms=self._offset_ms + int(float(entry["start"]) * 1000),
            end_ms=self._offset_ms + int(float(entry["end"]) * 1000),
            confidence=round(float(entry["conf"]), 3),
        )
