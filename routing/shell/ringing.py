"""Rings an agent's phone for an offer, stops it, and joins an answered one with its caller."""

import asyncio
import logging
import math

from core.asterisk.channels import Origination
from core.asterisk.errors import AriRefused, ChannelGone
from core.errors import Unavailable
from routing.acd.commands import ConnectCall, EndOffer, HangUpAgent, OfferCall
from routing.acd.events import CallConnected, CallLeft, ConnectFailed, OfferFailed
from routing.shell.board import Leg, Role, Talk, agent_leg_name, bridge_name
from routing.shell.exchange import Exchange
from routing.shell.waiting import Waiting

logger = logging.getLogger(__name__)
#: A line with the profile `direct` still greets the caller while the agent answers.
_LONGEST_GREETING_S = 12.0
#: The engine ends the offer; Asterisk's own limit is only there in case we are not.
_SPARE_SECONDS = 3
_OWN_NUMBER = "12345 <12345>"


class Ringing:
    """Everything between an offer and the talk."""

    def __init__(self, exchange: Exchange, waiting: Waiting) -> None:
        self._x = exchange
        self._waiting = waiting

    async def ring(self, command: OfferCall) -> None:
        """Dial the agent's phone; a phone that cannot be dialled ends the offer."""
        seconds = (command.ends - self._x.clock.now()).total_seconds()
        leg = Leg(
            agent_leg_name(command.call_id, command.number),
            command.call_id,
            Role.AGENT,
            offer_id=command.offer_id,
            agent_id=command.agent_id,
        )
        try:
            await self.dial_agent(leg, number=command.number, seconds=math.ceil(max(seconds, 1)))
        except (AriRefused, Unavailable) as failed:
            logger.warning(
                "agent's phone not dialled",
                extra={"agent_id": command.agent_id, "code": failed.code},
            )
            self._x.board.legs.pop(leg.channel_id, None)
            self._x.feed(OfferFailed(command.call_id, command.offer_id))

    async def dial_agent(self, leg: Leg, *, number: int, seconds: int) -> None:
        """Start one leg to an agent. Raises AriRefused or Unavailable."""
        person = self._x.people.get(leg.agent_id) if leg.agent_id is not None else None
        if person is None:
            raise AriRefused("坐席没有话机")
        talk = self._x.board.talk(leg.call_id)
        talk.legs_made = max(talk.legs_made, number)
        self._x.board.add_leg(leg)
        await self._x.ari.channels.originate(
            Origination(
                endpoint=person.endpoint,
                channel_id=leg.channel_id,
                context="agent-leg",
                caller_id=_OWN_NUMBER,
                timeout_s=seconds + _SPARE_SECONDS,
                formats="alaw",
                told=not person.uses_browser,
                variables={
                    "CALL_UID": leg.call_id,
                    "LEG": str(number),
                    "AGENT_ID": leg.agent_id or "",
                    "OFFER_ID": leg.offer_id or "",
                },
            )
        )

    async def stop(self, command: EndOffer | HangUpAgent) -> None:
        """Hang up the leg of an offer that is over."""
        leg = self._x.board.leg_of_offer(command.offer_id)
        if leg is not None:
            await self._x.ari.channels.hangup(leg.channel_id)

    async def connect(self, command: ConnectCall) -> None:
        """Join the answered phone with the caller, who may still be on the way to us."""
        talk = self._x.board.talk(command.call_id)
        leg = self._x.board.leg_of_offer(command.offer_id)
        if leg is None or not leg.is_up:
            self._x.feed(ConnectFailed(command.call_id))
            return
        try:
            async with asyncio.timeout(_LONGEST_GREETING_S):
                await talk.here.wait()
        except TimeoutError:
            logger.warning("caller never arrived", extra={"call_id": command.call_id})
            self._x.feed(CallLeft(command.call_id))
            return
        if not talk.led_on:  # else the caller never came to us
            await self.join(talk, leg)

    async def join(self, talk: Talk, leg: Leg) -> None:
        """Put caller and agent into one bridge, and say so."""
        try:
            await self._waiting.quieten(talk)
            await self.bridge(talk, leg.channel_id)
        except (ChannelGone, Unavailable):
            await self._could_not_join(talk, leg)
            return
        self._x.feed(CallConnected(talk.call_id))

    async def bridge(self, talk: Talk, agent_leg: str) -> None:
        """Both in one bridge; the talk knows its agent leg from here on."""
        bridge_id = bridge_name(talk.call_id)
        await self._x.ari.bridges.create(bridge_id, name=talk.call_id)
        await self._x.ari.bridges.add(bridge_id, talk.caller, agent_leg)
        leg = self._x.board.legs.get(agent_leg)
        talk.bridge_id, talk.agent_leg = bridge_id, agent_leg
        if leg is not None:
            talk.agent_id, talk.offer_id = leg.agent_id, leg.offer_id

    async def _could_not_join(self, talk: Talk, leg: Leg) -> None:
        """Find out whose fault it was: a caller who has gone must not cost the agent the turn."""
        await self._x.ari.bridges.destroy(bridge_name(talk.call_id))
        if await self._x.ari.channels.find(talk.caller) is None:
            self._x.feed(CallLeft(talk.call_id))
            return
        self._x.feed(ConnectFailed(talk.call_id))
        await self._x.ari.channels.hangup(leg.channel_id)
        await self._waiting.play_music(talk)
