"""Hears recorded prompts back with Whisper and counts the syllables that came out differently."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from pypinyin import lazy_pinyin
from scipy.signal import resample_poly

from core.config import Settings
from recordings.transcribe.audio import Samples
from recordings.transcribe.chinese import simplified
from recordings.transcribe.engine import SAMPLE_RATE
from recordings.transcribe.models import WHISPER, ModelPlaces, ModelResolver
from recordings.transcribe.whisper_engine import WhisperDecoder

_FIGURES = {
    **{c: str(i) for i, c in enumerate("零一二三四五六七八九")},
    "〇": "0",
    "幺": "1",
    "两": "2",
}
_TENS = re.compile(r"([一二三四五六七八九]?)十([一二三四五六七八九]?)")


#: Whisper babbles now and then on longer ones.
LONGEST_STRETCH = 8


@dataclass(frozen=True, slots=True)
class Heard:
    """What was meant, what came back, and how many syllables differ."""

    name: str
    meant: str
    text: str
    errors: int
    syllables: int

    @property
    def rate(self) -> float:
        return self.errors / max(1, self.syllables)


def decoder(settings: Settings) -> WhisperDecoder | None:
    """Whisper base as installed; None where it is not (nothing is downloaded)."""
    places = ModelPlaces(models_dir=settings.runtime_dir / "models", offline=True)
    found = ModelResolver(places).find(WHISPER, "zh")
    return WhisperDecoder(found.path) if found.path else None


def samples_of(paths: Sequence[Path]) -> Samples:
    """Files one after the other at the recogniser's rate, as Asterisk would play them."""
    parts: list[Samples] = []
    for path in paths:
        narrow, rate = soundfile.read(path, dtype="float32")
        parts.append(resample_poly(narrow, SAMPLE_RATE, rate).astype(np.float32))
    return np.concatenate(parts)


def hear(model: WhisperDecoder, name: str, meant: str, samples: Samples, language: str) -> Heard:
    """Recognised with no hint of what is to come; long ones in two stretches."""
    parts = halves(samples) if len(samples) > LONGEST_STRETCH * SAMPLE_RATE else [samples]
    text = " ".join(
        model.decode(
            part, language=language, prompt="", speech_ms=len(part) * 1000 // SAMPLE_RATE
        ).text
        for part in parts
    )
    split = syllables if language == "zh" else words
    wanted, got = split(meant), split(text)
    return Heard(name, meant, text, distance(wanted, got), len(wanted))


def halves(samples: Samples) -> list[Samples]:
    """Cut in two at the quietest tenth of a second around the middle."""
    size = SAMPLE_RATE // 10
    third = len(samples) // 3
    starts = range(third, 2 * third, size // 2)
    cut = min(starts, key=lambda i: float(np.abs(samples[i : i + size]).sum())) + size // 2
    return [samples[:cut], samples[cut:]]


def syllables(text: str) -> list[str]:
    """Pinyin without tones, numbers as figures: homophones are what a listener hears."""
    text = _TENS.sub(_as_figures, simplified(text))
    text = "".join(_FIGURES.get(character, character) for character in text)
    kept = re.sub(r"[^\u4e00-\u9fff0-9]", "", text)
    return [sound for part in re.findall(r"\d|\D+", kept) for sound in lazy_pinyin(part)]


_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_ROUND = "twenty thirty forty fifty sixty seventy eighty ninety"
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(re.findall(r"\w+", _SMALL))} | {
    word: f"{number}0" for number, word in enumerate(re.findall(r"\w+", _ROUND), 2)
}


def words(text: str) -> list[str]:
    """English words in small letters; numbers as their figures, one by one."""
    found = re.findall(r"[a-z']+|\d", text.lower())
    return [figure for word in found for figure in _figures_or_word(word)]


def _figures_or_word(word: str) -> list[str]:
    number = _NUMBER_WORDS.get(word)
    return list(number) if number else [word]


def distance(left: Sequence[str], right: Sequence[str]) -> int:
    """Edit distance."""
    previous = list(range(len(right) + 1))
    for row, one in enumerate(left, 1):
        current = [row]
        for column, other in enumerate(right, 1):
            change = previous[column - 1] + (one != other)
            current.append(min(previous[column] + 1, current[-1] + 1, change))
        previous = current
    return previous[-1]


def _as_figures(match: re.Match[str]) -> str:
    tens, ones = match.groups()
    return f"{_FIGURES.get(tens, '1')}{_FIGURES.get(ones, '0')}"
