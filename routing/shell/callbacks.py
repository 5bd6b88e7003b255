"""Callbacks on the line: the offer by key, the read-back of the number, the call to the citizen."""

import logging

from core.actions import calls
from core.actions.outgoing import step_outgoing
from core.asterisk.channels import Origination
from core.db.engine import UnitOfWork
from core.db.tables.calls import CallRow
from core.domain.outgoing import OutgoingState
from core.domain.prompts import say
from core.errors import HotlineError
from core.ids import CallId, new_id
from routing.acd.commands import (
    ConfirmCallback,
    OfferCallback,
    RefuseCallback,
    StartCallbackDial,
)
from routing.acd.events import CallbackAccepted, CallbackDialFailed
from routing.acd.state import CallerKind
from routing.shell.board import Leg, Role, Talk
from routing.shell.exchange import Exchange
from routing.shell.outgoing import citizens_number
from routing.shell.people import TRUNK
from routing.shell.ringing import Ringing
from routing.shell.waiting import Waiting

logger = logging.getLogger(__name__)
_RING_SECONDS = 40
_YES, _NO = "1", "2"


class Callbacks:
    """From the question to the citizen's phone."""

    def __init__(self, exchange: Exchange, *, waiting: Waiting, ringing: Ringing) -> None:
        self._x = exchange
        self._waiting = waiting
        self._ringing = ringing

    async def offer(self, command: OfferCallback) -> None:
        """Ask, if there is a number that could be phoned."""
        talk = self._x.board.talk(command.call_id)
        if await self._number(command.call_id):
            talk.asked = "callback"
            await self._waiting.tell(talk, say("callback_offer"))

    async def key(self, talk: Talk, digit: str) -> None:
        """A waiting caller pressed a key."""
        if talk.asked == "callback" and digit == _YES:
            number, _ = await self._number_and_hash(talk.call_id)
            talk.asked = "number"
            await self._waiting.tell(talk, say("callback_number", phone=number))
        elif talk.asked == "number" and digit == _YES:
            _, fingerprint = await self._number_and_hash(talk.call_id)
            callback_id = CallId(new_id())
            self._x.feed(CallbackAccepted(talk.call_id, callback_id, fingerprint))
        elif talk.asked == "number" and digit == _NO:
            talk.asked = "callback"
            await self._waiting.tell(talk, say("callback_cancelled"))

    async def confirm(self, command: ConfirmCallback) -> None:
        """Say that the place is kept; the line is let go when it has been said."""
        talk = self._x.board.talk(command.call_id)
        talk.asked = "goodbye"
        if not await self._waiting.tell(talk, say("callback_confirmed")):
            await self._x.ari.channels.hangup(talk.caller)

    async def refuse(self, command: RefuseCallback) -> None:
        """A callback to this number waits already: wait on, or hang up and be called."""
        talk = self._x.board.talk(command.call_id)
        talk.asked = ""
        await self._waiting.tell(talk, say("keep_waiting"))

    async def dial(self, command: StartCallbackDial) -> None:
        """Phone the citizen; the agent hears the ringing."""
        talk = self._x.board.talk(command.callback_id)
        talk.outbound = True
        waiting = self._x.caller(command.callback_id)
        talk.dialled = waiting is not None and waiting.kind is CallerKind.DIALLED
        if talk.dialled:
            self._note_ringing(command.callback_id)
        agent_leg = self._x.board.leg_of_offer(command.offer_id)
        leg = Leg(
            f"{command.callback_id}-callee-{new_id()}",
            command.callback_id,
            Role.CALLER,
            offer_id=None,
        )
        self._x.board.add_leg(leg)
        talk.caller = leg.channel_id
        try:
            if agent_leg is not None:
                await self._x.ari.channels.ring(agent_leg.channel_id)
            await self._x.ari.channels.originate(await self._origination(leg, command))
        except HotlineError:
            logger.warning("citizen not dialled", extra={"call_id": command.callback_id})
            self._x.board.legs.pop(leg.channel_id, None)
            self._x.feed(CallbackDialFailed(command.callback_id))

    def _note_ringing(self, call_id: CallId) -> None:
        async def rings(work: UnitOfWork) -> None:
            await step_outgoing(work, call_id, OutgoingState.CITIZEN_RINGS)

        self._x.note(rings, calls=[call_id])

    async def _origination(self, leg: Leg, command: StartCallbackDial) -> Origination:
        async with self._x.database.sessions() as session:
            call = await session.get_one(CallRow, command.callback_id)
            number = await citizens_number(session, call, self._x.vault)
        return Origination(
            endpoint=f"PJSIP/{number}@{TRUNK}",
            channel_id=leg.channel_id,
            context="callee-leg",
            caller_id=f"{call.did} <{call.did}>",
            timeout_s=_RING_SECONDS,
            formats="alaw",
            told=True,
            variables={
                "CALL_UID": command.callback_id,
                "DID": call.did,
                "OFFER_ID": command.offer_id,
            },
        )

    async def answered(self, talk: Talk, channel_id: str) -> None:
        """The citizen answered: join with the agent who waits."""
        caller = self._x.caller(talk.call_id)
        leg = None
        if caller is not None and caller.offer_id is not None:
            leg = self._x.board.leg_of_offer(caller.offer_id)
        if leg is None:  # the agent has gone meanwhile
            await self._x.ari.channels.hangup(channel_id)
            return

        async def reached(work: UnitOfWork) -> None:
            await calls.reach_caller(work, talk.call_id, channel_id=channel_id)

        self._x.note(reached, calls=[talk.call_id])
        await self._x.ari.channels.stop_ring(leg.channel_id)
        await self._ringing.join(talk, leg)

    async def _number(self, call_id: CallId) -> str:
        number, _ = await self._number_and_hash(call_id)
        return number

    async def _number_and_hash(self, call_id: CallId) -> tuple[str, str]:
        async with self._x.database.sessions() as session:
            call = await session.get(CallRow, call_id)
        if call is None:
            return "", ""
        return self._x.vault.open(call.caller_sealed), call.caller_hash
