"""Keys of the recordings: one a month, wrapped by a key that comes from the master key.

To destroy a month's key is to destroy every copy of that month's recordings, backups included.
"""

import os
import secrets
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.clock import city_time
from core.errors import HotlineError
from core.vault import Vault

_NONCE = 12
_KEY_BYTES = 32
_PURPOSE = "recordings"


class KeyMissing(HotlineError):
    """The month's key was destroyed, or the master key is another one."""

    code = "key_missing"


class Keyring:
    """Makes and opens the monthly keys below `folder`."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._wrap = AESGCM(vault.subkey(_PURPOSE))
        self._opened: dict[str, bytes] = {}

    def key_id(self, instant: datetime) -> str:
        """The key that seals what is stored now, for example "2026-11"."""
        return f"{city_time(instant):%Y-%m}"

    def seal_key(self, key_id: str) -> bytes:
        """The month's key, made at its first use."""
        path = self._path(key_id)
        if not path.exists():
            self._make(path, key_id)
        return self.open_key(key_id)

    def open_key(self, key_id: str) -> bytes:
        """The month's key. Raises KeyMissing."""
        if key_id not in self._opened:
            self._opened[key_id] = self._unwrap(key_id)
        return self._opened[key_id]

    def destroy(self, key_id: str) -> None:
        """Make everything sealed in that month unreadable for ever."""
        self._opened.pop(key_id, None)
        self._path(key_id).unlink(missing_ok=True)

    def _path(self, key_id: str) -> Path:
        if not key_id.replace("-", "").isdigit():
            raise KeyMissing("录音密钥编号不符")
        return self._folder / f"{key_id}.key"

    def _make(self, path: Path, key_id: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + self._wrap.encrypt(nonce, secrets.token_bytes(_KEY_BYTES), key_id.encode())
        unfinished = path.with_name(f"{path.name}.{os.getpid()}")
        with unfinished.open("wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(unfinished, path)  # never replaces a key that another process has just made
        except FileExistsError:
            pass
        finally:
            unfinished.unlink()

    def _unwrap(self, key_id: str) -> bytes:
        try:
            raw = self._path(key_id).read_bytes()
            return self._wrap.decrypt(raw[:_NONCE], raw[_NONCE:], key_id.encode())
        except (OSError, InvalidTag) as error:
            raise KeyMissing("录音密钥不存在或与主密钥不符", key_id=key_id) from error
