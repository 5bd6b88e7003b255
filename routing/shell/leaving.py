"""How a call leaves routing: to the survey, to the recorder, or for good."""

import logging

from core.actions import calls
from core.actions.outgoing import end_outgoing
from core.asterisk.errors import AriRefused
from core.db.engine import UnitOfWork
from core.domain.calls import EndedBy
from core.domain.outgoing import OutgoingOutcome
from core.errors import Unavailable
from core.ids import CallId
from routing.acd.commands import CloseDialled, SendToVoicemail
from routing.acd.events import CallFinished, CallLeft
from routing.shell.board import Role, Talk
from routing.shell.exchange import Exchange
from routing.shell.waiting import Waiting

logger = logging.getLogger(__name__)
_MENU_APP = "ivr"


class Leaving:
    """Ends talks and takes leave of callers."""

    def __init__(self, exchange: Exchange, waiting: Waiting) -> None:
        self._x = exchange
        self._waiting = waiting

    def agent_hung_up(self, talk: Talk) -> None:
        """The agent's part is over; a caller is asked for a score, whoever we dialled is not."""
        if talk.dialled:
            self._end(talk.call_id, EndedBy.AGENT)
            self._x.feed(CallFinished(talk.call_id))
            self._x.do(talk.call_id, lambda: self._let_go(talk))
            return

        async def survey(work: UnitOfWork) -> None:
            await calls.start_survey(work, talk.call_id)

        self._x.note(survey, calls=[talk.call_id])
        self._x.feed(CallFinished(talk.call_id))
        self._x.do(talk.call_id, lambda: self._to_survey(talk))

    async def dialled_over(self, command: CloseDialled) -> None:
        """A call that a desk dialled has come to nothing."""
        talk = self._x.board.talks.get(command.call_id)
        if talk is not None:
            await self._let_go(talk)

    async def _let_go(self, talk: Talk) -> None:
        await self._clear_legs(talk)
        if talk.caller:
            self._x.board.legs.pop(talk.caller, None)
            await self._x.ari.channels.hangup(talk.caller)
        self._x.board.forget(talk.call_id)

    async def _to_survey(self, talk: Talk) -> None:
        await self._clear_legs(talk)
        try:
            if talk.held:
                await self._x.ari.channels.stop_moh(talk.caller)
            talk.led_on = True
            await self._x.ari.channels.move(talk.caller, _MENU_APP, "survey", talk.call_id)
        except (AriRefused, Unavailable):
            talk.led_on = False
            await self.no_survey(talk)

    async def no_survey(self, talk: Talk) -> None:
        """Nobody there to ask: the call ends here."""
        self._end(talk.call_id, EndedBy.AGENT)
        await self._x.ari.channels.hangup(talk.caller)
        self._x.board.forget(talk.call_id)

    def caller_left(self, talk: Talk) -> None:
        """The caller hung up: whoever talks or rings is let go."""
        self._x.feed(CallLeft(talk.call_id))
        self._end(talk.call_id, EndedBy.AGENT if talk.agent_hung_up else EndedBy.CALLER)
        self._x.do(talk.call_id, lambda: self._clear(talk))

    def caller_let_go(self, talk: Talk) -> None:
        """The caller's line has ended after we said goodbye, or is led on by somebody else."""
        self._x.do(talk.call_id, lambda: self._clear(talk))

    async def to_voicemail(self, command: SendToVoicemail) -> None:
        """Ask for a message: the dialplan does it, so that it also works without the menu."""
        talk = self._x.board.talk(command.call_id)
        if not talk.here.is_set():
            return  # still with the menu, which knows from the event that nobody will come
        await self._waiting.quieten(talk)
        talk.led_on = talk.recorder = True
        channels = self._x.ari.channels
        await channels.continue_in_dialplan(talk.caller, context="ladder", exten="voicemail")
        await channels.watch(talk.caller)

    def voicemail_left(self, talk: Talk) -> None:
        """The caller has put down the phone after the recorder."""
        self._end(talk.call_id, EndedBy.CALLER, voicemail=True)
        self._x.board.forget(talk.call_id)

    def _end(self, call_id: CallId, ended_by: EndedBy, *, voicemail: bool = False) -> None:
        talk = self._x.board.talks.get(call_id)
        dialled = talk is not None and talk.dialled

        async def end(work: UnitOfWork) -> None:
            if dialled:
                await end_outgoing(work, call_id, OutgoingOutcome.TALKED, ended_by=ended_by)
            else:
                await calls.end_call(work, call_id, ended_by=ended_by, voicemail=voicemail)

        self._x.note(end, calls=[call_id])

    async def _clear(self, talk: Talk) -> None:
        await self._clear_legs(talk)
        self._x.board.forget(talk.call_id)

    async def _clear_legs(self, talk: Talk) -> None:
        """Hang up everybody but the caller, and take the bridge apart: none goes by itself."""
        for leg in self._x.board.legs_of(talk.call_id):
            if leg.role is not Role.CALLER:
                await self._x.ari.channels.hangup(leg.channel_id)
        talk.agent_leg = talk.seat_leg = ""
        bridge_id, talk.bridge_id = talk.bridge_id, ""
        if bridge_id:
            await self._x.ari.bridges.destroy(bridge_id)
