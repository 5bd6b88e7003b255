"""What has been said so far, as one text whose every character knows its speaker and second."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

from opencc import OpenCC

from core.domain.drafts import Span

CALLER = "caller"
AGENT = "agent"
BREAK = "\n"
# A recogniser that lost its way writes one thing for ever: keep it twice.
STUCK = re.compile(r"(.{1,6}?)\1{4,}")
HALF_WIDTH = str.maketrans(",?!;:（）", "，？！；：()")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of an utterance with its place in the call."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """One speaker's stretch of talk; start_ms and end_ms count from the recording's start.

    alternatives: what other hearings of the same sound wrote.
    """

    speaker: str
    start_ms: int
    end_ms: int
    text: str
    confidence: float = 1.0
    words: tuple[Word, ...] = ()
    alternatives: tuple[str, ...] = ()


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def _version(one: Utterance, number: int) -> str:
    """The words of one hearing; a mark where it heard nothing, so that utterances stay in step."""
    if not one.alternatives:
        return one.text
    text = one.alternatives[number] if number < len(one.alternatives) else one.text
    return text if text.strip() else "。"


def clean(text: str) -> str:
    """Simplified characters, Chinese punctuation, no spaces, no endless repeats."""
    plain = _converter().convert(text).translate(HALF_WIDTH)
    plain = plain.replace("\ufffd", "").replace("﹛", "")
    plain = re.sub(r"(?<![A-Za-z])\s+|\s+(?![A-Za-z])", "", plain)
    return STUCK.sub(r"\1\1", plain)


class Transcript:
    """Utterances joined, in order of time, with a line break between two of them.

    The caller's text is what fields are read from; the agent's words are context. `text` holds
    only the caller's words; `agent_text` the agent's.
    """

    def __init__(self, utterances: Iterable[Utterance]) -> None:
        kept = sorted((u for u in utterances if u.text.strip()), key=lambda u: u.start_ms)
        self.utterances: tuple[Utterance, ...] = tuple(kept)
        self.caller = [u for u in kept if u.speaker != AGENT]
        self._texts = [clean(u.text) for u in self.caller]
        self._starts: list[int] = []
        at = 0
        for text in self._texts:
            self._starts.append(at)
            at += len(text) + len(BREAK)
        self.text = BREAK.join(self._texts)
        self.agent_text = BREAK.join(clean(u.text) for u in kept if u.speaker == AGENT)

    @cached_property
    def versions(self) -> tuple[Transcript, ...]:
        """The caller's words as the other hearings wrote them, each a call of its own."""
        count = max((len(one.alternatives) for one in self.caller), default=0)
        return tuple(
            Transcript(
                replace(one, text=_version(one, number), alternatives=(), words=())
                for one in self.caller
            )
            for number in range(count)
        )

    def carried(self, version: Transcript, start: int, end: int) -> tuple[int, int]:
        """Where characters [start, end) of a version stand here, as nearly as can be told."""
        number = version.utterance_at(start)
        there, here = version._texts[number], self._texts[number]
        offset = start - version._starts[number]
        size = min(end - start, len(here))
        at = min(round(offset * len(here) / max(1, len(there))), len(here) - size)
        return self._starts[number] + at, self._starts[number] + at + size

    def utterance_at(self, position: int) -> int:
        """The number of the caller's utterance that holds this character."""
        return max(0, bisect_right(self._starts, position) - 1)

    def span(self, start: int, end: int, rule: str) -> Span:
        """Where the characters [start, end) were spoken."""
        if not self.caller:
            return Span(CALLER, 0, 0, "", rule)
        first = self.utterance_at(start)
        last = self.utterance_at(max(start, end - 1))
        begin = self._time(first, start - self._starts[first])
        finish = self._time(last, end - self._starts[last])
        words = self.text[start:end].replace(BREAK, "")
        sure = self.confidence(start, end)
        return Span(self.caller[first].speaker, begin, max(begin, finish), words, rule, sure)

    def confidence(self, start: int, end: int) -> float:
        """How sure the recogniser was of the utterances under these characters."""
        if not self.caller:
            return 0.0
        first, last = self.utterance_at(start), self.utterance_at(max(start, end - 1))
        return min(self.caller[i].confidence for i in range(first, last + 1))

    def agent_before(self, position: int) -> str:
        """What the agent last said before the caller's utterance at this character."""
        if not self.caller:
            return ""
        start_ms = self.caller[self.utterance_at(position)].start_ms
        said = [u.text for u in self.utterances if u.speaker == AGENT and u.start_ms < start_ms]
        return said[-1] if said else ""

    def _time(self, number: int, offset: int) -> int:
        utterance = self.caller[number]
        length = max(1, len(self._texts[number]))
        timed = _word_time(utterance.words, offset, length)
        if timed is not None:
            return timed
        share = min(1.0, max(0.0, offset / length))
        return int(utterance.start_ms + share * (utterance.end_ms - utterance.start_ms))


def _word_time(words: Sequence[Word], offset: int, length: int) -> int | None:
    """The time of a character by the words' times, when words and text are of one length."""
    total = sum(len(word.text.strip()) for word in words)
    if not words or abs(total - length) > max(3, length // 5):
        return None
    target = offset * total / length
    at = 0.0
    for word in words:
        size = len(word.text.strip())
        if size and at + size >= target:
            share = (target - at) / size
            return int(word.start_ms + share * (word.end_ms - word.start_ms))
        at += size
    return words[-1].end_ms
