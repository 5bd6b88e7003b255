"""What a waiting caller hears: music, the place in line, questions answered by key."""

import logging

from core.asterisk.errors import AriRefused, ChannelGone
from core.domain.prompts import Say, say
from core.ids import new_id
from routing.acd.commands import AnnounceWait
from routing.acd.state import Phase
from routing.shell.board import Talk
from routing.shell.exchange import Exchange

logger = logging.getLogger(__name__)


class Waiting:
    """Music while nothing is said, and sentences in between."""

    def __init__(self, exchange: Exchange) -> None:
        self._x = exchange

    async def play_music(self, talk: Talk) -> None:
        """Music for a caller who has nobody to talk to."""
        if talk.here.is_set() and not talk.led_on:
            await self._x.ari.channels.start_moh(talk.caller)

    async def welcome(self, talk: Talk) -> None:
        """Music for a caller who has just come, unless the talk has begun already."""
        if not talk.is_talking:
            await self.play_music(talk)

    async def quieten(self, talk: Talk) -> None:
        """Silence before a talk: a channel that still plays would enter the bridge late."""
        playback, talk.playback, talk.asked = talk.playback, "", ""
        if playback:
            await self._x.ari.channels.stop_playback(playback)
        try:
            await self._x.ari.channels.stop_moh(talk.caller)
        except ChannelGone:
            raise
        except AriRefused:
            logger.debug("no music to stop", extra={"call_id": talk.call_id})

    async def tell(self, talk: Talk, *sentences: Say) -> str:
        """Say something to the caller instead of the music; the music comes back after it."""
        if not talk.here.is_set() or talk.led_on:
            return ""
        sounds = self._x.sounds.media(*sentences, language=talk.language)
        if talk.playback:
            await self._x.ari.channels.stop_playback(talk.playback)
        talk.playback = f"say-{new_id()}"
        await self._x.ari.channels.stop_moh(talk.caller)
        await self._x.ari.channels.play(talk.caller, sounds, playback_id=talk.playback)
        return talk.playback

    async def announce(self, command: AnnounceWait) -> None:
        """Tell place and minutes, unless the caller is being served or asked just now."""
        talk = self._x.board.talk(command.call_id)
        caller = self._x.caller(command.call_id)
        if caller is None or caller.phase is not Phase.WAITING or talk.asked == "number":
            return
        await self.tell(talk, *wait_sentences(command.place, command.minutes))

    async def said(self, talk: Talk, playback_id: str) -> None:
        """A sentence has ended: music again, unless another one has begun or the talk has."""
        if talk.playback != playback_id:
            return
        talk.playback = ""
        if not talk.is_talking:
            await self.play_music(talk)


def wait_sentences(place: int, minutes: tuple[int, int] | None) -> list[Say]:
    """What a waiting caller is told: the place, and the minutes only where they are known."""
    told = [say("next_in_line") if place <= 1 else say("place_in_line", ahead=place - 1)]
    if minutes is not None:
        low, high = minutes
        told.append(
            say("wait_under", high=high) if low == high else say("wait_between", low=low, high=high)
        )
    return [*told, say("keep_waiting")]
