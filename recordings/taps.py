"""A tap: one speaker's voice brought out of Asterisk, and everything of it cleared away after.

A snoop channel hears what the party says; an external media channel carries it to us; a bridge
of their own joins the two. None of them ends with the call by itself.
"""

import logging
from dataclasses import dataclass

from core.asterisk.ari_client import AriClient
from core.asterisk.ari_events import StasisStart
from core.asterisk.errors import AriRefused, ChannelGone
from core.errors import Unavailable

_LOG = logging.getLogger(__name__)
_PREFIX = "tap-"
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Tap:
    """The three things in Asterisk that one tap is made of; all named after it."""

    tap_id: str

    @property
    def snoop(self) -> str:
        return f"{_PREFIX}{self.tap_id}-snoop"

    @property
    def media(self) -> str:
        return f"{_PREFIX}{self.tap_id}-media"

    @property
    def bridge(self) -> str:
        return f"{_PREFIX}{self.tap_id}-bridge"

    @property
    def parts(self) -> frozenset[str]:
        return frozenset({self.snoop, self.media, self.bridge})


class Taps:
    """Opens and closes taps; `connection` names Asterisk's websocket client configuration."""

    def __init__(self, ari: AriClient, *, connection: str) -> None:
        self._ari = ari
        self._connection = connection

    async def open(self, tap: Tap, channel_id: str) -> None:
        """Listen to a channel. Raises ChannelGone, AriRefused or Unavailable; leaves nothing."""
        ari = self._ari
        try:
            # armed before the commands: a channel is only ours once its StasisStart came
            with (
                ari.expect(StasisStart, channel_id=tap.snoop) as snooping,
                ari.expect(StasisStart, channel_id=tap.media) as carrying,
            ):
                await ari.channels.snoop(channel_id, snoop_id=tap.snoop, args=("tap",))
                await ari.channels.external_media(
                    channel_id=tap.media,
                    connection=self._connection,
                    parameters={"tap": tap.tap_id},
                )
                await snooping.wait(_PATIENCE)
                await carrying.wait(_PATIENCE)
            await ari.bridges.create(tap.bridge, kind="mixing")
            await ari.bridges.add(tap.bridge, tap.snoop, tap.media)
        except BaseException:
            await self.close(tap)
            raise

    async def close(self, tap: Tap) -> None:
        """Take all of it down; what is already gone is no error."""
        for channel in (tap.snoop, tap.media):
            await self._hang_up(channel)
        try:
            await self._ari.bridges.destroy(tap.bridge)
        except (AriRefused, Unavailable) as error:
            _LOG.warning("tap bridge left behind", extra={"why": error.code})

    async def clear_strangers(self, ours: frozenset[str]) -> int:
        """Remove what earlier processes left; `ours` are the parts of the taps that stand."""
        channels = [one.channel_id for one in await self._ari.channels.all()]
        bridges = [one.bridge_id for one in await self._ari.bridges.all()]
        stale = [one for one in channels if one.startswith(_PREFIX) and one not in ours]
        for channel in stale:
            await self._hang_up(channel)
        empty = [one for one in bridges if one.startswith(_PREFIX) and one not in ours]
        for bridge in empty:
            await self._ari.bridges.destroy(bridge)
        return len(stale) + len(empty)

    async def _hang_up(self, channel_id: str) -> None:
        try:
            await self._ari.channels.hangup(channel_id)
        except ChannelGone:
            return
        except (AriRefused, Unavailable) as error:
            _LOG.warning("tap channel left behind", extra={"why": error.code})
