"""What Asterisk tells routing: each event to the part of the shell that it concerns."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from core.asterisk import ari_events as e
from core.errors import HotlineError
from core.ids import AgentId, CallId, OfferId
from core.metrics import LOOP_ERRORS
from routing.acd.events import (
    CallbackDialFailed,
    ConnectFailed,
    OfferAccepted,
    OfferFailed,
    OfferRefused,
    OfferTimedOut,
)
from routing.acd.state import Caller, Phase
from routing.shell.arrivals import Arrivals
from routing.shell.board import Leg, Role, Talk
from routing.shell.callbacks import Callbacks
from routing.shell.consulting import Consulting
from routing.shell.exchange import Exchange
from routing.shell.leaving import Leaving
from routing.shell.monitoring import Monitoring
from routing.shell.outgoing import Outgoing
from routing.shell.rejoining import Rejoining
from routing.shell.waiting import Waiting

logger = logging.getLogger(__name__)
_NORMAL = frozenset({0, 16})
_DECLINED = frozenset({17, 21})
_UNANSWERED = frozenset({18, 19})
_MENU = "ivr"


class StasisApp:
    """The edge towards Asterisk. `take` never waits; one bad event stops nothing."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        arrivals: Arrivals,
        waiting: Waiting,
        callbacks: Callbacks,
        leaving: Leaving,
        third: tuple[Rejoining, Consulting, Monitoring, Outgoing],
    ) -> None:
        self._x = exchange
        self._arrivals = arrivals
        self._waiting = waiting
        self._callbacks = callbacks
        self._leaving = leaving
        self._rejoining, self._consulting, self._monitoring, self._outgoing = third
        self._handlers: dict[type[e.AriEvent], Callable[[Any], None]] = {
            e.StasisStart: self._started,
            e.StasisEnd: self._left_us,
            e.ChannelHangupRequest: self._hanging_up,
            e.ChannelDestroyed: self._destroyed,
            e.ChannelDtmfReceived: self._key,
            e.PlaybackFinished: self._played,
            e.ApplicationMoveFailed: self._not_moved,
        }
        self._starts: dict[str, Callable[[e.StasisStart], None]] = {
            "call": self._caller_came,
            "agent": self._agent_came,
            "callee": self._callee_came,
            "unit": self._unit_came,
            "seat": self._seat_came,
            "supervisor": self._supervisor_came,
            "ear": self._ear_came,
        }

    async def run(self, reconcile: Callable[[], Awaitable[None]]) -> None:
        """Take events until cancelled; after every (re)connection compare lists first."""
        async for event in self._x.ari.events():
            if isinstance(event, e.Connected):
                await reconcile()
            else:
                self.take(event)

    def take(self, event: e.AriEvent) -> None:
        """Take one event; the outermost edge for whatever is wrong with it."""
        handler = self._handlers.get(type(event))
        if handler is None:
            return
        try:
            handler(event)
        except Exception:
            LOOP_ERRORS.labels("stasis").inc()
            logger.exception("event not understood", extra={"kind": type(event).__name__})

    # -- channels come -----------------------------------------------------------------

    def _started(self, event: e.StasisStart) -> None:
        kind = event.args[0] if event.args else ""
        handler = self._starts.get(kind)
        if handler is None:
            logger.warning("unknown visitor", extra={"kind": kind})
            stranger = event.channel.channel_id
            self._x.do(CallId(stranger), partial(self._show_out, stranger))
        else:
            handler(event)

    async def _show_out(self, channel_id: str) -> None:
        await self._x.ari.channels.hangup(channel_id)

    def _caller_came(self, event: e.StasisStart) -> None:
        self._arrivals.came(CallId(event.args[1]), event.channel)

    def _agent_came(self, event: e.StasisStart) -> None:
        _, call_id, agent_id, offer_id = event.args[:4]
        leg = self._leg(event, CallId(call_id), Role.AGENT)
        leg.agent_id, leg.offer_id = AgentId(agent_id), OfferId(offer_id)
        talk = self._x.board.talk(leg.call_id)
        if talk.rejoining:
            self._rejoining.answered(talk, leg)
        else:
            self._x.feed(OfferAccepted(leg.call_id, leg.offer_id))

    def _unit_came(self, event: e.StasisStart) -> None:
        self._outgoing.answered(self._leg(event, CallId(event.args[1]), Role.UNIT))

    def _callee_came(self, event: e.StasisStart) -> None:
        if self._outgoing.holds(CallId(event.args[1])):
            self._outgoing.answered(self._leg(event, CallId(event.args[1]), Role.CITIZEN))
            return
        leg = self._leg(event, CallId(event.args[1]), Role.CALLER)
        talk = self._x.board.talk(leg.call_id)
        talk.caller, talk.outbound = leg.channel_id, True
        talk.here.set()
        self._x.do(leg.call_id, partial(self._callbacks.answered, talk, leg.channel_id))

    def _seat_came(self, event: e.StasisStart) -> None:
        leg = self._leg(event, CallId(event.args[1]), Role.SEAT)
        self._consulting.answered(self._x.board.talk(leg.call_id), leg)

    def _supervisor_came(self, event: e.StasisStart) -> None:
        leg = self._leg(event, CallId(event.args[1]), Role.SUPERVISOR)
        self._monitoring.answered(self._x.board.talk(leg.call_id), leg, event.args[2])

    def _ear_came(self, event: e.StasisStart) -> None:
        self._monitoring.ear_ready(event.channel.channel_id, event.args[2])

    def _leg(self, event: e.StasisStart, call_id: CallId, role: Role) -> Leg:
        channel_id = event.channel.channel_id
        leg = self._x.board.legs.get(channel_id)
        if leg is None:
            leg = self._x.board.add_leg(Leg(channel_id, call_id, role))
        leg.is_up = True
        return leg

    # -- channels go -------------------------------------------------------------------

    def _hanging_up(self, event: e.ChannelHangupRequest) -> None:
        leg = self._x.board.legs.get(event.channel.channel_id)
        if leg is not None and event.cause:
            leg.cause = event.cause

    def _destroyed(self, event: e.ChannelDestroyed) -> None:
        self.channel_gone(event.channel.channel_id, event.cause)

    def _left_us(self, event: e.StasisEnd) -> None:
        """Hung up, or led on by ourselves; the recorder's caller is still watched."""
        leg = self._x.board.legs.get(event.channel.channel_id)
        talk = self._x.board.talks.get(leg.call_id) if leg is not None else None
        if talk is not None and leg is not None and leg.role is Role.CALLER and talk.led_on:
            if not talk.recorder:
                self._x.board.legs.pop(leg.channel_id, None)
                self._leaving.caller_let_go(talk)
            return
        self.channel_gone(event.channel.channel_id, 0)

    def channel_gone(self, channel_id: str, cause: int) -> None:
        """A channel is no more, whether it was told or found missing."""
        leg = self._x.board.legs.pop(channel_id, None)
        if leg is None:
            return
        leg.cause = leg.cause or cause
        if leg.role in (Role.UNIT, Role.CITIZEN):
            self._outgoing.gone(leg)
            return
        talk = self._x.board.talk(leg.call_id)
        if leg.role is Role.CALLER:
            self._caller_gone(talk, leg)
        elif leg.role is Role.AGENT:
            self._agent_gone(talk, leg)
        elif leg.role is Role.SEAT:
            self._consulting.gone(talk, leg)
        else:
            self._monitoring.gone(leg)

    def _caller_gone(self, talk: Talk, leg: Leg) -> None:
        if talk.recorder:
            self._leaving.voicemail_left(talk)
        elif talk.outbound and not leg.is_up:
            self._x.feed(CallbackDialFailed(talk.call_id, leg.cause))
        else:
            self._leaving.caller_left(talk)

    def _agent_gone(self, talk: Talk, leg: Leg) -> None:
        if leg.channel_id == talk.agent_leg and leg.agent_id is not None:
            self._talk_ended(talk, leg, leg.agent_id)
            return
        caller = self._x.caller(leg.call_id)
        if caller is None or leg.offer_id is None or caller.offer_id != leg.offer_id:
            return
        if caller.phase is Phase.OFFERED:
            self._x.feed(_outcome(leg, leg.offer_id))
        elif caller.phase is Phase.CONNECTING:
            self._not_joined(talk, caller)

    def _not_joined(self, talk: Talk, caller: Caller) -> None:
        """The agent went before the talk began; a citizen who is being phoned is let go."""
        self._x.feed(ConnectFailed(caller.call_id))
        if talk.outbound and talk.caller:
            self._x.board.legs.pop(talk.caller, None)
            self._x.do(caller.call_id, partial(self._show_out, talk.caller))

    def _talk_ended(self, talk: Talk, leg: Leg, agent_id: AgentId) -> None:
        """The agent's phone is gone: put down, handed over, or lost."""
        person = self._x.people.get(agent_id)
        by_browser = person is not None and person.uses_browser
        if talk.agent_hung_up or leg.cause in _NORMAL or not by_browser:
            talk.agent_hung_up = True
            self._leaving.agent_hung_up(talk)
        else:
            self._rejoining.leg_lost(talk, agent_id)

    # -- the rest ----------------------------------------------------------------------

    def _key(self, event: e.ChannelDtmfReceived) -> None:
        leg = self._x.board.legs.get(event.channel.channel_id)
        if leg is None or leg.role is not Role.CALLER:
            return
        talk = self._x.board.talk(leg.call_id)
        if talk.asked and not talk.is_talking:
            self._x.do(leg.call_id, partial(self._callbacks.key, talk, event.digit))

    def _played(self, event: e.PlaybackFinished) -> None:
        leg = self._x.board.legs.get(event.playback.channel_id)
        if leg is None or leg.role is not Role.CALLER:
            return
        talk = self._x.board.talk(leg.call_id)
        if talk.asked == "goodbye" and talk.playback == event.playback.playback_id:
            self._x.do(leg.call_id, partial(self._show_out, leg.channel_id))
        else:
            self._x.do(leg.call_id, partial(self._said, talk, event.playback.playback_id))

    async def _said(self, talk: Talk, playback_id: str) -> None:
        try:
            await self._waiting.said(talk, playback_id)
        except HotlineError:
            logger.debug("caller went while listening", extra={"call_id": talk.call_id})

    def _not_moved(self, event: e.ApplicationMoveFailed) -> None:
        leg = self._x.board.legs.get(event.channel.channel_id)
        if leg is not None and event.destination == _MENU:
            talk = self._x.board.talk(leg.call_id)
            talk.led_on = False
            self._x.do(leg.call_id, partial(self._leaving.no_survey, talk))


def _outcome(leg: Leg, offer_id: OfferId) -> OfferRefused | OfferTimedOut | OfferFailed:
    """How ringing ended, by what the network said about it (Q.850)."""
    if leg.cause in _DECLINED:
        return OfferRefused(leg.call_id, offer_id)
    if leg.cause in _UNANSWERED:
        return OfferTimedOut(leg.call_id, offer_id)
    return OfferFailed(leg.call_id, offer_id)
