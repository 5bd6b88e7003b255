"""A lost agent phone in mid-call: the caller is kept, the same agent is rung again, then others."""

import logging
from functools import partial

from core.actions import calls
from core.asterisk.errors import AriRefused
from core.db.engine import UnitOfWork
from core.errors import Unavailable
from core.ids import AgentId
from routing.acd.events import CallFinished, CallReturned
from routing.acd.state import Caller
from routing.shell.board import Leg, Role, Talk, agent_leg_name
from routing.shell.exchange import Exchange
from routing.shell.ringing import Ringing
from routing.shell.waiting import Waiting

logger = logging.getLogger(__name__)
#: How long a browser may take to load its page again and register its phone.
_GRACE_SECONDS = 15.0
_RING_SECONDS = 15


class Rejoining:
    """Brings an agent back to the call, or the call to another agent."""

    def __init__(self, exchange: Exchange, *, ringing: Ringing, waiting: Waiting) -> None:
        self._x = exchange
        self._ringing = ringing
        self._waiting = waiting

    def leg_lost(self, talk: Talk, agent_id: AgentId) -> None:
        """The agent's phone vanished without hanging up."""
        talk.agent_leg = ""
        talk.rejoining = True

        async def lost(work: UnitOfWork) -> None:
            await calls.lose_agent_leg(work, talk.call_id, agent_id)

        self._x.note(lost, calls=[talk.call_id])
        self._x.do(talk.call_id, partial(self._park, talk))
        self._x.after(_GRACE_SECONDS, partial(self.give_up, talk, agent_id))

    async def _park(self, talk: Talk) -> None:
        """Music for the caller while nobody is there."""
        if talk.bridge_id and not talk.held:
            await self._x.ari.bridges.remove(talk.bridge_id, talk.caller)
            await self._waiting.play_music(talk)

    async def reattach(self, talk: Talk, agent_id: AgentId) -> None:
        """The desk is back and its phone registered: ring it again for the same call."""
        if talk.agent_leg:  # what Asterisk still believes to be there is dead
            stale, talk.agent_leg = talk.agent_leg, ""
            talk.rejoining = True
            self._x.board.legs.pop(stale, None)
            await self._x.ari.channels.hangup(stale)
            await self._park(talk)
        number = talk.legs_made + 1
        leg = Leg(
            agent_leg_name(talk.call_id, number),
            talk.call_id,
            Role.AGENT,
            offer_id=talk.offer_id,
            agent_id=agent_id,
        )
        await self._ringing.dial_agent(leg, number=number, seconds=_RING_SECONDS)

    def answered(self, talk: Talk, leg: Leg) -> None:
        """The agent's phone is back on the line."""
        self._x.do(talk.call_id, partial(self._join, talk, leg))

    async def _join(self, talk: Talk, leg: Leg) -> None:
        if not talk.held:
            await self._waiting.quieten(talk)
        await self._ringing.bridge(talk, leg.channel_id)
        talk.rejoining = talk.held = False
        agent_id, channel, bridge_id = leg.agent_id, leg.channel_id, talk.bridge_id
        if agent_id is None:
            return

        async def back(work: UnitOfWork) -> None:
            await calls.answer_call(
                work, talk.call_id, agent_id, agent_channel=channel, bridge_id=bridge_id
            )

        self._x.note(back, calls=[talk.call_id])

    async def give_up(self, talk: Talk, agent_id: AgentId) -> None:
        """The agent did not come back in time: the caller goes to the front of the line."""
        caller = self._x.caller(talk.call_id)
        if not talk.rejoining or talk.agent_leg or caller is None or talk.led_on:
            return
        logger.info("call returned to the line", extra={"call_id": talk.call_id})
        await self.return_to_line(talk, caller, agent_id)

    async def return_to_line(
        self, talk: Talk, caller: Caller, agent_id: AgentId, *, back_to: AgentId | None = None
    ) -> None:
        """The place of before, and first of all the same agent."""
        talk.rejoining = talk.held = talk.agent_hung_up = False
        talk.agent_id = talk.offer_id = None
        bridge_id, talk.bridge_id = talk.bridge_id, ""

        async def returned(work: UnitOfWork) -> None:
            await calls.return_call(work, talk.call_id)

        self._x.note(returned, calls=[talk.call_id])
        self._x.feed(CallFinished(talk.call_id))
        self._x.feed(
            CallReturned(
                call_id=talk.call_id,
                queue=caller.queue,
                since=caller.since,
                agent_id=agent_id,
                back_to=back_to,
                priority=caller.priority,
                offers=talk.legs_made,
            )
        )
        try:
            if bridge_id:
                await self._x.ari.bridges.destroy(bridge_id)
            await self._waiting.play_music(talk)
        except (AriRefused, Unavailable):
            logger.info("caller went while returning", extra={"call_id": talk.call_id})
