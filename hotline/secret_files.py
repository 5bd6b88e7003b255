"""Makes the passwords and keys of one instance once and keeps them readable by their owner only."""

import os
import secrets
from dataclasses import replace
from pathlib import Path

from core.config import Settings
from core.errors import SettingWrong

_BYTES = 32


def ensure_secrets(settings: Settings) -> Settings:
    """Fill every empty secret from its file, making the file where there is none."""
    _refuse_lost_master_key(settings)
    settings.secrets_dir.mkdir(parents=True, exist_ok=True)
    settings.secrets_dir.chmod(0o700)
    return replace(
        settings,
        ari_password=settings.ari_password or keep(settings.secrets_dir / "ari_password"),
        ami_password=settings.ami_password or keep(settings.secrets_dir / "ami_password"),
        master_key=settings.master_key or keep(settings.secrets_dir / "master_key"),
    )


def keep(path: Path, text: str = "") -> str:
    """The secret in this file; written first (as given, or random hex) where it is missing."""
    if path.is_file():
        return path.read_text(encoding="utf-8").strip()
    text = text or secrets.token_hex(_BYTES)
    write_private(path, text + "\n")
    return text


def write_private(path: Path, text: str) -> None:
    """Replace a file whole, never readable by others, not even for a moment."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def _refuse_lost_master_key(settings: Settings) -> None:
    """A new key beside old data would make every caller's number unreadable for ever."""
    has_data = (settings.state_dir / "pg" / "data" / "PG_VERSION").is_file()
    if has_data and not settings.master_key and not (settings.secrets_dir / "master_key").is_file():
        raise SettingWrong(
            f"已有数据，但找不到主密钥 {settings.secrets_dir / 'master_key'}；请先恢复它"
        )
