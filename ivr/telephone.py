"""One caller's channel as the menus use it: say, be quiet, record, hand over, give back."""

import asyncio
import logging
from collections.abc import Sequence
from enum import Enum, auto

from core.asterisk.ari_client import AriClient
from core.asterisk.errors import AriRefused, ChannelGone
from core.asterisk.sounds import PromptSounds
from core.domain.prompts import Say
from core.errors import Conflict
from core.ids import CallId

logger = logging.getLogger(__name__)

#: The application that has the agents.
ACD = "acd"
_VOICEMAIL_SILENCE_SECONDS = 8
#: How long a channel that was given away may take to leave us.
_LEAVING_SECONDS = 5.0
_APOLOGY_SECONDS = 12.0
_APOLOGY = 0


class Leaving(Enum):
    """How a channel left the application."""

    MOVED = auto()
    HUNG_UP = auto()
    REFUSED = auto()  # it did not leave: nobody is there to take it


class NobodyTakesIt(Conflict):
    """The application a call was to be handed to is not there."""

    code = "nobody_takes_it"


class Telephone:
    """Every method may raise ChannelGone (the caller left) or AriUnreachable."""

    def __init__(
        self, ari: AriClient, sounds: PromptSounds, *, call_id: CallId, channel_id: str
    ) -> None:
        self._ari = ari
        self._sounds = sounds
        self._call_id = call_id
        self._channel_id = channel_id
        self._left: asyncio.Future[Leaving] = asyncio.get_running_loop().create_future()
        self._apologised = asyncio.Event()
        self._last_play: int | None = None

    # --- what Asterisk told -----------------------------------------------------------------

    def left(self, how: Leaving) -> None:
        """The channel left, or refused to."""
        if not self._left.done():
            self._left.set_result(how)

    def said(self, play: int) -> None:
        """A playback is over."""
        if play == _APOLOGY:
            self._apologised.set()

    # --- what the caller hears ----------------------------------------------------------------

    async def say(self, play: int, says: Sequence[Say], language: str) -> bool:
        """Play; False when Asterisk refused and the end of the prompt will never be told."""
        media = self._sounds.media(*says, language=language)
        if not media:
            return False
        try:
            playback = playback_name(self._call_id, play)
            self._last_play = play
            await self._ari.channels.play(self._channel_id, media, playback_id=playback)
        except ChannelGone:
            raise
        except AriRefused:
            # Who hears nothing will be silent, and silence leads to a person.
            logger.warning("prompt refused by asterisk")
            return False
        return True

    async def be_quiet(self, play: int) -> None:
        """Stop the playback; that it is over is no error."""
        await self._ari.channels.stop_playback(playback_name(self._call_id, play))

    async def record(self, seconds: float) -> None:
        """Beep and record, unless that is going on already (after a restart)."""
        name = recording_name(self._call_id)
        if not await self._ari.channels.is_recording(name):
            await self._ari.channels.record(
                self._channel_id, name, longest_s=seconds, silence_s=_VOICEMAIL_SILENCE_SECONDS
            )

    async def forget_recording(self) -> None:
        """Delete the recorder's own file: the call's recording holds the same words."""
        await self._ari.channels.delete_recording(recording_name(self._call_id))

    # --- where the call goes --------------------------------------------------------------------

    async def hand_over(self) -> Leaving:
        """Move to the application that has the agents. Raises NobodyTakesIt."""
        await self._ari.channels.move(self._channel_id, ACD, "call", self._call_id)
        try:
            how = await asyncio.wait_for(asyncio.shield(self._left), _LEAVING_SECONDS)
        except TimeoutError as late:
            raise NobodyTakesIt("通话没有按时转出") from late
        if how is Leaving.REFUSED:
            raise NobodyTakesIt("没有程序接管通话")
        return how

    async def give_back(self, rung: str, apology: Sequence[Say], language: str) -> None:
        """Apologise, then let the dialplan go on with another rung of the ladder."""
        # While a prompt plays, the channel carries out nothing else: not even a variable is set.
        if self._last_play is not None:
            await self.be_quiet(self._last_play)
        await self._ari.channels.set_variable(self._channel_id, "NEXT", rung)
        await self._ari.channels.set_variable(self._channel_id, "GREETED", "1")
        if apology and await self.say(_APOLOGY, apology, language):
            try:
                await asyncio.wait_for(self._apologised.wait(), _APOLOGY_SECONDS)
            except TimeoutError:
                logger.warning("end of the apology was not told")
        await self._ari.channels.continue_in_dialplan(self._channel_id)

    async def hang_up(self) -> None:
        """End the call."""
        await self._ari.channels.hangup(self._channel_id)


def playback_name(call_id: CallId, play: int) -> str:
    """The name of a playback: its call and number can be read back from it."""
    return f"{call_id}.{play}"


def playback_of(name: str) -> tuple[CallId, int] | None:
    """Call and number of a playback; None when it is not one of ours."""
    call_id, dot, play = name.rpartition(".")
    return (CallId(call_id), int(play)) if dot and play.isdecimal() else None


def recording_name(call_id: CallId) -> str:
    """The name of a call's message in Asterisk's recorder."""
    return f"voicemail-{call_id}"


def recording_of(name: str) -> CallId | None:
    """The call of a recording; None when it is not a message."""
    kind, _, call_id = name.partition("-")
    return CallId(call_id) if kind == "voicemail" and call_id else None
