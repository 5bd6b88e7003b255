"""Asks Asterisk which calls have a channel just now."""

from core.asterisk.ari_client import AriClient
from core.asterisk.errors import AriRefused
from core.errors import Unavailable

_VARIABLE = "CALL_UID"
_OURS = "PJSIP/"


async def live_calls(ari: AriClient) -> frozenset[str] | None:
    """The ids of the calls that are going on, or None when Asterisk does not answer."""
    found: set[str] = set()
    try:
        for channel in await ari.channels.all():
            if channel.name.startswith(_OURS):
                found.add(await _call_of(ari, channel.channel_id))
    except Unavailable:
        return None
    return frozenset(found - {""})


async def _call_of(ari: AriClient, channel_id: str) -> str:
    try:
        return await ari.channels.get_variable(channel_id, _VARIABLE) or ""
    except AriRefused:
        return ""  # it ended since the listing
