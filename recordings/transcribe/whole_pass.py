"""Hears a whole recording: cut at silence, heard in long stretches, holes heard once more."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Protocol

from recordings.transcribe.audio import StreamRate
from recordings.transcribe.engine import Final, StreamSpec, Transcriber
from recordings.transcribe.grouping import Group, make_groups, take_apart
from recordings.transcribe.guards import is_hole
from recordings.transcribe.utterances import Utterance, UtteranceCutter, Windows
from recordings.transcribe.vad import SileroDetector, VoiceDetector
from recordings.transcribe.whisper_engine import Decoded, prompt_of
from recordings.transcribe.wire import DecodeJob

Decode = Callable[[DecodeJob], Awaitable[Decoded]]
_AT_ONCE = 50
_TIMES_FASTER = 2


class WholePass(Protocol):
    """Recognises one speaker's whole audio."""

    async def hear(self, audio: Iterable[bytes], spec: StreamSpec) -> list[Final]:
        """`audio` comes in pieces of 16-bit samples at `spec.rate`; finals come in order."""
        ...


class WhisperPass:
    """The careful pass. `decode` decides when: through the pool it yields to live calls."""

    def __init__(
        self, decode: Decode, *, detector: Callable[[], VoiceDetector] = SileroDetector
    ) -> None:
        self._decode = decode
        self._detector = detector

    async def hear(self, audio: Iterable[bytes], spec: StreamSpec) -> list[Final]:
        groups = make_groups(cut(audio, rate=spec.rate, detector=self._detector()))
        finals: list[Final] = []
        while (group := await asyncio.to_thread(next, groups, None)) is not None:
            finals += await self._hear_group(group, spec)
        return [final for final in finals if final.text]

    async def _hear_group(self, group: Group, spec: StreamSpec) -> list[Final]:
        heard = await self._decode(self._job(group.pcm, group.speech_ms, spec))
        finals = take_apart(group, heard, offset_ms=spec.offset_ms)
        if len(group.utterances) == 1:
            return finals
        for number, utterance in enumerate(group.utterances):
            if is_hole(finals[number].text, utterance.speech_ms):
                finals[number] = await self._hear_again(utterance, finals[number], spec)
        return finals

    async def _hear_again(self, utterance: Utterance, before: Final, spec: StreamSpec) -> Final:
        """Alone: in company the words after a gap sometimes vanish."""
        alone = Group((utterance,), (0,))
        heard = await self._decode(self._job(utterance.pcm, utterance.speech_ms, spec))
        again = take_apart(alone, heard, offset_ms=spec.offset_ms)[0]
        return again if len(again.text) > len(before.text) else before

    def _job(self, pcm: bytes, speech_ms: int, spec: StreamSpec) -> DecodeJob:
        return DecodeJob(pcm, spec.language, prompt_of(spec.hotwords, spec.language), speech_ms)


class StreamPass:
    """Where there is only a streaming engine: the recording is played to it."""

    def __init__(self, transcriber: Transcriber) -> None:
        self._transcriber = transcriber

    async def hear(self, audio: Iterable[bytes], spec: StreamSpec) -> list[Final]:
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
