"""Joins utterances to longer stretches for a better hearing, and takes the words apart again.

Pure. Whisper hears better with more around a word, but loses its way in long silence: so the
utterances of a call are laid one after the other with a short pause between them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from recordings.transcribe.engine import SAMPLE_RATE, Final, Word, milliseconds
from recordings.transcribe.utterances import Utterance
from recordings.transcribe.whisper_engine import LONGEST_SECONDS, Decoded

JOINT_MS = 300
_JOINT = bytes(SAMPLE_RATE * JOINT_MS // 1000 * 2)


@dataclass(frozen=True, slots=True)
class Group:
    """Utterances that are heard together; `starts` are their places in the joined audio (ms)."""

    utterances: tuple[Utterance, ...]
    starts: tuple[int, ...]

    @property
    def pcm(self) -> bytes:
        return _JOINT.join(utterance.pcm for utterance in self.utterances)

    @property
    def speech_ms(self) -> int:
        return sum(utterance.speech_ms for utterance in self.utterances)


def make_groups(
    utterances: Iterable[Utterance], *, longest_ms: int = LONGEST_SECONDS * 1000
) -> Iterator[Group]:
    """Neighbours together, as many as fit; each utterance is in exactly one group."""
    waiting: list[Utterance] = []
    starts: list[int] = []
    length = 0
    for utterance in utterances:
        own = milliseconds(len(utterance.pcm) // 2)
        start = length + JOINT_MS if waiting else 0
        if waiting and start + own > longest_ms:
            yield Group(tuple(waiting), tuple(starts))
            waiting, starts, start = [], [], 0
        waiting.append(utterance)
        starts.append(start)
        length = start + own
    if waiting:
        yield Group(tuple(waiting), tuple(starts))


def take_apart(group: Group, decoded: Decoded, *, offset_ms: int = 0) -> list[Final]:
    """One final for each utterance, its words back at their places in the call."""
    texts, words = _share_out(group, decoded)
    finals = []
    for number, utterance in enumerate(group.utterances):
        start = offset_ms + milliseconds(utterance.start_sample)
        end = offset_ms + milliseconds(utterance.end_sample)
        shift = start - group.starts[number]
        moved = tuple(_moved(word, shift, start, end) for word in words[number])
        finals.append(
            Final(
                text=texts[number],
                start_ms=start,
                end_ms=end,
                confidence=decoded.confidence,
                words=moved,
                engine="whisper",
            )
        )
    return finals


def _share_out(group: Group, decoded: Decoded) -> tuple[list[str], list[list[Word]]]:
    """The text cut before the first word of each utterance; marks stay with the word before."""
    count = len(group.utterances)
    words: list[list[Word]] = [[] for _ in range(count)]
    cuts: list[int] = [0]
    at, current = 0, 0
    for word in decoded.words:
        belongs = max(current, _utterance_of(group, word))
        found = decoded.text.find(word.text, at)
        if found >= 0:
            cuts += [found] * (belongs - current)
            current = belongs
            at = found + len(word.text)
        words[current].append(word)
    cuts += [len(decoded.text)] * (count + 1 - len(cuts))
    texts = [decoded.text[cuts[n] : cuts[n + 1]].strip() for n in range(count)]
    return texts, words


def _utterance_of(group: Group, word: Word) -> int:
    """The utterance in which the word's middle lies; pauses belong to the one before."""
    middle = (word.start_ms + word.end_ms) // 2
    inside = [
        number for number, start in enumerate(group.starts) if start - JOINT_MS // 2 <= middle
    ]
    return inside[-1] if inside else 0


def _moved(word: Word, shift: int, start: int, end: int) -> Word:
    begin = min(max(word.start_ms + shift, start), end)
    return replace(word, start_ms=begin, end_ms=min(max(word.end_ms + shift, begin), end))
