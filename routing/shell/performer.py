"""Carries out the engine's commands: first the database and the desks, then Asterisk."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from core.errors import HotlineError
from core.ids import CallId
from routing.acd import commands as c
from routing.acd.events import CallLeft
from routing.shell.callbacks import Callbacks
from routing.shell.exchange import Exchange
from routing.shell.leaving import Leaving
from routing.shell.records import Records, touched_calls
from routing.shell.ringing import Ringing
from routing.shell.waiting import Waiting

logger = logging.getLogger(__name__)
Act = Callable[[Any], Awaitable[None]]


class Performer:
    """`perform` returns at once. Of each step all changes are one transaction; what is done to
    Asterisk follows the commit in the call's lane, so that a desk pops before its phone rings.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        ringing: Ringing,
        waiting: Waiting,
        callbacks: Callbacks,
        leaving: Leaving,
    ) -> None:
        self._exchange = exchange
        self._records = Records(exchange.board)
        self._acts: dict[type[Any], Act] = {
            c.OfferCall: ringing.ring,
            c.EndOffer: ringing.stop,
            c.HangUpAgent: ringing.stop,
            c.ConnectCall: ringing.connect,
            c.AnnounceWait: waiting.announce,
            c.OfferCallback: callbacks.offer,
            c.ConfirmCallback: callbacks.confirm,
            c.RefuseCallback: callbacks.refuse,
            c.StartCallbackDial: callbacks.dial,
            c.CloseDialled: leaving.dialled_over,
            c.SendToVoicemail: leaving.to_voicemail,
        }

    def perform(self, commands: list[c.Command]) -> None:
        """Have the commands of one step carried out."""
        changes = [change for change in map(self._records.change_of, commands) if change]
        written: asyncio.Future[None] | None = None
        if changes:
            calls = {touched_calls(command) for command in commands} - {None}
            agents = {one.agent_id for one in commands if isinstance(one, c.SetAgentState)}
            written = self._exchange.write(
                *changes, calls={call for call in calls if call}, agents=agents
            )
        for command in commands:
            act = self._acts.get(type(command))
            call_id = touched_calls(command)
            if act is not None and call_id is not None:
                self._exchange.do(CallId(call_id), partial(self._act, written, act, command))

    async def _act(
        self, written: "asyncio.Future[None] | None", act: Act, command: c.Command
    ) -> None:
        """Act once the change is written. An offer that could not be written is none."""
        if written is not None:
            try:
                await written
            except HotlineError as refused:
                logger.warning("step not written", extra={"code": refused.code})
                if isinstance(command, c.OfferCall):
                    self._exchange.feed(CallLeft(command.call_id))
                    return
        await act(command)
