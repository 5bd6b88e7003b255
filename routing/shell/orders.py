"""What desks order: each order checked, carried out once, and answered."""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from core.actions.monitoring import checked_reason, note_force, note_monitoring
from core.auth import Permission
from core.db.engine import UnitOfWork
from core.domain.agents import CHOOSABLE, NotReadyReason
from core.domain.commands import DeskCommand
from core.domain.events import CommandDone, CommandRefused, Event
from core.errors import (
    HotlineError,
    InputRefused,
    NotAllowed,
    NotFound,
    TransitionRefused,
    Unavailable,
)
from core.events.bus import Command, EventBus, publish_live
from core.ids import AgentId, CallId, OfferId, new_id
from core.metrics import LOOP_ERRORS
from routing.acd import events as acd
from routing.acd.state import Phase
from routing.shell.board import Talk
from routing.shell.consulting import Consulting
from routing.shell.exchange import Exchange
from routing.shell.monitoring import Monitoring
from routing.shell.rejoining import Rejoining
from routing.shell.talking import Talking

logger = logging.getLogger(__name__)
_REMEMBERED = 5_000
_LONGEST_EXTENSION_S = 600
_HOW = {
    DeskCommand.LISTEN: "listen",
    DeskCommand.WHISPER: "whisper",
    DeskCommand.BARGE_IN: "barge_in",
}
Handler = Callable[[Command], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Parts:
    """Those who carry out what concerns a running talk."""

    talking: Talking
    rejoining: Rejoining
    consulting: Consulting
    monitoring: Monitoring


class Orders:
    """Carries out commands; the same command id is carried out only once."""

    def __init__(self, exchange: Exchange, *, parts: Parts, bus: EventBus) -> None:
        self._x = exchange
        self._parts = parts
        self._bus = bus
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._handlers: dict[str, Handler] = {
            DeskCommand.GO_READY: self._ready,
            DeskCommand.FINISH_WRAP_UP: self._ready,
            DeskCommand.PAUSE: self._pause,
            DeskCommand.SIGN_OUT: self._sign_out,
            DeskCommand.DECLINE: self._decline,
            DeskCommand.EXTEND_WRAP_UP: self._extend_wrap_up,
            DeskCommand.FORCE_NOT_READY: self._force,
            DeskCommand.FORCE_SIGN_OUT: self._force,
            DeskCommand.CANCEL_CALLBACK: self._cancel_callback,
            DeskCommand.LISTEN: self._monitor,
            DeskCommand.WHISPER: self._monitor,
            DeskCommand.BARGE_IN: self._monitor,
            DeskCommand.STOP_LISTENING: self._stop_monitoring,
        }
        self._talk_handlers = _talk_handlers(parts)

    async def run(self, *, consumer: str) -> None:
        """Carry out commands until cancelled."""
        async for command in self._bus.commands(consumer=consumer):
            self.take(command)

    def take(self, command: Command) -> None:
        """Have the command carried out, in the lane of its call or of its agent."""
        if command.command_id in self._seen:
            return
        self._seen[command.command_id] = None
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        lane = CallId(command.call_id or f"agent-{command.agent_id}")
        self._x.do(lane, partial(self.carry_out, command))

    async def carry_out(self, command: Command) -> None:
        """Do it and say so; a refusal is told to the desk, in words for the agent."""
        try:
            await self._act(command)
            answer: Event = CommandDone(command.command_id, command.agent_id)
        except HotlineError as refused:
            answer = CommandRefused(
                command.command_id, command.agent_id, refused.code, refused.message
            )
        except (TypeError, ValueError, KeyError):
            LOOP_ERRORS.labels("orders").inc()
            logger.exception("order not understood", extra={"kind": command.kind})
            answer = CommandRefused(
                command.command_id, command.agent_id, "input_refused", "指令内容不正确"
            )
        try:
            await publish_live(self._bus, new_id(), answer)
        except Unavailable:
            logger.warning("answer to a desk lost", extra={"kind": command.kind})

    async def _act(self, command: Command) -> None:
        handler = self._handlers.get(command.kind)
        if handler is not None:
            await handler(command)
            return
        if command.kind == DeskCommand.HANG_UP and (
            self._is_over(command) or await self._stop_dialling(command)
        ):
            return
        on_talk = self._talk_handlers.get(command.kind)
        if on_talk is None:
            raise InputRefused("未知的指令", kind=command.kind)
        await on_talk(self._own_talk(command), command)

    def _is_over(self, command: Command) -> bool:
        """The other side was faster: what the agent wants has happened already."""
        call_id = CallId(command.call_id or "")
        talk = self._x.board.talks.get(call_id)
        if talk is None:
            return self._x.board.is_over(call_id)
        return talk.agent_id == command.agent_id and talk.agent_hung_up

    async def _stop_dialling(self, command: Command) -> bool:
        """The agent gives up a call whose citizen has not answered yet."""
        caller = self._x.caller(CallId(command.call_id or ""))
        if caller is None or caller.phase is not Phase.CONNECTING or caller.offer_id is None:
            return False
        leg = self._x.board.leg_of_offer(caller.offer_id)
        if leg is None or caller.agent_id != command.agent_id:
            return False
        await self._x.ari.channels.hangup(leg.channel_id)
        return True

    def _own_talk(self, command: Command) -> Talk:
        """The talk this order is about; only its own agent may touch it."""
        talk = self._x.board.talks.get(CallId(command.call_id or ""))
        if talk is None or talk.agent_id != command.agent_id:
            raise NotAllowed("这不是您正在进行的通话")
        if not talk.is_talking and command.kind != DeskCommand.REATTACH:
            raise TransitionRefused("通话尚未接通或已经结束")
        return talk

    # -- the agent -------------------------------------------------------------------------

    async def _signed_in(self, agent_id: AgentId) -> None:
        """The agent is known to the engine, also when presence has not been looked at yet."""
        if agent_id in self._x.state.agents:
            return
        person = self._x.people.get(agent_id)
        if person is None:
            await self._x.people.read_all()
            person = self._x.people.get(agent_id)
        if person is None or not person.can(Permission.TAKE_CALLS):
            raise NotAllowed("该账号不能接听电话")
        self._x.feed(acd.AgentSignedIn(agent_id, person.skills))

    async def _ready(self, command: Command) -> None:
        agent_id = AgentId(command.agent_id)
        await self._signed_in(agent_id)
        self._x.feed(acd.AgentReady(agent_id))

    async def _pause(self, command: Command) -> None:
        agent_id = AgentId(command.agent_id)
        reason = NotReadyReason(str((command.args or {}).get("reason", "BREAK")))
        if reason not in CHOOSABLE:
            raise InputRefused("请选择有效的示忙原因")
        await self._signed_in(agent_id)
        self._x.feed(acd.AgentNotReady(agent_id, reason))

    async def _sign_out(self, command: Command) -> None:
        self._x.feed(acd.AgentSignedOut(AgentId(command.agent_id)))

    async def _decline(self, command: Command) -> None:
        offer_id = OfferId(str((command.args or {})["offer_id"]))
        caller = self._x.caller(CallId(command.call_id or ""))
        if caller is None or caller.agent_id != command.agent_id:
            raise NotAllowed("这通来电已不在您这里")
        self._x.feed(acd.OfferRefused(caller.call_id, offer_id))

    async def _extend_wrap_up(self, command: Command) -> None:
        seconds = int((command.args or {}).get("seconds", 60))
        if not 0 < seconds <= _LONGEST_EXTENSION_S:
            raise InputRefused("延长时间应在 1 到 600 秒之间")
        agent_id = AgentId(command.agent_id)
        self._x.feed(acd.WrapUpExtended(agent_id, timedelta(seconds=seconds)))

    # -- the supervisor --------------------------------------------------------------------

    async def _force(self, command: Command) -> None:
        self._check_supervisor(command)
        agent_id = AgentId(str((command.args or {})["agent_id"]))
        if agent_id not in self._x.state.agents:
            raise NotFound("该坐席未签入")
        reason, supervisor = _reason(command), AgentId(command.agent_id)

        async def forced(work: UnitOfWork) -> None:
            await note_force(work, agent_id, supervisor, how=command.kind, reason=reason)

        await self._x.write(forced)
        if command.kind == DeskCommand.FORCE_SIGN_OUT:
            self._x.feed(acd.AgentSignedOut(agent_id))
        else:
            self._x.feed(acd.AgentNotReady(agent_id, NotReadyReason.SUPERVISOR))

    async def _cancel_callback(self, command: Command) -> None:
        self._check_supervisor(command)
        self._x.feed(acd.CallbackCancelled(CallId(str((command.args or {})["callback_id"]))))

    async def _monitor(self, command: Command) -> None:
        how, supervisor = _HOW[DeskCommand(command.kind)], AgentId(command.agent_id)
        call_id, reason = CallId(command.call_id or ""), _reason(command)
        await self._parts.monitoring.start(supervisor, call_id, how)

        async def noted(work: UnitOfWork) -> None:
            await note_monitoring(work, call_id, supervisor, how=how, reason=reason)

        await self._x.write(noted)

    async def _stop_monitoring(self, command: Command) -> None:
        await self._parts.monitoring.stop(AgentId(command.agent_id))

    def _check_supervisor(self, command: Command) -> None:
        person = self._x.people.get(AgentId(command.agent_id))
        if person is None or not person.can(Permission.MONITOR_CALLS):
            raise NotAllowed("您没有管理坐席的权限")


def _reason(command: Command) -> str:
    return checked_reason(str((command.args or {}).get("reason", "")))


TalkHandler = Callable[[Talk, Command], Awaitable[Any]]


def _talk_handlers(parts: Parts) -> dict[str, TalkHandler]:
    """Orders about a running talk of the agent's own."""
    talking, consulting = parts.talking, parts.consulting

    def who(command: Command) -> AgentId:
        return AgentId(command.agent_id)

    def target(command: Command) -> str:
        return str((command.args or {}).get("target", ""))

    return {
        DeskCommand.HOLD: lambda talk, command: talking.hold(talk, who(command)),
        DeskCommand.RESUME: lambda talk, command: talking.resume(talk, who(command)),
        DeskCommand.MUTE: lambda talk, command: talking.mute(talk, who(command), on=True),
        DeskCommand.UNMUTE: lambda talk, command: talking.mute(talk, who(command), on=False),
        DeskCommand.HANG_UP: lambda talk, command: consulting.hang_up(talk, who(command)),
        DeskCommand.EMERGENCY: lambda talk, command: consulting.emergency(
            talk, who(command), str((command.args or {}).get("service", ""))
        ),
        DeskCommand.READ_OUT: lambda talk, _: talking.read_out(talk),
        DeskCommand.REATTACH: lambda talk, command: parts.rejoining.reattach(talk, who(command)),
        DeskCommand.CONSULT: lambda talk, command: consulting.consult(
            talk, who(command), target(command)
        ),
        DeskCommand.THREE_WAY: lambda talk, command: consulting.three_way(talk, who(command)),
        DeskCommand.END_CONSULT: lambda talk, command: consulting.end_consult(talk, who(command)),
        DeskCommand.TRANSFER: lambda talk, command: consulting.transfer(
            talk, who(command), target(command)
        ),
    }
