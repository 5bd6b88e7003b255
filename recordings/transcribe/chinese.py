"""Makes a recogniser's Chinese readable: simplified characters, no spaces between them."""

import re
from functools import lru_cache
from typing import Any

_HAN = r"\u3400-\u9fff"
_BETWEEN_HAN = re.compile(
    rf"(?<=[{_HAN}，。？！、；：])\s+(?=[{_HAN}，。？！、；：\d])|(?<=\d)\s+(?=[{_HAN}])"
)
_UNKNOWN = re.compile(r"\[unk\]|<unk>|\[noise\]|<[^<>]{1,12}>", re.IGNORECASE)
_HALF_PUNCTUATION = {",": "，", "?": "？", "!": "！", ";": "；", ":": "："}
_AFTER_HAN = re.compile(rf"(?<=[{_HAN}])[,?!;:](?!\d)")
_STOPS = re.compile(r"([，。？！、；：])[，。？！、；：\s]+")
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")


@lru_cache(maxsize=1)
def _converter() -> Any:
    from opencc import OpenCC  # noqa: PLC0415  its dictionaries take 0.1 s to load

    return OpenCC("t2s")


def simplified(text: str) -> str:
    """Traditional characters as simplified ones."""
    if not text:
        return text
    converted: str = _converter().convert(text)
    return converted


def polish(text: str, language: str) -> str:
    """The text as a person would write it down; never adds or drops a word."""
    text = _UNKNOWN.sub("", text).replace("\ufffd", "").strip()
    if not language.startswith("zh"):
        return re.sub(r"\s+", " ", text)
    text = simplified(text).translate(_WIDE_DIGITS)
    text = _AFTER_HAN.sub(lambda mark: _HALF_PUNCTUATION[mark.group()], text)
    text = _BETWEEN_HAN.sub("", text)
    return _STOPS.sub(r"\1", text).strip()


def core_characters(text: str) -> str:
    """Only what was spoken: characters, letters and digits."""
    return re.sub(r"[\W_]+", "", text)
