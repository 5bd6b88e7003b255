"""Personal data at rest: encryption, keyed hashes for exact search, masks for people's eyes."""

import base64
import hashlib
import hmac
import re
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import HotlineError

_NONCE = 12
_SHORTEST_SHOWN = 7


class VaultError(HotlineError):
    """The text cannot be read with this key: wrong key or altered data."""

    code = "vault_error"


class Vault:
    """Seals and opens short texts with one master key of 32 bytes."""

    def __init__(self, master_key: bytes) -> None:
        self._cipher = AESGCM(_derive(master_key, b"seal"))
        self._hash_key = _derive(master_key, b"hash")
        self.master_key = master_key

    def seal(self, text: str) -> str:
        """Encrypt (AES-256-GCM); the result is printable text."""
        nonce = secrets.token_bytes(_NONCE)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), None)).decode()

    def open(self, sealed: str) -> str:
        """Decrypt what `seal` made. Raises VaultError."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], None).decode()
        except (ValueError, InvalidTag) as error:
            raise VaultError("无法解密：密钥不符或数据被改动") from error

    def fingerprint(self, text: str) -> str:
        """A keyed hash (HMAC-SHA-256, hex) for exact search without storing the text."""
        return hmac.new(self._hash_key, text.encode(), hashlib.sha256).hexdigest()

    def subkey(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, derived from the master key."""
        return _derive(self.master_key, purpose.encode())


def _derive(master: bytes, purpose: bytes) -> bytes:
    return hmac.new(master, b"hotline/" + purpose, hashlib.sha256).digest()


def normalise_phone(number: str) -> str:
    """Digits of a Chinese number in one form: without +86/0086, spaces and hyphens.

    >>> normalise_phone("+86 138-6275-4310")
    '13862754310'
    """
    digits = re.sub(r"[^\d+]", "", number)
    digits = re.sub(r"^(\+?86|0086)(?=1\d{10}$|0\d{9,11}$)", "", digits)
    return digits.lstrip("+")


def mask_phone(number: str) -> str:
    """What a person without the right to the number may see: 138****4310."""
    digits = normalise_phone(number)
    if len(digits) < _SHORTEST_SHOWN:
        return "*" * len(digits)
    return f"{digits[:3]}****{digits[-4:]}"
