"""The ACD as one pure function: what happened, what is known then, and what to do about it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from routing.acd import agents, callbacks, callers, deadlines, dialled, events, offers
from routing.acd.commands import Command
from routing.acd.events import Event
from routing.acd.state import AcdState
from routing.acd.work import Work


def _tick(_work: Work, _event: events.Tick) -> None:
    """Nothing of its own: what is due is done after every event."""


_HANDLERS: dict[type[Any], Callable[[Work, Any], None]] = {
    events.CallEntered: callers.on_entered,
    events.CallLeft: callers.on_left,
    events.CallFinished: callers.on_finished,
    events.CallReturned: callers.on_returned,
    events.PoliciesChanged: callers.on_policies,
    events.OfferAccepted: offers.on_accepted,
    events.OfferRefused: offers.on_refused,
    events.OfferTimedOut: offers.on_timed_out,
    events.OfferFailed: offers.on_failed,
    events.CallConnected: offers.on_connected,
    events.ConnectFailed: offers.on_connect_failed,
    events.AgentSignedIn: agents.on_signed_in,
    events.AgentReady: agents.on_ready,
    events.AgentNotReady: agents.on_not_ready,
    events.AgentSignedOut: agents.on_signed_out,
    events.AgentGone: agents.on_gone,
    events.AgentCameBack: agents.on_came_back,
    events.WrapUpExtended: agents.on_wrap_up_extended,
    events.CallbackAccepted: callbacks.on_accepted,
    events.CallbackRestored: callbacks.on_restored,
    events.CallbackCancelled: callbacks.on_cancelled,
    events.CallbackDialFailed: callbacks.on_dial_failed,
    events.AgentDials: dialled.on_dials,
    events.Tick: _tick,
}


def step(state: AcdState, event: Event, now: datetime) -> tuple[AcdState, list[Command]]:
    """Apply one event. Late and unknown things change nothing; the old state stays untouched."""
    work = Work(state, now)
    _HANDLERS[type(event)](work, event)
    dialled.sweep(work)
    deadlines.expire(work)
    dialled.sweep(work)
    offers.match(work)
    deadlines.announce(work)
    return work.result(), work.commands
