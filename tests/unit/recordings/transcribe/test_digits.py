"""Spelt numbers: when it is worth trying, and when the outcome may be called likely."""

from __future__ import annotations

import numpy as np
import pytest

from recordings.transcribe.digit_decoder import HEAD_WIDTH, HEADS, DigitDecoder
from recordings.transcribe.digits import is_sure, may_hold_a_number
from recordings.transcribe.engine import SpokenNumber

WIDTH = HEADS * HEAD_WIDTH


@pytest.mark.parametrize(
    "text", ["我电话幺三八六二七五四三幺零", "要三九一二八七零六三四", "137-312-6605"]
)
def test_talk_with_a_run_of_digits_is_worth_spelling(text: str) -> None:
    assert may_hold_a_number(text)


@pytest.mark.parametrize("text", ["", "路灯坏了三天了", "今天早上七点多", "我是来问一下医保的"])
def test_other_talk_is_not(text: str) -> None:
    assert not may_hold_a_number(text)


def test_words_that_agree_make_a_number_likely_and_others_forbid_it() -> None:
    number = SpokenNumber("13862754310", margin=9.0, length_margin=9.0, others=())
    assert is_sure(number, ["13862754310"])
    assert not is_sure(number, ["13862751310"])
    assert is_sure(number, [])


def test_a_number_not_fully_said_is_not_likely() -> None:
    number = SpokenNumber("13862754310", margin=3.0, length_margin=-2.0, others=())
    assert not is_sure(number, [])


def test_a_continuation_read_step_by_step_equals_the_whole_read_at_once() -> None:
    decoder = DigitDecoder(_weights(layers=2, vocabulary=40), 40)
    chance = np.random.default_rng(4)
    decoder.hear(chance.standard_normal((30, WIDTH)).astype(np.float32))
    whole = decoder.begin([3, 7, 11, 5, 9])
    beginning = decoder.begin([3, 7, 11])
    assert np.allclose(beginning[2], whole[2], atol=1e-4)
    first, memory = decoder.step([5], [3], [decoder.nothing()])
    second, _ = decoder.step([9], [3], memory)
    assert np.allclose(first[0], whole[3], atol=1e-3)
    assert np.allclose(second[0], whole[4], atol=1e-3)


def _weights(*, layers: int, vocabulary: int) -> dict[str, np.ndarray]:
    chance = np.random.default_rng(3)

    def some(*shape: int) -> np.ndarray:
        return (chance.standard_normal(shape) * 0.05).astype(np.float32)

    out = {
        "embeddings/weight": some(vocabulary, WIDTH),
        "position_encodings/encodings": some(50, WIDTH),
    }
    norms = ["layer_norm"]
    for i in range(layers):
        sizes = {
            "self_attention/linear_0": (3 * WIDTH, WIDTH),
            "self_attention/linear_1": (WIDTH, WIDTH),
            "attention/linear_0": (WIDTH, WIDTH),
            "attention/linear_1": (2 * WIDTH, WIDTH),
            "attention/linear_2": (WIDTH, WIDTH),
            "ffn/linear_0": (4 * WIDTH, WIDTH),
            "ffn/linear_1": (WIDTH, 4 * WIDTH),
        }
        for name, shape in sizes.items():
            out[f"layer_{i}/{name}/weight"] = some(*shape)
            out[f"layer_{i}/{name}/bias"] = some(shape[0])
        norms += [f"layer_{i}/{part}/layer_norm" for part in ("self_attention", "attention", "ffn")]
    for name in norms:
        out[f"{name}/gamma"], out[f"{name}/beta"] = np.ones(WIDTH, np.float32), some(WIDTH)
    return out
