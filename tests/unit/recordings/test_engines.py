"""Which engines come out of which models."""

from pathlib import Path

import pytest

from core.errors import InputRefused
from recordings.engines import build_engines
from recordings.transcribe.engine import StreamSpec
from recordings.transcribe.models import VOSK, WHISPER, FoundModel
from tests.fakes.clock import FakeClock

HERE = Path("/models/one")
VOSK_ZH = FoundModel(VOSK, "zh", HERE, "data")
WHISPER_ZH = FoundModel(WHISPER, "zh", HERE, "package")
NO_VOSK = FoundModel(VOSK, "zh", None, "none", "未找到")


@pytest.mark.parametrize(
    ("models", "wish", "name"),
    [
        ([VOSK_ZH, WHISPER_ZH], "auto", "vosk+whisper"),
        ([NO_VOSK, WHISPER_ZH], "auto", "whisper"),
        ([VOSK_ZH], "auto", "vosk"),
        ([VOSK_ZH, WHISPER_ZH], "vosk", "vosk"),
        ([VOSK_ZH, WHISPER_ZH], "whisper", "whisper"),
        ([VOSK_ZH, WHISPER_ZH], "none", "none"),
        ([NO_VOSK], "auto", "none"),
    ],
)
def test_the_models_and_the_wish_decide_the_engines(
    models: list[FoundModel], wish: str, name: str
) -> None:
    engines = build_engines(models, wanted=wish, workers=1, clock=FakeClock())
    assert engines.live.capabilities.name == name
    assert (engines.whole is None) == (name == "none")


async def test_without_a_model_every_language_is_refused_and_nothing_is_waited_for() -> None:
    engines = build_engines([], wanted="auto", workers=1, clock=FakeClock())
    assert engines.ready
    with pytest.raises(InputRefused):
        await engines.live.open(StreamSpec("call", "caller"))
