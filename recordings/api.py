"""The front door of recordings for other packages: listening, retention, models."""

from pathlib import Path

from core.clock import Clock
from core.db.engine import Database
from core.vault import Vault
from recordings.keyring import Keyring
from recordings.live_audio import SpoolAudio
from recordings.playback import Listener, Playback, Stretch
from recordings.retention import DueRecording, Retention
from recordings.transcribe.models import FoundModel, ModelPlaces, ModelResolver

__all__ = [
    "DueRecording",
    "FoundModel",
    "Listener",
    "ModelPlaces",
    "ModelResolver",
    "Playback",
    "Retention",
    "SpoolAudio",
    "Stretch",
    "keyring_of",
    "playback_of",
    "retention_of",
]


def keyring_of(recordings_dir: Path, vault: Vault) -> Keyring:
    """The keys that lie beside the recordings."""
    return Keyring(recordings_dir / "keys", vault)


def playback_of(recordings_dir: Path, *, vault: Vault, database: Database) -> Playback:
    """Listening to stored recordings, each time with a reason."""
    keyring = keyring_of(recordings_dir, vault)
    return Playback(recordings_dir, keyring=keyring, database=database)


def retention_of(recordings_dir: Path, *, database: Database, clock: Clock) -> Retention:
    """What has been kept long enough."""
    return Retention(recordings_dir, database=database, clock=clock)
