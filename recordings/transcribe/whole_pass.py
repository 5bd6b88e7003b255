"""Hears a whole recording several times, and keeps what the hearings agree on.

The recording is cut at silence. Every utterance is heard alone and in the company of its
neighbours, each with the city's usual names, with nothing suggested, and with the names that these
hearings sound like. What most agree on is the text; the others stay with it as alternatives, so
that a name that was only suggested can be told from one that was said.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from recordings.transcribe.agreement import agreed
from recordings.transcribe.audio import StreamRate
from recordings.transcribe.engine import Final, StreamSpec, Transcriber
from recordings.transcribe.grouping import Group, make_groups, take_apart
from recordings.transcribe.guards import is_hole
from recordings.transcribe.spelling import number_of, stretches_to_spell
from recordings.transcribe.utterances import Utterance, UtteranceCutter, Windows
from recordings.transcribe.vad import SileroDetector, VoiceDetector
from recordings.transcribe.whisper_engine import Decoded, prompt_of
from recordings.transcribe.wire import DecodeJob

Decode = Callable[[DecodeJob], Awaitable[Decoded]]
#: Texts heard -> the names that may have been said in them, the likeliest first.
Expected = Callable[[Sequence[str]], tuple[str, ...]]
_AT_ONCE = 50
_TIMES_FASTER = 2


class WholePass(Protocol):
    """Recognises one speaker's whole audio."""

    async def hear(
        self, audio: Iterable[bytes], spec: StreamSpec, expected: Expected | None = None
    ) -> list[Final]:
        """`audio` comes in pieces of 16-bit samples at `spec.rate`; finals come in order."""
        ...


class WhisperPass:
    """The careful pass. `decode` decides when: through the pool it yields to live calls."""

    def __init__(
        self, decode: Decode, *, detector: Callable[[], VoiceDetector] = SileroDetector
    ) -> None:
        self._decode = decode
        self._detector = detector

    async def hear(
        self, audio: Iterable[bytes], spec: StreamSpec, expected: Expected | None = None
    ) -> list[Final]:
        groups = make_groups(cut(audio, rate=spec.rate, detector=self._detector()))
        finals: list[Final] = []
        while (group := await asyncio.to_thread(next, groups, None)) is not None:
            heard = await self._hear_group(group, spec, expected)
            finals += await self._with_numbers(group, heard, spec)
        return [final for final in finals if final.text]

    async def _hear_group(
        self, group: Group, spec: StreamSpec, expected: Expected | None
    ) -> list[Final]:
        usual = await self._heard_with(prompt_of(spec.hotwords, spec.language), group, spec)
        if expected is None:
            return usual[0]
        plain = await self._heard_with("", group, spec)
        texts = ["\n".join(one.text for one in finals) for finals in (*usual, *plain)]
        names = expected(texts)
        if not names:
            return agreed([*usual, *plain])
        named = await self._heard_with(prompt_of(names, spec.language), group, spec)
        return agreed([*named, *usual, *plain])

    async def _heard_with(
        self, prompt: str, group: Group, spec: StreamSpec
    ) -> tuple[list[Final], list[Final]]:
        """The utterances heard in company and alone; in company, words sometimes vanish."""
        alone = []
        for utterance in group.utterances:
            job = _job(utterance.pcm, utterance.speech_ms, prompt, spec)
            heard = await self._decode(replace(job, times=len(group.utterances) == 1))
            alone += take_apart(Group((utterance,), (0,)), heard, offset_ms=spec.offset_ms)
        if len(group.utterances) == 1:
            return alone, alone
        heard = await self._decode(_job(group.pcm, group.speech_ms, prompt, spec))
        together = take_apart(group, heard, offset_ms=spec.offset_ms)
        for number, utterance in enumerate(group.utterances):
            if is_hole(together[number].text, utterance.speech_ms):
                together[number] = alone[number]
        return together, alone

    async def _with_numbers(
        self, group: Group, finals: Sequence[Final], spec: StreamSpec
    ) -> list[Final]:
        """Spell phone numbers where the words hold digits; neighbours may share one number."""
        out = list(finals)
        if not spec.language.startswith("zh"):
            return out
        for first, last in stretches_to_spell(group.utterances, finals):
            pcm = b"".join(one.pcm for one in group.utterances[first : last + 1])
            heard = await self._decode(DecodeJob(pcm, spec.language, "", 0, spell=True))
            number = number_of(heard, finals[first : last + 1])
            if number is not None:
                out[first] = replace(out[first], numbers=(*out[first].numbers, number))
        return out


def _job(pcm: bytes, speech_ms: int, prompt: str, spec: StreamSpec) -> DecodeJob:
    return DecodeJob(pcm, spec.language, prompt, speech_ms)


class StreamPass:
    """Where there is only a streaming engine: the recording is played to it."""

    def __init__(self, transcriber: Transcriber) -> None:
        self._transcriber = transcriber

    async def hear(
        self, audio: Iterable[bytes], spec: StreamSpec, expected: Expected | None = None
    ) -> list[Final]:
        del expected  # a streaming engine takes its names when it is opened
        session = await self._transcriber.open(spec)

        async def collect() -> list[Final]:
            return [
                event async for event in session.events() if isinstance(event, Final) and event.text
            ]

        async with asyncio.TaskGroup() as group:
            collecting = group.create_task(collect())
            for piece in audio:
                session.feed(piece)
                # a live engine keeps only so much unheard audio: do not run away from it
                await asyncio.sleep(len(piece) / 2 / spec.rate / _TIMES_FASTER)
            await session.close()
        return sorted(collecting.result(), key=lambda final: final.start_ms)


def cut(audio: Iterable[bytes], *, rate: int, detector: VoiceDetector) -> Iterator[Utterance]:
    """The utterances of a recording, one by one, without holding all of it."""
    to_rate, windows, cutter = StreamRate(rate), Windows(), UtteranceCutter()
    for piece in audio:
        yield from _feed(cutter, windows.feed(to_rate.feed(piece)), detector)
    yield from _feed(cutter, windows.flush(), detector)
    yield from cutter.flush()


def _feed(
    cutter: UtteranceCutter, windows: list[bytes], detector: VoiceDetector
) -> Iterator[Utterance]:
    for at in range(0, len(windows), _AT_ONCE):
        some = windows[at : at + _AT_ONCE]
        for window, probability in zip(some, detector.probabilities(some), strict=True):
            yield from cutter.feed(window, probability)
