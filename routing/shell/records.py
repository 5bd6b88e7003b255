"""Each command of the engine as the change it makes in the database."""

import math
from collections.abc import Callable
from typing import Any

from core.actions import callbacks, calls
from core.actions.agents import AgentNow, set_agent_state
from core.actions.outgoing import end_outgoing, note_desk_talk
from core.db.engine import UnitOfWork
from core.domain.calls import EndedBy, OfferOutcome
from core.domain.queues import CallbackEnd
from core.metrics import ANSWER_SECONDS, OFFERS
from routing.acd import commands as c
from routing.shell.board import Board
from routing.shell.ledger import Change


class Records:
    """Knows which action writes down which command."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._changes: dict[type[Any], Callable[[Any], Change]] = {
            c.OfferCall: _offer,
            c.EndOffer: _end_offer,
            c.RecordAnswer: self._answer,
            c.SetAgentState: change_of_agent,
            c.ConfirmCallback: _confirm_callback,
            c.PostponeCallback: _postpone_callback,
            c.CloseCallback: _close_callback,
            c.CloseDialled: _close_dialled,
            c.SendToVoicemail: _voicemail,
        }

    def change_of(self, command: c.Command) -> Change | None:
        """What the command changes; None for what only sounds or rings."""
        make = self._changes.get(type(command))
        return None if make is None else make(command)

    def _answer(self, command: c.RecordAnswer) -> Change:
        talk = self._board.talk(command.call_id)
        agent_channel, bridge_id, dialled = talk.agent_leg, talk.bridge_id, talk.dialled
        OFFERS.labels(OfferOutcome.ANSWERED.value).inc()

        async def change(work: UnitOfWork) -> None:
            await calls.end_offer(work, command.offer_id, OfferOutcome.ANSWERED)
            call = await calls.answer_call(
                work,
                command.call_id,
                command.agent_id,
                agent_channel=agent_channel,
                bridge_id=bridge_id,
            )
            if dialled:
                await note_desk_talk(work, command.call_id)
            if call.queued_at is not None and call.answered_at is not None:
                ANSWER_SECONDS.observe((call.answered_at - call.queued_at).total_seconds())

        return change


def touched_calls(command: c.Command) -> str | None:
    """The call whose row the command changes."""
    call_id = getattr(command, "call_id", None) or getattr(command, "callback_id", None)
    return None if isinstance(command, c.SetAgentState) else call_id


def _offer(command: c.OfferCall) -> Change:
    async def change(work: UnitOfWork) -> None:
        seconds = math.ceil((command.ends - work.clock.now()).total_seconds())
        await calls.offer_call(
            work, command.call_id, command.agent_id, command.offer_id, seconds=max(seconds, 1)
        )

    return change


def _end_offer(command: c.EndOffer) -> Change:
    OFFERS.labels(command.outcome.value).inc()

    async def change(work: UnitOfWork) -> None:
        await calls.end_offer(work, command.offer_id, command.outcome)

    return change


def change_of_agent(command: c.SetAgentState) -> Change:
    now_is = AgentNow(
        state=command.state,
        reason=command.reason.value if command.reason is not None else "",
        until=command.until,
        call_id=command.call_id,
        idle_since=command.idle_since,
    )

    async def change(work: UnitOfWork) -> None:
        await set_agent_state(work, command.agent_id, now_is)

    return change


def _confirm_callback(command: c.ConfirmCallback) -> Change:
    wish = callbacks.CallbackWish(command.callback_id, command.call_id, command.since)

    async def change(work: UnitOfWork) -> None:
        await callbacks.request_callback(work, wish)
        await calls.end_call(work, command.call_id, ended_by=EndedBy.SYSTEM)

    return change


def _postpone_callback(command: c.PostponeCallback) -> Change:
    async def change(work: UnitOfWork) -> None:
        await callbacks.postpone_callback(
            work, command.callback_id, not_before=command.not_before, tries=command.tries
        )

    return change


def _close_callback(command: c.CloseCallback) -> Change:
    async def change(work: UnitOfWork) -> None:
        await callbacks.close_callback(work, command.callback_id, command.end.value)
        if command.end is not CallbackEnd.ANSWERED:
            await calls.end_call(work, command.callback_id, ended_by=EndedBy.SYSTEM)

    return change


def _close_dialled(command: c.CloseDialled) -> Change:
    async def change(work: UnitOfWork) -> None:
        await end_outgoing(work, command.call_id, command.outcome, ended_by=EndedBy.SYSTEM)

    return change


def _voicemail(command: c.SendToVoicemail) -> Change:
    async def change(work: UnitOfWork) -> None:
        await calls.start_voicemail(work, command.call_id, reason=command.reason.value)

    return change
