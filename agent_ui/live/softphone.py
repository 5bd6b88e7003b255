"""Opens the browser's telephone: an endpoint with a secret of its own for each log-in."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from core.asterisk.webrtc import BrowserPhone
from core.auth import Principal
from core.vault import Vault

#: A registration lasts this long; the browser renews it.
REGISTER_SECONDS = 120


class PhoneBook(Protocol):
    """Makes browser phones in Asterisk (core.asterisk.webrtc.PhoneBook)."""

    async def put(self, phone: BrowserPhone) -> None:
        """Make the phone or give it a new secret."""
        ...


@dataclass(frozen=True, slots=True)
class AsteriskSoftphones:
    """Endpoints in Asterisk. media_address: only where all media stays on loopback."""

    phones: PhoneBook
    vault: Vault
    sip_port: int
    media_address: str = ""

    async def open(self, principal: Principal, session_key: str) -> Mapping[str, object]:
        """Make the endpoint known to Asterisk; the same log-in always gets the same secret.

        Derived, not stored: a page that reloads in mid-call registers again without a new secret,
        and an Asterisk that forgot the endpoint is told it anew.
        """
        phone = BrowserPhone(
            account=principal.account,
            secret=self._secret(principal.account, session_key),
            display_name=principal.name,
            media_address=self.media_address,
        )
        await self.phones.put(phone)
        return {
            "user": phone.endpoint,
            "secret": phone.secret,
            "port": self.sip_port,
            "path": "/ws",
            "register_seconds": REGISTER_SECONDS,
        }

    def _secret(self, account: str, session_key: str) -> str:
        key = self.vault.subkey("softphone")
        return hmac.new(key, f"{account}/{session_key}".encode(), hashlib.sha256).hexdigest()
