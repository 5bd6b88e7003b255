"""Readable Chinese out of a recogniser's words."""

from hypothesis import given
from hypothesis import strategies as st

from recordings.transcribe.chinese import core_characters, polish


def test_spaces_between_chinese_words_go_and_between_english_words_stay() -> None:
    assert polish("路灯 坏 了 三 天", "zh") == "路灯坏了三天"
    assert polish("the  street lamp", "en") == "the street lamp"


def test_traditional_characters_become_simplified() -> None:
    assert polish("晚上一片漆黑，沒有燈", "zh") == "晚上一片漆黑，没有灯"


def test_half_width_marks_after_chinese_become_chinese_ones() -> None:
    assert polish("你好,我要投诉!", "zh") == "你好，我要投诉！"


def test_numbers_keep_their_point_and_comma() -> None:
    assert polish("欠了1,200.5元", "zh") == "欠了1,200.5元"


def test_an_engines_own_marks_are_not_shown() -> None:
    assert polish("[unk] 你好 <unk>", "zh") == "你好"


@given(st.text(alphabet="路灯坏了三天 ，。12ab", max_size=60))
def test_no_word_is_added_or_dropped(text: str) -> None:
    assert core_characters(polish(text, "zh")) == core_characters(text)


@given(st.text(max_size=60))
def test_polishing_twice_changes_nothing_more(text: str) -> None:
    once = polish(text, "zh")
    assert polish(once, "zh") == once
