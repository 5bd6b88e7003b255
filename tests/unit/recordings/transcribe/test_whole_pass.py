"""The pass after a call: several hearings, names listened for again, numbers spelt."""

import asyncio
from collections.abc import Sequence

import numpy as np

from recordings.transcribe.engine import Final, SpokenNumber, StreamSpec
from recordings.transcribe.spelling import stretches_to_spell
from recordings.transcribe.utterances import Utterance
from recordings.transcribe.whisper_engine import Decoded
from recordings.transcribe.whole_pass import WhisperPass
from recordings.transcribe.wire import DecodeJob

SECOND = 32_000
SPEC = StreamSpec("c1", "caller", hotwords=("西浦镇",))
NUMBER = SpokenNumber("13862754310", 5.0, 3.0, ("13862754311",), behind=(5.0,))


class LoudIsSpeech:
    """A detector for made-up audio: anything but silence is speech."""

    def probabilities(self, windows: Sequence[bytes]) -> list[float]:
        return [0.9 if any(window) else 0.0 for window in windows]


class Ears:
    """Answers by the prompt, and notes every job."""

    def __init__(self, *, usual: str, plain: str, named: str) -> None:
        self._usual, self._plain, self._named = usual, plain, named
        self.jobs: list[DecodeJob] = []

    async def decode(self, job: DecodeJob) -> Decoded:
        self.jobs.append(job)
        if job.spell:
            return Decoded("", 0.0, number=NUMBER)
        if not job.prompt:
            return Decoded(self._plain, 0.8)
        return Decoded(self._named if "振华路" in job.prompt else self._usual, 0.8)


def speech(seconds: float) -> bytes:
    return np.full(int(seconds * 16_000), 3_000, "<i2").tobytes()


def hear(ears: Ears, audio: bytes, names: tuple[str, ...] = ("振华路",)) -> list[Final]:
    hearing = WhisperPass(ears.decode, detector=LoudIsSpeech)
    return asyncio.run(hearing.hear([audio], SPEC, lambda _: names))


def test_names_that_were_nearly_heard_are_listened_for_again() -> None:
    ears = Ears(usual="真花路坏了", plain="振花路坏了", named="振华路坏了")
    (final,) = hear(ears, bytes(SECOND) + speech(3) + bytes(2 * SECOND))
    assert {final.text, *final.alternatives} == {"真花路坏了", "振花路坏了", "振华路坏了"}
    assert [bool(job.prompt) for job in ears.jobs] == [True, False, True]


def test_without_a_name_nothing_is_heard_a_third_time() -> None:
    ears = Ears(usual="路灯坏了", plain="路灯坏了", named="")
    (final,) = hear(ears, speech(3) + bytes(SECOND), names=())
    assert final.text == "路灯坏了"
    assert len(ears.jobs) == 2


def test_a_run_of_digits_is_spelt_and_stays_with_its_utterance() -> None:
    said = "我电话幺三八六二七五四三幺零"
    ears = Ears(usual=said, plain=said, named=said)
    (final,) = hear(ears, speech(4) + bytes(SECOND))
    assert [number.digits for number in final.numbers] == ["13862754310"]
    assert final.numbers[0].sure


def test_silence_gives_no_words_and_no_work() -> None:
    ears = Ears(usual="x", plain="x", named="x")
    assert hear(ears, bytes(60 * SECOND)) == []
    assert ears.jobs == []


def test_a_number_said_in_two_breaths_is_spelt_as_one() -> None:
    texts = ["你好", "幺三九零六二八", "幺幺五七", "谢谢"]
    utterances = [Utterance(n * 48_000, speech(2.5), 2_500) for n in range(4)]
    finals = [Final(text, n * 3_000, n * 3_000 + 2_500, 0.9) for n, text in enumerate(texts)]
    assert list(stretches_to_spell(utterances, finals)) == [(1, 2)]
