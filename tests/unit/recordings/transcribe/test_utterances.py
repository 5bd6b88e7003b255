"""The cutter loses no speech, keeps the order, and counts time by samples alone."""

from hypothesis import given
from hypothesis import strategies as st

from recordings.transcribe.utterances import (
    WINDOW_SAMPLES,
    CuttingRules,
    Utterance,
    UtteranceCutter,
    Windows,
)

RULES = CuttingRules()
LONGEST = RULES.max_ms // 32

#: Runs of (probability, number of windows) look like speech and pauses more than single values do.
RUNS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.05, 0.14, 0.2, 0.29, 0.3, 0.6, 1.0]), st.integers(1, 300)),
    max_size=30,
)


def window(number: int) -> bytes:
    """Audio that says which window it is."""
    return number.to_bytes(4, "little") * (WINDOW_SAMPLES // 2)


def cut(probabilities: list[float]) -> list[Utterance]:
    cutter = UtteranceCutter()
    utterances = []
    for number, probability in enumerate(probabilities):
        utterances += cutter.feed(window(number), probability)
    return utterances + cutter.flush()


def spread(runs: list[tuple[float, int]]) -> list[float]:
    return [probability for probability, length in runs for _ in range(length)]


@given(RUNS)
def test_every_window_of_speech_is_in_exactly_one_utterance(runs: list[tuple[float, int]]) -> None:
    probabilities = spread(runs)
    covered = [0] * len(probabilities)
    for utterance in cut(probabilities):
        for number in range(
            utterance.start_sample // WINDOW_SAMPLES, utterance.end_sample // WINDOW_SAMPLES
        ):
            covered[number] += 1
    for number, probability in enumerate(probabilities):
        assert covered[number] <= 1
        if probability >= RULES.speech_from:
            assert covered[number] == 1


@given(RUNS)
def test_utterances_come_in_order_and_do_not_overlap(runs: list[tuple[float, int]]) -> None:
    before = 0
    for utterance in cut(spread(runs)):
        assert utterance.start_sample >= before
        before = utterance.end_sample


@given(RUNS)
def test_no_utterance_is_longer_than_allowed_or_without_speech(
    runs: list[tuple[float, int]],
) -> None:
    for utterance in cut(spread(runs)):
        assert len(utterance.pcm) // 2 // WINDOW_SAMPLES <= LONGEST
        assert utterance.speech_ms > 0


@given(RUNS)
def test_an_utterance_holds_the_very_audio_of_its_place(runs: list[tuple[float, int]]) -> None:
    for utterance in cut(spread(runs)):
        first = utterance.start_sample // WINDOW_SAMPLES
        count = len(utterance.pcm) // (WINDOW_SAMPLES * 2)
        assert utterance.pcm == b"".join(window(first + n) for n in range(count))


@given(st.binary(max_size=20_000), st.lists(st.integers(1, 5_000), min_size=1, max_size=20))
def test_windows_do_not_depend_on_how_the_audio_is_chopped(audio: bytes, sizes: list[int]) -> None:
    whole = Windows()
    expected = whole.feed(audio) + whole.flush()
    chopped = Windows()
    found: list[bytes] = []
    at, turn = 0, 0
    while at < len(audio):
        size = sizes[turn % len(sizes)]
        found += chopped.feed(audio[at : at + size])
        at, turn = at + size, turn + 1
    assert found + chopped.flush() == expected


def test_half_a_second_of_silence_ends_an_utterance() -> None:
    cutter = UtteranceCutter()
    for number in range(40):
        assert cutter.feed(window(number), 0.9) == []
    silence = 0
    ended: list[Utterance] = []
    while not ended:
        ended = cutter.feed(window(40 + silence), 0.01)
        silence += 1
    assert 480 <= silence * 32 <= 544
    assert not cutter.speaking


def test_a_short_pause_does_not_end_an_utterance() -> None:
    assert len(cut(spread([(0.9, 30), (0.0, 10), (0.9, 30), (0.0, 40)]))) == 1


def test_a_little_silence_is_kept_on_both_sides() -> None:
    (utterance,) = cut(spread([(0.0, 50), (0.9, 30), (0.0, 50)]))
    assert utterance.start_sample == 44 * WINDOW_SAMPLES
    assert utterance.end_sample == 86 * WINDOW_SAMPLES


def test_a_long_speech_is_cut_in_its_pause_rather_than_in_a_word() -> None:
    first, second = cut(spread([(0.9, 300), (0.2, 6), (0.9, 200)]))
    assert first.forced
    assert 300 <= first.end_sample // WINDOW_SAMPLES <= 306
    assert second.start_sample == first.end_sample


def test_what_is_settled_is_never_part_of_a_later_utterance() -> None:
    cutter = UtteranceCutter()
    for number, probability in enumerate(spread([(0.9, 20), (0.0, 100), (0.9, 20)])):
        settled = cutter.settled
        for utterance in cutter.feed(window(number), probability):
            assert utterance.start_sample >= settled
