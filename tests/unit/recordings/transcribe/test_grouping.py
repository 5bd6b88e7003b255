"""Utterances joined for a better hearing, and taken apart again."""

from hypothesis import given
from hypothesis import strategies as st

from recordings.transcribe.engine import Word
from recordings.transcribe.grouping import Group, make_groups, take_apart
from recordings.transcribe.utterances import Utterance
from recordings.transcribe.whisper_engine import Decoded

MS = 16  # samples


def utterance(start_ms: int, length_ms: int) -> Utterance:
    return Utterance(start_ms * MS, bytes(length_ms * MS * 2), length_ms)


#: (pause before, length) of each utterance, in ms
CALLS = st.lists(st.tuples(st.integers(0, 20_000), st.integers(100, 12_000)), max_size=12)


def call_of(shape: list[tuple[int, int]]) -> list[Utterance]:
    at, made = 0, []
    for pause, length in shape:
        made.append(utterance(at + pause, length))
        at += pause + length
    return made


@given(CALLS)
def test_every_utterance_is_heard_once_and_in_order(shape: list[tuple[int, int]]) -> None:
    call = call_of(shape)
    groups = list(make_groups(call))
    assert [one for group in groups for one in group.utterances] == call
    for group in groups:
        assert len(group.pcm) // 2 <= 28_000 * MS


@given(CALLS, st.data())
def test_taking_apart_keeps_every_character_and_puts_words_in_their_utterance(
    shape: list[tuple[int, int]], data: st.DataObject
) -> None:
    for group in make_groups(call_of(shape)):
        length = len(group.pcm) // 2 // MS
        times = sorted(data.draw(st.lists(st.integers(0, length), max_size=20)))
        words = tuple(
            Word("路灯"[n % 2], at, min(length, at + 150), 0.9) for n, at in enumerate(times)
        )
        text = "，".join(word.text for word in words)
        finals = take_apart(group, Decoded(text, 0.8, words), offset_ms=700)
        assert "".join(final.text for final in finals) == text
        for final in finals:
            for word in final.words:
                assert final.start_ms <= word.start_ms <= word.end_ms <= final.end_ms


def test_words_go_back_to_where_they_were_spoken() -> None:
    group = Group((utterance(1_000, 1_000), utterance(9_000, 1_000)), (0, 1_300))
    heard = Decoded(
        "你好，路灯坏了。", 0.9, (Word("你好", 100, 600, 0.9), Word("路灯", 1_400, 1_900, 0.8))
    )
    first, second = take_apart(group, heard)
    assert (first.text, second.text) == ("你好，", "路灯坏了。")
    assert (first.words[0].start_ms, second.words[0].start_ms) == (1_100, 9_100)


def test_an_utterance_without_words_stays_empty() -> None:
    group = Group((utterance(0, 1_000), utterance(5_000, 1_000)), (0, 1_300))
    first, second = take_apart(group, Decoded("你好", 0.9, (Word("你好", 1_400, 1_900, 0.9),)))
    assert (first.text, second.text) == ("", "你好")
