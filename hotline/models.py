"""Lays the speech models down at set-up: Whisper from its installed packages, Vosk by download."""

from collections.abc import Callable

from core.config import Settings
from recordings.transcribe.downloads import fetch
from recordings.transcribe.models import VOSK, WHISPER, ModelPlaces, ModelResolver

Say = Callable[[str], None]


def set_up_models(settings: Settings, say: Say) -> None:
    """Find or fetch each model; a missing one costs captions, never a call, so none is an error."""
    places = ModelPlaces(
        models_dir=settings.runtime_dir / "models",
        whisper_dir=settings.whisper_model_dir,
        vosk_dir=settings.vosk_model_dir,
        offline=settings.offline,
    )
    resolver = ModelResolver(places, fetch=fetch)
    for engine in (WHISPER, VOSK):
        found = resolver.obtain(engine, "zh")
        say(f"speech model {engine}: {found.path.name if found.path else found.reason}")
