"""Words to the phonemes that the voice model knows; the voice's name says its language."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from hotline.prompts_render.missing import ExtraMissing

Phonemizer = Callable[[str], str]

_ESPEAK_LANGUAGES = {"e": "es", "f": "fr-fr", "h": "hi", "i": "it", "p": "pt-br"}
_MANDARIN, _AMERICAN, _BRITISH = "z", "a", "b"
_LONGEST_PART = 70
_SENTENCE_END = "。？！.?!"


def phonemizer(voice: str) -> Phonemizer:
    """The phonemizer for a voice such as zf_xiaobei (z: Mandarin) or af_heart (a: American)."""
    family = voice[:1]
    try:
        if family == _MANDARIN:
            return _mandarin()
        if family in (_AMERICAN, _BRITISH):
            return _english(british=family == _BRITISH)
        if family in _ESPEAK_LANGUAGES:
            return _espeak(_ESPEAK_LANGUAGES[family])
    except ImportError as error:
        raise ExtraMissing(str(error.name)) from error
    raise ExtraMissing(f"phonemes for voice {voice}")


def parts(text: str) -> list[str]:
    """Sentences, and long ones at their commas: the model takes about 70 characters at a time."""
    found = [part for part in re.split(rf"(?<=[{_SENTENCE_END}])\s*", text) if part]
    return [piece for part in found for piece in _shorten(part)]


def _shorten(part: str) -> list[str]:
    if len(part) <= _LONGEST_PART or part.isascii():
        return [part]
    cut = max(part.rfind(mark, 0, _LONGEST_PART) for mark in "，、；")
    cut = cut + 1 if cut > 0 else _LONGEST_PART
    return [part[:cut], *_shorten(part[cut:])]


def _mandarin() -> Phonemizer:
    from misaki import zh  # noqa: PLC0415 - the optional extra

    convert = zh.ZHG2P()
    return lambda text: str(convert(text)[0])


@dataclass(frozen=True)
class _Words:
    """What misaki's English phonemizer wants to be handed."""

    text: str


def _english(*, british: bool) -> Phonemizer:
    from misaki.espeak import EspeakFallback  # noqa: PLC0415

    convert = EspeakFallback(british=british)
    return lambda text: str(convert(_Words(text))[0])


def _espeak(language: str) -> Phonemizer:
    from misaki.espeak import EspeakG2P  # noqa: PLC0415

    convert = EspeakG2P(language)
    return lambda text: str(convert(text)[0])
