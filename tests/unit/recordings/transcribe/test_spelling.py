"""A spelt number is held against the digits that free wordings wrote."""

from recordings.transcribe.digits import heard_digits
from recordings.transcribe.engine import Final, SpokenNumber
from recordings.transcribe.spelling import likeness, number_of
from recordings.transcribe.whisper_engine import Decoded

NEAR = SpokenNumber("15062773310", 0.3, 0.5, ("15062773318", "15062773308"), behind=(0.3, 0.9))


def final(text: str, *others: str) -> Final:
    return Final(text, 0, 5_000, 0.8, alternatives=others)


def test_digits_are_read_from_what_they_sound_like() -> None:
    assert heard_digits("我号码，要三九零六二八要有五期") == "13906281157"


def test_the_candidate_that_fits_the_free_words_is_taken() -> None:
    number = number_of(Decoded("", 0.0, number=NEAR), [final("电话15062-73318")])
    assert number is not None
    assert number.digits == "15062773318"
    assert "15062773310" in number.others
    assert not number.sure


def test_words_that_hold_the_whole_number_make_it_likely() -> None:
    best = SpokenNumber("15062773318", 3.0, 2.0, ("15062773310",), behind=(3.0,))
    number = number_of(Decoded("", 0.0, number=best), [final("电话15062773318")])
    assert number is not None
    assert number.sure


def test_no_number_heard_is_none() -> None:
    assert number_of(Decoded("", 0.0), [final("你好")]) is None


def test_likeness_counts_matches_wherever_they_lie() -> None:
    assert likeness("13862754310", "54310") == 5.0
    assert likeness("13862754310", "") == 0.0
