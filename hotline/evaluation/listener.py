"""A sound file heard as the product hears it: live, 20 ms at a time, and again after the call."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recordings.drafting.api import CALLER, NumberHeard, Utterance
from recordings.heard import as_number, as_utterance
from recordings.transcribe.audio import as_floats, as_pcm, read_file
from recordings.transcribe.engine import SAMPLE_RATE, Final, StreamSpec, milliseconds
from recordings.transcribe.hearing import recognise
from recordings.transcribe.live_whisper import final_of
from recordings.transcribe.utterances import Utterance as Stretch
from recordings.transcribe.utterances import UtteranceCutter, Windows
from recordings.transcribe.vad import SileroDetector
from recordings.transcribe.whisper_engine import Decoded, WhisperDecoder, prompt_of
from recordings.transcribe.whole_pass import Expected, WhisperPass
from recordings.transcribe.wire import DecodeJob

FRAME_BYTES = SAMPLE_RATE // 50 * 2
LEAST_SPEECH_MS = 96


@dataclass(frozen=True)
class Heard:
    """One hearing of a call: what drafting reads of it."""

    utterances: tuple[Utterance, ...]
    numbers: tuple[NumberHeard, ...] = ()


class FileListener:
    """Cuts and recognises files with one loaded model; the same file gives the same words."""

    def __init__(
        self,
        model_dir: Path,
        hotwords: Sequence[str] = (),
        expected: Expected | None = None,
        language: str = "zh",
    ) -> None:
        self._decoder = WhisperDecoder(model_dir)
        self._hotwords = tuple(hotwords)
        self._expected = expected
        self._language = language

    def live(self, pcm: bytes) -> Heard:
        """The captions of a running call, utterance by utterance."""
        found = [self._caption(one) for one in stretches(pcm)]
        return Heard(tuple(as_utterance(CALLER, one) for one in found if one.text))

    def afterwards(self, pcm: bytes) -> Heard:
        """The second pass over the recording."""
        spec = StreamSpec("file", CALLER, language=self._language, hotwords=self._hotwords)
        hearing = WhisperPass(self._decode)
        finals = asyncio.run(hearing.hear([pcm], spec, self._expected))
        return Heard(
            tuple(as_utterance(CALLER, one) for one in finals),
            tuple(as_number(one, number) for one in finals for number in one.numbers),
        )

    def _caption(self, stretch: Stretch) -> Final:
        prompt = prompt_of(self._hotwords, self._language)
        heard = self._decoder.decode(
            as_floats(stretch.pcm),
            language=self._language,
            prompt=prompt,
            speech_ms=stretch.speech_ms,
        )
        start, end = milliseconds(stretch.start_sample), milliseconds(stretch.end_sample)
        return final_of(heard, start_ms=start, end_ms=end)

    async def _decode(self, job: DecodeJob) -> Decoded:
        return recognise(self._decoder, job)


def samples_of(path: Path) -> bytes:
    """A file as 16 kHz samples. Raises AudioUnreadable."""
    return as_pcm(read_file(path))


def stretches(pcm: bytes) -> list[Stretch]:
    """The stretches of speech, cut as in a live call."""
    windows, cutter, detector = Windows(), UtteranceCutter(), SileroDetector()
    found: list[Stretch] = []
    for at in range(0, len(pcm), FRAME_BYTES):
        found += _taken(cutter, detector, windows.feed(pcm[at : at + FRAME_BYTES]))
    found += _taken(cutter, detector, windows.flush())
    found += cutter.flush()
    return [one for one in found if one.speech_ms >= LEAST_SPEECH_MS]


def _taken(
    cutter: UtteranceCutter, detector: SileroDetector, windows: list[bytes]
) -> list[Stretch]:
    out: list[Stretch] = []
    for window, probability in zip(windows, detector.probabilities(windows), strict=True):
        out += cutter.feed(window, probability)
    return out
