"""A sound file heard as a live call is heard: 20 ms at a time, faster than real time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from recordings.drafting.api import CALLER, Utterance, Word
from recordings.transcribe.audio import as_floats, as_pcm, read_file
from recordings.transcribe.engine import SAMPLE_RATE, milliseconds
from recordings.transcribe.utterances import Utterance as Stretch
from recordings.transcribe.utterances import UtteranceCutter, Windows
from recordings.transcribe.vad import SileroDetector
from recordings.transcribe.whisper_engine import WhisperDecoder, prompt_of

FRAME_BYTES = SAMPLE_RATE // 50 * 2
LEAST_SPEECH_MS = 96


class FileListener:
    """Cuts and recognises files with one loaded model; the same file gives the same words."""

    def __init__(self, model_dir: Path, hotwords: Sequence[str] = (), language: str = "zh") -> None:
        self._decoder = WhisperDecoder(model_dir)
        self._language = language
        self._prompt = prompt_of(tuple(hotwords), language)

    def stretches(self, path: Path) -> list[Stretch]:
        """The stretches of speech, cut as in a live call. Raises AudioUnreadable."""
        pcm = as_pcm(read_file(path))
        windows, cutter, detector = Windows(), UtteranceCutter(), SileroDetector()
        found: list[Stretch] = []
        for at in range(0, len(pcm), FRAME_BYTES):
            found += _taken(cutter, detector, windows.feed(pcm[at : at + FRAME_BYTES]))
        found += _taken(cutter, detector, windows.flush())
        found += cutter.flush()
        return [one for one in found if one.speech_ms >= LEAST_SPEECH_MS]

    def recognise(self, stretch: Stretch) -> Utterance | None:
        """The words of one stretch; None when nothing was said."""
        decoded = self._decoder.decode(
            as_floats(stretch.pcm),
            language=self._language,
            prompt=self._prompt,
            speech_ms=stretch.speech_ms,
        )
        if not decoded.text:
            return None
        start = milliseconds(stretch.start_sample)
        words = tuple(
            Word(w.text, w.start_ms + start, w.end_ms + start, w.confidence) for w in decoded.words
        )
        end = milliseconds(stretch.end_sample)
        return Utterance(CALLER, start, end, decoded.text, decoded.confidence, words)

    def heard(self, path: Path) -> list[tuple[Stretch, Utterance]]:
        """Everything said in a file, each with its sound."""
        pairs = ((one, self.recognise(one)) for one in self.stretches(path))
        return [(stretch, words) for stretch, words in pairs if words is not None]


def _taken(
    cutter: UtteranceCutter, detector: SileroDetector, windows: list[bytes]
) -> list[Stretch]:
    out: list[Stretch] = []
    for window, probability in zip(windows, detector.probabilities(windows), strict=True):
        out += cutter.feed(window, probability)
    return out
