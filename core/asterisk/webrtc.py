"""Browser phones in Asterisk: an endpoint per agent account with a secret per log-in."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.asterisk.ari_rest import AriRest, segment
from core.asterisk.errors import ChannelGone

#: How agents' endpoints are named: "PJSIP/agent-<account>".
ENDPOINT_PREFIX = "agent-"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserPhone:
    """What a browser needs to register, and what Asterisk must know of it.

    media_address: only to keep media on loopback; leave empty where browsers sit elsewhere.
    """

    account: str
    secret: str
    display_name: str = ""
    media_address: str = ""

    @property
    def endpoint(self) -> str:
        return endpoint_name(self.account)


def endpoint_name(account: str) -> str:
    """Name of an agent's PJSIP endpoint, and of its SIP user."""
    return ENDPOINT_PREFIX + account


class PhoneBook:
    """Makes and removes browser phones while Asterisk runs (they survive its restart)."""

    def __init__(self, rest: AriRest) -> None:
        self._rest = rest

    async def put(self, phone: BrowserPhone) -> None:
        """Make the phone or give it a new secret; at once in force."""
        name = phone.endpoint
        auth = {"auth_type": "digest", "username": name, "password": phone.secret}
        aor = {"max_contacts": "1", "remove_existing": "yes", "qualify_frequency": "0"}
        endpoint = {
            "context": "from-agents",
            "disallow": "all",
            "allow": "opus,alaw,ulaw",
            "auth": name,
            "aors": name,
            "webrtc": "yes",
            "direct_media": "no",
            "rtp_timeout": "30",
            "dtmf_mode": "rfc4733",
        }
        if phone.display_name:
            shown = phone.display_name.replace('"', "").replace("<", "").replace(">", "")
            endpoint["callerid"] = f'"{shown}" <{phone.account}>'
        if phone.media_address:
            endpoint |= {"media_address": phone.media_address, "bind_rtp_to_media_address": "yes"}
        await self._put("auth", name, auth)
        await self._put("aor", name, aor)
        await self._put("endpoint", name, endpoint)

    async def remove(self, account: str) -> None:
        """Remove the phone; its registration and secret end with it."""
        for kind in ("endpoint", "aor", "auth"):
            try:
                await self._rest.delete(_object(kind, endpoint_name(account)))
            except ChannelGone:
                continue

    async def is_registered(self, account: str) -> bool:
        """Whether a browser is registered at this account's endpoint right now."""
        try:
            raw = await self._rest.get(f"/endpoints/PJSIP/{segment(endpoint_name(account))}")
        except ChannelGone:
            return False
        return str(raw.get("state", "")) == "online"

    async def _put(self, kind: str, name: str, values: Mapping[str, str]) -> None:
        fields = [{"attribute": key, "value": value} for key, value in values.items()]
        await self._rest.put(_object(kind, name), body={"fields": fields})


def _object(kind: str, name: str) -> str:
    return f"/asterisk/config/dynamic/res_pjsip/{kind}/{segment(name)}"
