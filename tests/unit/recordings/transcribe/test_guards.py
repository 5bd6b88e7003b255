"""Made-up words are told from spoken ones."""

import pytest

from recordings.transcribe.guards import (
    Attempt,
    is_credits,
    is_doubtful,
    is_flood,
    is_hole,
    is_invention,
    is_prompt_echo,
    is_repetition,
    is_silence,
)

PROMPT = "以下是12345热线的市民来电。涉及甲镇、乙镇、人民路。"
COMPLAINT = "我要反映一个问题，小区门口的路灯坏了三天，晚上看不见路，请尽快派人来修。"


def test_a_plain_complaint_is_neither_doubtful_nor_an_invention() -> None:
    attempt = Attempt(COMPLAINT, -0.3, 0.01)
    assert not is_doubtful(attempt, prompt=PROMPT, speech_ms=7_000, length_ms=8_000)
    assert not is_invention(attempt, length_ms=8_000)


def test_words_that_go_round_in_circles_are_a_repetition() -> None:
    assert is_repetition("谢谢谢谢" * 30)
    assert not is_repetition("咚咚咚")


def test_the_prompt_said_back_is_an_echo_but_one_name_of_it_is_not() -> None:
    assert is_prompt_echo("涉及甲镇、乙镇、人民路", PROMPT)
    assert not is_prompt_echo("人民路", PROMPT)


@pytest.mark.parametrize("text", ["字幕由Amara.org社区提供", "请不吝点赞 订阅", "谢谢观看"])
def test_a_caption_makers_signature_is_known(text: str) -> None:
    assert is_credits(text)


def test_a_caller_who_says_thanks_is_not_a_caption_maker() -> None:
    assert not is_credits("好的，谢谢你们，麻烦快一点")


def test_few_words_for_much_speech_are_a_hole() -> None:
    assert is_hole("喂", 6_000)
    assert not is_hole("喂", 500)


def test_more_words_than_a_mouth_can_speak_are_a_flood() -> None:
    assert is_flood(COMPLAINT, 1_000)
    assert not is_flood(COMPLAINT, 7_000)


def test_doubt_about_speech_counts_only_with_doubt_about_the_words() -> None:
    assert is_silence(Attempt("嗯", -1.5, 0.8))
    assert not is_silence(Attempt("喂你好", -0.4, 0.8))
