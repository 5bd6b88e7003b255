"""The engines' self-test: known audio, what was heard, and what a model is used for."""

from pathlib import Path

import pytest

from core.config import PROJECT
from recordings.engines import build_engines, role_of
from recordings.self_test import character_errors, known_audio
from recordings.transcribe.models import VOSK, WHISPER, FoundModel
from tests.fakes.clock import FakeClock

HERE = Path("/models/one")


@pytest.mark.parametrize(
    ("heard", "said", "share"),
    [
        ("坐席正忙，请稍候。", "坐席正忙请稍候", 0.0),
        ("", "坐席正忙", 1.0),
        ("作习正忙", "坐席正忙", 0.5),
        ("ALL agents are busy", "all agents are busy!", 0.0),
        ("完全不同的很长很长的话", "坐席", 1.0),
    ],
)
def test_errors_are_counted_by_letters(heard: str, said: str, share: float) -> None:
    assert character_errors(heard, said) == share


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_voice_menu_gives_known_audio_of_its_languages(language: str) -> None:
    known = known_audio(PROJECT / "ivr" / "prompts", language)
    assert known is not None
    assert known.text
    assert 2.0 < sum(len(piece) for piece in known.pieces()) / 2 / 16_000 < 10.0


def test_a_language_without_prompts_has_no_known_audio() -> None:
    assert known_audio(PROJECT / "ivr" / "prompts", "ko") is None
    assert known_audio(Path("/nowhere"), "zh") is None


def test_installing_a_model_of_the_same_family_changes_the_role_without_code() -> None:
    vosk, whisper = FoundModel(VOSK, "zh", HERE, "data"), FoundModel(WHISPER, "zh", HERE, "data")
    korean = FoundModel(VOSK, "ko", HERE, "package")
    both = build_engines([vosk, whisper, korean], wanted="auto", workers=1, clock=FakeClock())
    assert [role_of(both, one) for one in (vosk, whisper, korean)] == ["LIVE", "BOTH", "BOTH"]
    alone = build_engines([whisper], wanted="auto", workers=1, clock=FakeClock())
    assert [role_of(alone, one) for one in (vosk, whisper)] == ["NONE", "BOTH"]
    refused = build_engines([vosk, whisper], wanted="vosk", workers=1, clock=FakeClock())
    assert [role_of(refused, one) for one in (vosk, whisper)] == ["BOTH", "NONE"]
