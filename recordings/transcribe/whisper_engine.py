"""Whisper for one utterance at a time: a short window, greedy, with the city's names as prompt.

The model pads everything to 30 s, which costs the same whatever was said; a window of 12 s gives
the same words for a third of the work. Windows much shorter than 8 s make it babble.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from recordings.transcribe.audio import Samples
from recordings.transcribe.chinese import core_characters, polish
from recordings.transcribe.digits import NumberSpeller
from recordings.transcribe.engine import SAMPLE_RATE, SpokenNumber, Word
from recordings.transcribe.guards import (
    Attempt,
    is_doubtful,
    is_hole,
    is_invention,
    without_babble,
)

_FRAMES_PER_SECOND = 100
_FULL_WINDOW = 3_000
_SHORT_WINDOW = 1_200
_PROMPT_CHARACTERS = 100
LONGEST_SECONDS = 28
#: No mouth says more; what comes beyond is a stutter of the model.
_TOKENS_PER_SECOND = 12
_NO_REPEAT = 8
_ENCODINGS_KEPT = 16


@dataclass(frozen=True, slots=True)
class Decoded:
    """What was said in one stretch; times count from its first sample."""

    text: str
    confidence: float
    words: tuple[Word, ...] = ()
    no_speech: float = 0.0
    tries: int = 1
    number: SpokenNumber | None = None


@dataclass(frozen=True, slots=True)
class _Run:
    """One pass of the decoder: its tokens and its score."""

    tokens: list[int]
    attempt: Attempt
    encoded: Any = field(repr=False)
    frames: int = 0


def prompt_of(hotwords: tuple[str, ...], language: str = "zh") -> str:
    """One sentence that names the places and matters to expect; longer ones do harm."""
    if not hotwords:
        return "以下是政府服务热线的市民来电，请用简体中文记录。" if language == "zh" else ""
    names: list[str] = []
    length = 0
    for name in hotwords:
        if length + len(name) > _PROMPT_CHARACTERS:
            break
        names.append(name)
        length += len(name) + 1
    if language == "zh":
        return f"以下是12345热线的市民来电。涉及{'、'.join(names)}。"
    return f"A call to the city's service hotline. It may mention {', '.join(names)}."


class WhisperDecoder:
    """The loaded model. One decoding at a time; use one process for each core."""

    def __init__(self, model_dir: Path, *, threads: int = 1) -> None:
        # imported late: only the worker process may pay for the libraries
        from faster_whisper import WhisperModel  # noqa: PLC0415

        self._model: Any = WhisperModel(
            str(model_dir), device="cpu", compute_type="int8", cpu_threads=threads
        )
        self._model_dir = model_dir
        self._tokenizers: dict[str, Any] = {}
        self._speller: NumberSpeller | None = None
        #: The last stretches' encodings: they are often asked for again with another prompt.
        self._encoded: OrderedDict[bytes, tuple[Any, int]] = OrderedDict()

    def spell(self, samples: Samples) -> SpokenNumber | None:
        """The phone number said in one stretch of at most 12 s, if there seems to be one."""
        if self._speller is None:
            self._speller = NumberSpeller(self._model, self._model_dir)
        return self._speller.spell(samples)

    def decode(
        self, samples: Samples, *, language: str, prompt: str, speech_ms: int, times: bool = True
    ) -> Decoded:
        """Recognise one stretch of at most 28 s; a doubtful result is tried again unprompted."""
        samples = samples[: LONGEST_SECONDS * SAMPLE_RATE]
        length_ms = len(samples) * 1000 // SAMPLE_RATE
        if length_ms == 0:
            return Decoded("", 0.0)
        encoded, frames = self._encode(samples)
        run = self._generate(encoded, frames, language=language, prompt=prompt)
        tries = 1
        doubtful = is_doubtful(run.attempt, prompt=prompt, speech_ms=speech_ms, length_ms=length_ms)
        if doubtful and prompt:
            again = self._generate(encoded, frames, language=language, prompt="")
            tries = 2
            run = _better(run, again, speech_ms=speech_ms, length_ms=length_ms)
        if is_invention(run.attempt, length_ms=length_ms):
            return Decoded("", 0.0, no_speech=run.attempt.no_speech, tries=tries)
        return Decoded(
            text=polish(run.attempt.text, language),
            confidence=round(math.exp(min(0.0, run.attempt.log_probability)), 3),
            words=self._words(run, language=language, length_ms=length_ms) if times else (),
            no_speech=round(run.attempt.no_speech, 3),
            tries=tries,
        )

    def _encode(self, samples: Samples) -> tuple[Any, int]:
        import ctranslate2  # noqa: PLC0415

        name = sha256(samples.tobytes()).digest()
        known = self._encoded.get(name)
        if known is not None:
            return known
        mel = self._model.feature_extractor(samples)[:, :_FULL_WINDOW]
        used = mel.shape[1]
        frames = min(_FULL_WINDOW, max(_SHORT_WINDOW, used))
        grid = np.full((mel.shape[0], frames), mel.min(), np.float32)
        grid[:, :used] = mel
        view = ctranslate2.StorageView.from_array(np.ascontiguousarray(grid[None]))
        found = self._model.model.encode(view), used
        self._encoded[name] = found
        if len(self._encoded) > _ENCODINGS_KEPT:
            self._encoded.popitem(last=False)
        return found

    def _generate(self, encoded: Any, frames: int, *, language: str, prompt: str) -> _Run:
        tokenizer = self._tokenizer(language)
        told = tokenizer.encode(" " + prompt) if prompt else []
        tokens = self._model.get_prompt(tokenizer, told, without_timestamps=True)
        room = 16 + int(frames / _FRAMES_PER_SECOND * _TOKENS_PER_SECOND)
        result = self._model.model.generate(
            encoded,
            [tokens],
            beam_size=1,
            max_length=min(448, len(tokens) + room),
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            no_repeat_ngram_size=_NO_REPEAT,
            suppress_tokens=[-1],
        )[0]
        found = [token for token in result.sequences_ids[0] if token < tokenizer.eot]
        # the library divides the score by the number of tokens (length penalty 1)
        score = float(result.scores[0]) * len(found) / (len(found) + 1) if found else -9.0
        text = without_babble(tokenizer.decode(found).strip())
        attempt = Attempt(text, score, float(result.no_speech_prob))
        return _Run(found, attempt, encoded, frames)

    def _words(self, run: _Run, *, language: str, length_ms: int) -> tuple[Word, ...]:
        if not run.tokens:
            return ()
        aligned = self._model.find_alignment(
            self._tokenizer(language), [run.tokens], run.encoded, run.frames
        )
        words = []
        for entry in aligned[0]:
            text = polish(entry["word"], language)
            if core_characters(text):
                start = min(length_ms, int(entry["start"] * 1000))
                end = max(start, min(length_ms, int(entry["end"] * 1000)))
                words.append(Word(text, start, end, round(float(entry["probability"]), 3)))
        return tuple(words)

    def _tokenizer(self, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer  # noqa: PLC0415

        if language not in self._tokenizers:
            self._tokenizers[language] = Tokenizer(
                self._model.hf_tokenizer, multilingual=True, task="transcribe", language=language
            )
        return self._tokenizers[language]


def _better(first: _Run, second: _Run, *, speech_ms: int, length_ms: int) -> _Run:
    """Which of two decodings to keep: no invention, then no hole, then the likelier one."""

    def merit(run: _Run) -> tuple[bool, bool, float]:
        text = run.attempt.text
        return (
            not is_invention(run.attempt, length_ms=length_ms),
            not is_hole(text, speech_ms),
            run.attempt.log_probability,
        )

    return max((second, first), key=merit)
