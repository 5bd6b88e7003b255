"""A third party: ask a department's seat or a colleague, join it with the caller, hand over."""

import logging
from functools import partial

from core.actions import calls
from core.actions.calls import ThirdParty
from core.actions.drafts import edit_draft, open_draft
from core.asterisk.channels import Origination
from core.asterisk.errors import AriRefused
from core.db.engine import UnitOfWork
from core.domain.calls import EndedBy
from core.domain.cases import CaseStatus, Urgency
from core.domain.prompts import say
from core.errors import TransitionRefused, Unavailable
from core.ids import AgentId, CaseId, new_id
from routing.acd.events import CallFinished
from routing.shell.board import Leg, Role, Talk
from routing.shell.exchange import Exchange
from routing.shell.rejoining import Rejoining
from routing.shell.talking import Talking
from routing.shell.targets import Target, Targets
from routing.shell.waiting import Waiting

logger = logging.getLogger(__name__)
_RING_SECONDS = 30
#: An emergency service that is busy or silent is dialled again so often before a person is told.
_EMERGENCY_TRIES = 3
EMERGENCY = "emergency"


class Consulting:
    """A third party's life: dialled, asked, joined, left with the caller."""

    def __init__(
        self, exchange: Exchange, *, talking: Talking, waiting: Waiting, rejoining: Rejoining
    ) -> None:
        self._x = exchange
        self._talking = talking
        self._waiting = waiting
        self._rejoining = rejoining
        self._targets = Targets(exchange)

    async def consult(self, talk: Talk, agent_id: AgentId, target: str) -> None:
        """Hold the caller first, then ring; the agent hears the ringing."""
        if talk.seat_leg:
            raise TransitionRefused("已经在咨询第三方")
        who = self._targets.read(target, but=agent_id)
        await self._talking.hold(talk, agent_id)
        await self._x.ari.channels.ring(talk.agent_leg)
        await self._dial(talk, who, "consult")

    async def emergency(self, talk: Talk, agent_id: AgentId, service: str) -> None:
        """Ring an emergency service into the running talk; nobody is put on hold or dropped."""
        who = self._targets.emergency(service)
        if talk.seat_leg:
            raise TransitionRefused("已经在呼叫第三方")
        await self._talking.resume(talk, agent_id)
        talk.seat_tries = 1
        self._mark_critical(talk, agent_id)
        await self._dial(talk, who, EMERGENCY)

    def _mark_critical(self, talk: Talk, agent_id: AgentId) -> None:
        """The matter of this call is of the highest urgency; a person may set it down again."""

        async def critical(work: UnitOfWork) -> None:
            draft = await open_draft(work, talk.call_id)
            if draft.status == CaseStatus.DRAFT.value:
                changes = {"urgency": Urgency.CRITICAL.value}
                await edit_draft(work, CaseId(draft.id), changes, actor=agent_id)

        self._x.note(critical, calls=[talk.call_id])

    async def three_way(self, talk: Talk, agent_id: AgentId) -> None:
        """Caller, agent and third party together."""
        if not talk.seat_leg or not self._is_up(talk.seat_leg):
            raise TransitionRefused("还没有接通第三方")
        await self._talking.resume(talk, agent_id)
        self._tell(talk, agent_id, "three_way", "joined")

    async def end_consult(self, talk: Talk, agent_id: AgentId) -> None:
        """Let the third party go; back to the caller. An emergency is let go once it answered."""
        self._check_alarm(talk)
        seat, talk.seat_leg = talk.seat_leg, ""
        if seat:
            self._x.board.legs.pop(seat, None)
            await self._x.ari.channels.hangup(seat)
            self._tell(talk, agent_id, talk.seat_kind, "given_up")
        await self._stop_ringing(talk)
        await self._talking.resume(talk, agent_id)

    async def hang_up(self, talk: Talk, agent_id: AgentId) -> None:
        """The agent ends the talk, or leaves caller and third party to each other.

        An emergency that has not answered yet is never dropped.
        """
        self._check_alarm(talk)
        if talk.seat_leg and talk.seat_state == "joined":
            await self._agent_leaves(talk, agent_id, "attended")
            return
        await self._talking.hang_up(talk)

    def _check_alarm(self, talk: Talk) -> None:
        if talk.seat_leg and talk.seat_kind == EMERGENCY and not self._is_up(talk.seat_leg):
            raise TransitionRefused("应急电话尚未接通，请不要挂断")

    async def transfer(self, talk: Talk, agent_id: AgentId, target: str) -> None:
        """Hand the call over: to whom was asked, else by ringing the target first."""
        self._check_alarm(talk)
        talk.agent_id = talk.agent_id or agent_id
        asked = talk.seat_leg and self._is_up(talk.seat_leg)
        if asked and not talk.seat_target.startswith("agent:"):
            await self._talking.resume(talk, agent_id)
            await self._agent_leaves(talk, agent_id, "attended")
            return
        who = self._targets.read(target or talk.seat_target, but=agent_id)
        if talk.seat_leg:
            await self._drop_seat(talk)
        if who.agent_id is not None:
            await self._to_colleague(talk, agent_id, who)
            return
        await self._talking.hold(talk, agent_id)
        await self._dial(talk, who, "blind")
        await self._agent_leaves(talk, agent_id, "blind")

    async def _to_colleague(self, talk: Talk, agent_id: AgentId, who: Target) -> None:
        """Offer the call to this colleague, with the screen-pop; unanswered it comes back."""
        caller = self._x.caller(talk.call_id)
        if caller is None:
            raise TransitionRefused("通话已经结束")
        talk.seat_target, talk.seat_kind = who.target, "blind"
        leg, talk.agent_leg = talk.agent_leg, ""
        self._x.board.legs.pop(leg, None)
        self._tell(talk, agent_id, "blind", "handed_over")
        await self._rejoining.return_to_line(
            talk, caller, who.agent_id or agent_id, back_to=agent_id
        )
        await self._x.ari.channels.hangup(leg)

    async def _drop_seat(self, talk: Talk) -> None:
        seat, talk.seat_leg = talk.seat_leg, ""
        self._x.board.legs.pop(seat, None)
        await self._x.ari.channels.hangup(seat)

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

    async def _dial(self, talk: Talk, who: Target, kind: str) -> None:
        leg = Leg(f"{talk.call_id}-seat-{new_id()}", talk.call_id, Role.SEAT)
        self._x.board.add_leg(leg)
        talk.seat_leg, talk.seat_target, talk.seat_kind = leg.channel_id, who.target, kind
        if talk.agent_id is not None and kind != "blind":
            self._tell(talk, talk.agent_id, kind, "ringing")
        try:
            await self._x.ari.channels.originate(
                Origination(
                    endpoint=who.endpoint,
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
                self._tell(talk, talk.agent_id, kind, "no_answer")
                await self._stop_ringing(talk)
                await self._talking.resume(talk, talk.agent_id)
            raise

    def answered(self, talk: Talk, leg: Leg) -> None:
        """The third party is on the line."""
        self._x.do(talk.call_id, partial(self._join, talk, leg))

    async def _join(self, talk: Talk, leg: Leg) -> None:
        if talk.seat_leg != leg.channel_id:
            await self._x.ari.channels.hangup(leg.channel_id)
            return
        await self._stop_ringing(talk)
        await self._x.ari.bridges.add(talk.bridge_id, leg.channel_id)
        if talk.agent_leg and talk.agent_id is not None:
            state = "joined" if talk.seat_kind == EMERGENCY else "answered"
            self._tell(talk, talk.agent_id, talk.seat_kind, state)
        if not talk.agent_leg:  # handed over blindly: the caller meets the seat
            await self._x.ari.channels.stop_moh(talk.caller)
            await self._x.ari.bridges.add(talk.bridge_id, talk.caller)
            talk.held = False
            if talk.agent_id is not None:
                self._tell(talk, talk.agent_id, talk.seat_kind, "took_over")

    def gone(self, talk: Talk, leg: Leg) -> None:
        """The third party hung up, or never answered."""
        if talk.seat_leg != leg.channel_id:
            return
        talk.seat_leg = ""
        self._x.do(talk.call_id, partial(self._after_seat, talk, was_up=leg.is_up))

    async def _after_seat(self, talk: Talk, *, was_up: bool) -> None:
        agent_id = talk.agent_id
        if agent_id is None:
            return
        again = talk.seat_kind == EMERGENCY and not was_up and talk.seat_tries < _EMERGENCY_TRIES
        if talk.agent_leg and again:
            talk.seat_tries += 1
            await self._dial(talk, self._targets.emergency(talk.seat_target), EMERGENCY)
        elif talk.agent_leg:
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
        talk.seat_state = result
        third = ThirdParty(
            kind=kind,
            target=talk.seat_target,
            result=result,
            channel=talk.seat_leg,
            name=self._targets.name_of(talk.seat_target),
        )

        async def told(work: UnitOfWork) -> None:
            await calls.transfer_call(work, talk.call_id, agent_id, third)

        self._x.note(told, calls=[talk.call_id])
