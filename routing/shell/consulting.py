"""A third party: ask a department's seat, join it with the caller, or hand the call over."""

import logging
import re
from functools import partial

from core.actions import calls
from core.asterisk.channels import Origination
from core.asterisk.errors import AriRefused
from core.db.engine import UnitOfWork
from core.domain.calls import EndedBy
from core.domain.prompts import say
from core.errors import InputRefused, TransitionRefused, Unavailable
from core.ids import AgentId, new_id
from routing.acd.events import CallFinished
from routing.shell.board import Leg, Role, Talk
from routing.shell.exchange import Exchange
from routing.shell.people import TRUNK
from routing.shell.rejoining import Rejoining
from routing.shell.talking import Talking
from routing.shell.waiting import Waiting

logger = logging.getLogger(__name__)
_NUMBER = re.compile(r"\d{3,20}")
_RING_SECONDS = 30


class Consulting:
    """A seat's life: dialled, asked, joined, left with the caller."""

    def __init__(
        self, exchange: Exchange, *, talking: Talking, waiting: Waiting, rejoining: Rejoining
    ) -> None:
        self._x = exchange
        self._talking = talking
        self._waiting = waiting
        self._rejoining = rejoining

    async def consult(self, talk: Talk, agent_id: AgentId, target: str) -> None:
        """Hold the caller and ring the seat; the agent hears the ringing."""
        if talk.seat_leg:
            raise TransitionRefused("已经在咨询第三方")
        number = _checked(target)
        await self._talking.hold(talk, agent_id)
        await self._x.ari.channels.ring(talk.agent_leg)
        await self._dial(talk, number, "consult")

    async def three_way(self, talk: Talk, agent_id: AgentId) -> None:
        """Caller, agent and seat together."""
        if not talk.seat_leg:
            raise TransitionRefused("还没有接通第三方")
        await self._talking.resume(talk, agent_id)
        self._tell(talk, agent_id, "three_way", "joined")

    async def end_consult(self, talk: Talk, agent_id: AgentId) -> None:
        """Let the seat go; back to the caller."""
        seat, talk.seat_leg = talk.seat_leg, ""
        if seat:
            self._x.board.legs.pop(seat, None)
            await self._x.ari.channels.hangup(seat)
        await self._stop_ringing(talk)
        await self._talking.resume(talk, agent_id)

    async def transfer(self, talk: Talk, agent_id: AgentId, target: str) -> None:
        """Hand the call over: to the seat that was asked, else by ringing the target first."""
        talk.agent_id = talk.agent_id or agent_id
        if talk.seat_leg and self._is_up(talk.seat_leg):
            await self._talking.resume(talk, agent_id)
            await self._agent_leaves(talk, agent_id, "attended")
            return
        number = _checked(target)
        await self._talking.hold(talk, agent_id)
        await self._dial(talk, number, "blind")
        await self._agent_leaves(talk, agent_id, "blind")

    async def _agent_leaves(self, talk: Talk, agent_id: AgentId, kind: str) -> None:
        leg, talk.agent_leg = talk.agent_leg, ""
        self._x.board.legs.pop(leg, None)
        self._tell(talk, agent_id, kind, "handed_over" if kind == "attended" else "ringing")
        self._keep_entry(talk)
        await self._x.ari.channels.hangup(leg)

    def _keep_entry(self, talk: Talk) -> None:
        """The line's entry is remembered for the way back, should the seat not answer."""
        talk.left_line = self._x.caller(talk.call_id)
        self._x.feed(CallFinished(talk.call_id))

    async def _dial(self, talk: Talk, number: str, kind: str) -> None:
        leg = Leg(f"{talk.call_id}-seat-{new_id()}", talk.call_id, Role.SEAT)
        self._x.board.add_leg(leg)
        talk.seat_leg, talk.seat_target, talk.seat_kind = leg.channel_id, number, kind
        try:
            await self._x.ari.channels.originate(
                Origination(
                    endpoint=f"PJSIP/{number}@{TRUNK}",
                    channel_id=leg.channel_id,
                    app_args=("seat", talk.call_id),
                    caller_id="12345 <12345>",
                    timeout_s=_RING_SECONDS,
                    formats="alaw",
                )
            )
        except (AriRefused, Unavailable):
            self._x.board.legs.pop(leg.channel_id, None)
            talk.seat_leg = ""
            if talk.agent_id is not None and talk.agent_leg:
                await self._stop_ringing(talk)
                await self._talking.resume(talk, talk.agent_id)
            raise

    def answered(self, talk: Talk, leg: Leg) -> None:
        """The seat is on the line."""
        self._x.do(talk.call_id, partial(self._join, talk, leg))

    async def _join(self, talk: Talk, leg: Leg) -> None:
        if talk.seat_leg != leg.channel_id:
            await self._x.ari.channels.hangup(leg.channel_id)
            return
        await self._stop_ringing(talk)
        await self._x.ari.bridges.add(talk.bridge_id, leg.channel_id)
        if not talk.agent_leg:  # handed over blindly: the caller meets the seat
            await self._x.ari.channels.stop_moh(talk.caller)
            await self._x.ari.bridges.add(talk.bridge_id, talk.caller)
            talk.held = False
            if talk.agent_id is not None:
                self._tell(talk, talk.agent_id, talk.seat_kind, "answered")

    def gone(self, talk: Talk, leg: Leg) -> None:
        """The seat hung up, or never answered."""
        if talk.seat_leg != leg.channel_id:
            return
        talk.seat_leg = ""
        self._x.do(talk.call_id, partial(self._after_seat, talk, was_up=leg.is_up))

    async def _after_seat(self, talk: Talk, *, was_up: bool) -> None:
        agent_id = talk.agent_id
        if agent_id is None:
            return
        if talk.agent_leg:
            await self._stop_ringing(talk)
            self._tell(talk, agent_id, talk.seat_kind, "seat_left" if was_up else "no_answer")
        elif was_up:
            await self._end(talk)
        elif talk.left_line is not None:
            self._tell(talk, agent_id, talk.seat_kind, "no_answer")
            await self._rejoining.return_to_line(talk, talk.left_line, agent_id)
            await self._waiting.tell(talk, say("transfer_failed"))

    async def _end(self, talk: Talk) -> None:
        """The seat had the call and has hung up: the call is over."""

        async def end(work: UnitOfWork) -> None:
            await calls.end_call(work, talk.call_id, ended_by=EndedBy.AGENT)

        self._x.note(end, calls=[talk.call_id])
        await self._x.ari.channels.hangup(talk.caller)

    async def _stop_ringing(self, talk: Talk) -> None:
        if talk.agent_leg:
            try:
                await self._x.ari.channels.stop_ring(talk.agent_leg)
            except AriRefused:
                logger.debug("nothing rang", extra={"call_id": talk.call_id})

    def _is_up(self, channel_id: str) -> bool:
        leg = self._x.board.legs.get(channel_id)
        return leg is not None and leg.is_up

    def _tell(self, talk: Talk, agent_id: AgentId, kind: str, result: str) -> None:
        target = talk.seat_target

        async def told(work: UnitOfWork) -> None:
            await calls.transfer_call(
                work, talk.call_id, agent_id, kind=kind, target=target, result=result
            )

        self._x.note(told)


def _checked(target: str) -> str:
    """A number that may be dialled on the trunk. Raises InputRefused."""
    number = target.strip().replace("-", "").replace(" ", "")
    if not _NUMBER.fullmatch(number):
        raise InputRefused("转接号码只能是 3 到 20 位数字")
    return number
