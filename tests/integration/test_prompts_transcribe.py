"""Every prompt, heard back by the recogniser, is what the catalogue says.

The bounds come from the measured error of this voice (reference measurements of the synthesis:
4.7 % of characters on sentences with grouped numbers, 10.5 % without): syllables without tones
are compared, since a listener hears homophones alike. Numbers that are put together from pieces
at run time are heard as a caller hears them, inside their sentences; Whisper, which leans on the
flow of a sentence, hears those less well than people do, so their bound is wider.
"""

from collections.abc import Iterator, Mapping
from datetime import date, time
from pathlib import Path

import pytest

import ivr
from core.config import Settings
from core.domain.prompts import Fragment, Say, say
from hotline.prompts_render.calls import lines
from hotline.prompts_render.manifest import PromptFolder
from recordings.transcribe.whisper_engine import WhisperDecoder
from tests.support.speech_back import Heard, decoder, hear, samples_of

pytestmark = [pytest.mark.speech, pytest.mark.timeout(600)]

FOLDER = PromptFolder(Path(ivr.__file__).parent / "prompts")
VOICES = Path(ivr.__file__).parents[1] / "simulator" / "voices"
BOOK = FOLDER.book()
#: Syllables that may come back differently, of all sentences together and of each one.
CATALOGUE_BOUND = {"zh": 0.105, "en": 0.105}
SENTENCE_BOUND = 0.4
PIECES_BOUND = 0.25
CALLS_BOUND = 0.15
NUMBERS = (
    *(say("place_in_line", ahead=ahead) for ahead in (2, 3, 12, 20, 23, 59, 80)),
    say("wait_between", low=5, high=10),
    say("wait_between", low=30, high=45),
    say("opens_at", at=time(8, 30)),
    say("opens_at", at=time(14, 0)),
    *(
        say("case_due", due=date(2026, month, day))
        for month, day in ((1, 3), (2, 14), (5, 30), (6, 9), (8, 19), (9, 22), (12, 31))
    ),
    say("case_number_is", number="2026071500942"),
    say("case_number_is", number="2027030812345"),
    say("callback_number", phone="15406273895"),
)


@pytest.fixture(scope="module")
def model(base_settings: Settings) -> WhisperDecoder:
    found = decoder(base_settings)
    if found is None:
        pytest.skip("Whisper is not installed")
    return found


def sentences(language: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each sentence's fixed words: prompt id, and piece -> text."""
    for prompt, texts in BOOK.templates.items():
        if language in texts and prompt not in BOOK.cut_out:
            fragments = [part for part in texts[language] if isinstance(part, Fragment)]
            yield prompt, {part.piece: part.text for part in fragments}


def heard_sentence(
    model: WhisperDecoder, language: str, prompt: str, words: Mapping[str, str]
) -> Heard:
    samples = samples_of([FOLDER.audio(language, piece) for piece in words])
    return hear(model, prompt, " ".join(words.values()), samples, language)


def rate(heard: list[Heard]) -> float:
    return sum(one.errors for one in heard) / sum(one.syllables for one in heard)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sentence_comes_back_as_it_was_written(model: WhisperDecoder, language: str) -> None:
    heard = [heard_sentence(model, language, *one) for one in sentences(language)]
    worst = [one for one in heard if one.rate > SENTENCE_BOUND and one.errors > 2]
    assert not worst
    assert rate(heard) <= CATALOGUE_BOUND[language]


def spoken(model: WhisperDecoder, wanted: Say) -> Heard:
    texts = BOOK.recordings("zh")
    pieces = BOOK.pieces(wanted, "zh")
    files = [
        FOLDER.silence(piece) if piece in BOOK.silences else FOLDER.audio("zh", piece)
        for piece in pieces
    ]
    meant = "".join(texts.get(piece, "") for piece in pieces)
    return hear(model, wanted.prompt, meant, samples_of(files), "zh")


def test_numbers_times_and_dates_put_together_from_pieces_are_understood(
    model: WhisperDecoder,
) -> None:
    assert rate([spoken(model, wanted) for wanted in NUMBERS]) <= PIECES_BOUND


def test_the_spoken_calls_of_the_simulator_are_understood(model: WhisperDecoder) -> None:
    heard = [
        hear(model, line.audio, line.text, samples_of([VOICES / line.audio]), "zh")
        for line in lines(VOICES)
    ]
    assert rate(heard) <= CALLS_BOUND
