"""The shipped prompts: every text has audio of its own, fit for the telephone."""

from datetime import date, time
from pathlib import Path

import pytest
import soundfile

import ivr
from core.asterisk.sounds import PromptSounds
from core.domain.prompts import STATUS_PROMPTS, Fragment, Say, Slot, Value, say
from hotline.prompts_render.calls import lines, stale_lines
from hotline.prompts_render.manifest import PromptFolder

DIRECTORY = Path(ivr.__file__).parent / "prompts"
VOICES = Path(ivr.__file__).parents[1] / "simulator" / "voices"
FOLDER = PromptFolder(DIRECTORY)
BOOK = FOLDER.book()
LONGEST_GREETING = 4.0
MOST_BYTES = 2048 * 1024
EXAMPLES: dict[str, Value] = {
    "number": 42,
    "count": 2,
    "digits": "1024",
    "phone": "15406273895",
    "case_number": "2026112300018",
    "clock": time(14, 25),
    "date": date(2026, 12, 31),
    "prompt": "status_handling",
}


def example(prompt: str, language: str) -> Say:
    slots = [part for part in BOOK.templates[prompt][language] if isinstance(part, Slot)]
    return Say(prompt, {slot.name: EXAMPLES[slot.kind] for slot in slots})


def test_every_text_has_audio_made_from_that_text() -> None:
    assert FOLDER.problems() == []


def test_no_audio_is_left_of_texts_that_are_gone() -> None:
    assert FOLDER.strangers() == []


def test_every_sentence_can_be_played_from_files_that_exist() -> None:
    sounds = PromptSounds(DIRECTORY)
    for prompt, texts in BOOK.templates.items():
        for language in texts:
            wanted = example(prompt, language)
            paths = sounds.paths([wanted], language)
            assert len(paths) == len(BOOK.pieces(wanted, language)), prompt
            assert all(Path(f"{path}.wav").is_file() for path in paths)


def test_every_file_is_8_khz_16_bit_mono_and_small() -> None:
    for wanted in FOLDER.wanted():
        path = FOLDER.audio(wanted.language, wanted.piece)
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.subtype) == (8000, 1, "PCM_16"), path.name
        assert path.stat().st_size < MOST_BYTES


def test_prompts_are_of_one_loudness_and_never_clip() -> None:
    for wanted in FOLDER.wanted():
        samples, _ = soundfile.read(FOLDER.audio(wanted.language, wanted.piece), dtype="float32")
        assert 0.15 < float(abs(samples).max()) < 0.95, wanted.piece


@pytest.mark.parametrize("prompt", sorted(p for p in BOOK.templates if p.startswith("greeting_1")))
def test_a_greeting_lasts_no_longer_than_four_seconds(prompt: str) -> None:
    (fragment,) = BOOK.templates[prompt]["zh"]
    assert isinstance(fragment, Fragment)
    seconds = soundfile.info(FOLDER.audio("zh", fragment.piece)).duration
    assert seconds <= LONGEST_GREETING


def test_sentences_for_the_state_of_a_case_are_in_every_language() -> None:
    for prompt in set(STATUS_PROMPTS.values()):
        assert set(BOOK.templates[prompt]) == set(BOOK.languages)


def test_a_studio_recording_goes_before_a_rendered_one(tmp_path: Path) -> None:
    (tmp_path / "catalogue.toml").write_bytes((DIRECTORY / "catalogue.toml").read_bytes())
    for folder in ("zh", "studio/zh"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "goodbye.wav").write_bytes(
            (DIRECTORY / "zh" / "goodbye.wav").read_bytes()
        )
    (path,) = PromptSounds(tmp_path).media(say("goodbye"), language="zh")
    assert path == f"sound:{tmp_path}/studio/zh/goodbye"


def test_every_line_of_the_spoken_calls_has_its_audio() -> None:
    assert stale_lines(VOICES) == []
    assert all((VOICES / line.audio).stat().st_size < MOST_BYTES for line in lines(VOICES))
