"""Tells words that were spoken from words that Whisper makes up."""

import re
import zlib
from dataclasses import dataclass

from recordings.transcribe.chinese import core_characters

#: Phrases from the captions of videos that the model was trained on; nobody phones to say them.
_CREDITS = (
    "请不吝点赞",
    "点赞订阅转发",
    "打赏支持明镜",
    "明镜与点点",
    "字幕由",
    "字幕by",
    "字幕志愿者",
    "字幕製作",
    "字幕制作",
    "中文字幕",
    "amaraorg",
    "谢谢观看",
    "感谢观看",
    "thanksforwatching",
)
_MOST_COMPRESSED = 2.4
_MOST_CHARACTERS_PER_SECOND = 13.0
_FEWEST_CHARACTERS_PER_SECOND = 1.8
_NO_SPEECH = 0.6
_UNSURE = -1.0
_ECHO_CHARACTERS = 6
#: The same few signs five times and more, with a little variation in the separators.
_STUTTER = re.compile(r"(.{1,8}?)(?:[，,、。 ]?\1){4,}", re.DOTALL)
_SHORT_BYTES = 40
_SHORT_SPEECH_MS = 2_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """One decoding: the text, the mean log probability of its tokens, and the silence score."""

    text: str
    log_probability: float
    no_speech: float


def is_repetition(text: str) -> bool:
    """Whether the text goes round in circles."""
    raw = text.encode()
    if len(raw) < _SHORT_BYTES:
        return False
    return len(raw) / len(zlib.compress(raw)) > _MOST_COMPRESSED


def without_babble(text: str) -> str:
    """The text without a stutter that the model fell into: of endless repeats two are kept."""
    return _STUTTER.sub(r"\1\1", text)


def is_prompt_echo(text: str, prompt: str) -> bool:
    """Whether the text is only a piece of what the model was told beforehand."""
    spoken, told = core_characters(text), core_characters(prompt)
    return len(spoken) >= _ECHO_CHARACTERS and spoken in told


def is_credits(text: str) -> bool:
    """Whether the text is a caption maker's signature rather than speech."""
    spoken = core_characters(text).lower()
    return any(phrase in spoken and len(spoken) <= len(phrase) + 14 for phrase in _CREDITS)


def is_silence(attempt: Attempt) -> bool:
    """Whether the model itself doubts that anybody spoke."""
    return attempt.no_speech > _NO_SPEECH and attempt.log_probability < _UNSURE


def is_hole(text: str, speech_ms: int) -> bool:
    """Whether far fewer words came out than such a stretch of speech holds."""
    if speech_ms < _SHORT_SPEECH_MS:
        return False
    return len(core_characters(text)) / (speech_ms / 1000) < _FEWEST_CHARACTERS_PER_SECOND


def is_flood(text: str, length_ms: int) -> bool:
    """Whether more words came out than a mouth can speak in that time."""
    spoken = core_characters(text)
    return len(spoken) > 8 + _MOST_CHARACTERS_PER_SECOND * length_ms / 1000 and not spoken.isascii()


def is_doubtful(attempt: Attempt, *, prompt: str, speech_ms: int, length_ms: int) -> bool:
    """Whether the decoding must be tried again in another way."""
    text = attempt.text
    return (
        is_repetition(text)
        or is_prompt_echo(text, prompt)
        or is_credits(text)
        or is_flood(text, length_ms)
        or is_hole(text, speech_ms)
    )


def is_invention(attempt: Attempt, *, length_ms: int) -> bool:
    """Whether the last attempt's words must not be shown at all."""
    text = attempt.text
    return (
        is_repetition(text) or is_credits(text) or is_flood(text, length_ms) or is_silence(attempt)
    )
