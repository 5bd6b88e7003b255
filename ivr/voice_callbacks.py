"""Automatic voice callbacks: rings one citizen after another whose case waits for a callback.

Off until an administrator switches the rule `voice_callback` on. The citizen's channel is made in
our own application, so that its end is told with its cause; once it is answered the dialplan
records it and gives it back as a call of the menus.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from core.actions.voice_callbacks import (
    VoiceAnswer,
    claim_voice_callback,
    finish_voice_callback,
    reach_voice_callback,
)
from core.asterisk.ari_client import AriClient
from core.asterisk.channels import Origination
from core.asterisk.errors import AriRefused, ChannelGone
from core.db.engine import Database
from core.db.repos.persons import number_to_dial
from core.db.tables.calls import CallRow
from core.db.tables.outgoing import OutgoingRow
from core.domain.calls import EndedBy
from core.domain.outgoing import OutgoingKind, OutgoingOutcome, why_not_reached
from core.errors import HotlineError, NotFound, Unavailable
from core.ids import CallId, CaseId
from core.metrics import LOOP_ERRORS
from core.vault import Vault
from ivr.menu.messages import CallbackStarted
from ivr.menu.model import CALLBACK
from ivr.menu_states import MenuStates

logger = logging.getLogger(__name__)

TRUNK = "carrier"
#: What a channel tells the application: it was answered, or it is recorded and may be asked.
REACHED, ASKING = "reached", "callback"
_CONTEXT = "voice-leg"
_RINGS_SECONDS = 40
#: Between two calls, and between two looks when there is nobody to ring.
_BETWEEN_SECONDS = 10.0
#: How often a call in hand is compared with what Asterisk knows, should its end not be told.
_LOOK_SECONDS = 5.0


class VoiceCallbacks:
    """The loop that rings, and what the application asks about the channels it made."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        ari: AriClient,
        states: MenuStates,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._vault = vault
        self._ari = ari
        self._states = states
        self._pause = pause
        self._gone: dict[str, asyncio.Future[int]] = {}

    async def run(self) -> None:
        """Ring until cancelled; nothing that fails here may touch a call of the menus."""
        while True:
            await self._pause(_BETWEEN_SECONDS)
            if not self._ari.is_connected:
                continue
            try:
                await self.once()
            except (HotlineError, SQLAlchemyError, OSError) as error:
                logger.warning("voice callback failed", extra={"why": type(error).__name__})
            except Exception:  # the outermost loop: the menus' own calls go on
                logger.exception("voice callback failed")
                LOOP_ERRORS.labels("voice_callbacks").inc()

    async def once(self) -> bool:
        """End what an earlier process left behind, then ring the next one; whether one was rung."""
        if await self._clear_up():
            return False
        async with self._database.work() as work:
            row = await claim_voice_callback(work)
            await work.commit()
        if row is None or row.case_id is None:
            return False
        await self._ring(CallId(row.id), CaseId(row.case_id))
        return True

    # --- ringing --------------------------------------------------------------------------------

    async def _ring(self, call_id: CallId, case_id: CaseId) -> None:
        channel_id = _channel_of(call_id)
        gone = self._gone[channel_id] = asyncio.get_running_loop().create_future()
        try:
            await self._dial(call_id, case_id)
            cause = await self._until_gone(channel_id, gone)
        except (AriRefused, ChannelGone, NotFound) as refused:
            logger.warning("voice callback not placed", extra={"why": type(refused).__name__})
            await self._end(call_id, OutgoingOutcome.FAILED)
            return
        finally:
            del self._gone[channel_id]
        if not await self._was_reached(call_id):
            await self._end(call_id, why_not_reached(cause))

    async def _dial(self, call_id: CallId, case_id: CaseId) -> None:
        async with self._database.sessions() as session:
            call = await session.get_one(CallRow, call_id)
            number = await number_to_dial(session, case_id, self._vault)
        await self._ari.channels.originate(
            Origination(
                endpoint=f"PJSIP/{number}@{TRUNK}",
                channel_id=_channel_of(call_id),
                app_args=(REACHED, call_id),
                caller_id=f"{call.did} <{call.did}>",
                timeout_s=_RINGS_SECONDS,
                formats="alaw",
                variables={"CALL_UID": call_id, "DID": call.did},
            )
        )
        logger.info("voice callback rings", extra={"call_id": call_id})

    async def _until_gone(self, channel_id: str, gone: asyncio.Future[int]) -> int:
        """Wait for the channel's end; the network's cause for it, 0 if it was not told."""
        while True:
            done, _ = await asyncio.wait({gone}, timeout=_LOOK_SECONDS)
            if done:
                return gone.result()
            try:
                if await self._ari.channels.find(channel_id) is None:
                    return 0
            except Unavailable:
                logger.warning("asterisk does not answer, looking again")

    async def _was_reached(self, call_id: CallId) -> bool:
        async with self._database.sessions() as session:
            return (await session.get_one(OutgoingRow, call_id)).connected_at is not None

    async def _end(
        self, call_id: CallId, outcome: OutgoingOutcome, answer: VoiceAnswer | None = None
    ) -> None:
        async with self._database.work() as work:
            await finish_voice_callback(
                work, call_id, outcome, ended_by=EndedBy.SYSTEM, answer=answer
            )
            await work.commit()
        logger.info("voice callback over", extra={"call_id": call_id, "outcome": outcome.value})

    async def _clear_up(self) -> bool:
        """End calls whose channel is no more; whether one still lives."""
        query = select(OutgoingRow).where(
            OutgoingRow.kind == OutgoingKind.MACHINE.value, OutgoingRow.ended_at.is_(None)
        )
        async with self._database.sessions() as session:
            rows = (await session.scalars(query)).all()
        lives = False
        for row in rows:
            call_id = CallId(row.id)
            if await self._ari.channels.find(_channel_of(call_id)) is not None:
                lives = True
            elif row.connected_at is None:
                await self._end(call_id, OutgoingOutcome.FAILED)
            else:
                state = await self._states.load(call_id)
                asked = state is not None and state.flow == CALLBACK
                answer = VoiceAnswer(state.solved, state.rating) if state and asked else None
                await self._end(call_id, OutgoingOutcome.TALKED, answer)
        return lives

    # --- what the application tells and asks ----------------------------------------------------

    def left(self, channel_id: str, cause: int) -> None:
        """A channel is no more."""
        gone = self._gone.get(channel_id)
        if gone is not None and not gone.done():
            gone.set_result(cause)

    async def reached(self, channel_id: str) -> None:
        """The citizen answered: have the call recorded, then it comes back to be asked."""
        try:
            await self._ari.channels.continue_in_dialplan(channel_id, context=_CONTEXT, exten="s")
        except HotlineError:
            logger.info("citizen gone before the first word")

    async def begin(self, call_id: CallId, channel_id: str) -> CallbackStarted | None:
        """What the menu must know to ask; None and the end when it cannot be known."""
        try:
            async with self._database.work() as work:
                found = await reach_voice_callback(work, call_id, channel_id=channel_id)
                await work.commit()
        except (HotlineError, SQLAlchemyError, OSError) as error:
            logger.warning("voice callback cannot ask", extra={"why": type(error).__name__})
            found = None
        if found is None:
            await self._ari.channels.hangup(channel_id)
            return None
        return CallbackStarted(*found)


def _channel_of(call_id: CallId) -> str:
    return f"{call_id}-voice"
