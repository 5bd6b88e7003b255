"""What the menus write about a call: patient for a moment, never for long."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from core.actions import calls
from core.actions.voice_callbacks import VoiceAnswer, finish_voice_callback
from core.db.engine import Database, UnitOfWork
from core.db.tables.calls import CallRow
from core.domain.calls import CallState, EndedBy, Rung
from core.domain.outgoing import OutgoingOutcome
from core.errors import Unavailable
from core.ids import CallId
from core.vault import Vault
from ivr.menu.messages import Enqueue

T = TypeVar("T")

#: A caller hears silence while we wait for the database: soon, the next rung is better.
PATIENCE_SECONDS = 3.0
_VOICEMAIL_REASON = "OUT_OF_HOURS"


@dataclass(frozen=True, slots=True)
class MenuCall:
    """A call as the menus see it. is_callback: we phoned, about a case."""

    call_id: CallId
    channel_id: str
    did: str
    caller_number: str
    line_id: str = ""
    is_callback: bool = False


class CallRecords(Protocol):
    """Every method raises Unavailable when it cannot be written (or read) now."""

    async def arrived(self, call: MenuCall) -> None:
        """The call reached us; telling it twice changes nothing."""
        ...

    async def queued(self, call: MenuCall, order: Enqueue) -> None:
        """The call, known already or not, waits for an agent; a second telling changes nothing."""
        ...

    async def taking_message(self, call_id: CallId) -> None:
        """The caller is asked for a message."""
        ...

    async def rated(self, call_id: CallId, score: int) -> None:
        """The caller's mark."""
        ...

    async def ended(
        self,
        call_id: CallId,
        ended_by: EndedBy,
        *,
        voicemail: bool = False,
        at: datetime | None = None,
    ) -> None:
        """The call is over, since `at` if that is known better than by the writing."""
        ...

    async def answered(self, call_id: CallId, answer: VoiceAnswer, ended_by: EndedBy) -> None:
        """An automatic callback is over; a second telling changes nothing."""
        ...

    async def state_of(self, call_id: CallId) -> tuple[CallState, str] | None:
        """State and language of a call; None for one that was never written."""
        ...

    async def open_in_menus(self) -> Mapping[CallId, tuple[str, CallState]]:
        """Calls that should be in the menus now, with their channels and states."""
        ...


class DatabaseRecords:
    """Writes through core.actions."""

    def __init__(
        self, database: Database, vault: Vault, *, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._database = database
        self._vault = vault
        self._patience = patience

    async def arrived(self, call: MenuCall) -> None:
        await self._write(lambda work: calls.open_call(work, _arrival(call), self._vault))

    async def queued(self, call: MenuCall, order: Enqueue) -> None:
        entry = calls.QueueEntry(
            queue_id=order.queue,
            priority=order.priority,
            skills=order.skills,
            language=order.language,
            menu_path=order.menu_path,
        )

        async def queue(work: UnitOfWork) -> None:
            # After a restart the order is given again; routing may be ringing an agent already.
            row = await work.session.get(CallRow, call.call_id, with_for_update=True)
            if row is None:
                row = await calls.open_call(work, _arrival(call), self._vault)
            if row.state == CallState.IVR.value:
                await calls.queue_call(work, call.call_id, entry)

        await self._write(queue)

    async def taking_message(self, call_id: CallId) -> None:
        async def start(work: UnitOfWork) -> None:
            call = await work.session.get(CallRow, call_id, with_for_update=True)
            if call is not None and call.state == CallState.IVR.value:
                await calls.start_voicemail(work, call_id, reason=_VOICEMAIL_REASON)

        await self._write(start)

    async def rated(self, call_id: CallId, score: int) -> None:
        await self._write(lambda work: calls.answer_survey(work, call_id, score))

    async def ended(
        self,
        call_id: CallId,
        ended_by: EndedBy,
        *,
        voicemail: bool = False,
        at: datetime | None = None,
    ) -> None:
        await self._write(
            lambda work: calls.end_call(
                work, call_id, ended_by=ended_by, voicemail=voicemail, at=at
            )
        )

    async def answered(self, call_id: CallId, answer: VoiceAnswer, ended_by: EndedBy) -> None:
        talked = OutgoingOutcome.TALKED
        await self._write(
            lambda work: finish_voice_callback(
                work, call_id, talked, ended_by=ended_by, answer=answer
            )
        )

    async def state_of(self, call_id: CallId) -> tuple[CallState, str] | None:
        async def read(work: UnitOfWork) -> CallRow | None:
            return await work.session.get(CallRow, call_id)

        row = await self._within_patience(read)
        return None if row is None else (CallState(row.state), row.language)

    async def open_in_menus(self) -> Mapping[CallId, tuple[str, CallState]]:
        ours = [CallState.IVR.value, CallState.SURVEY.value, CallState.VOICEMAIL.value]
        query = select(CallRow.id, CallRow.channel_id, CallRow.state)

        async def read(work: UnitOfWork) -> Mapping[CallId, tuple[str, CallState]]:
            rows = (await work.session.execute(query.where(CallRow.state.in_(ours)))).all()
            return {CallId(row.id): (row.channel_id, CallState(row.state)) for row in rows}

        return await self._within_patience(read)

    async def _write(self, change: Callable[[UnitOfWork], Awaitable[Any]]) -> None:
        async def write(work: UnitOfWork) -> None:
            await change(work)
            await work.commit()

        await self._within_patience(write)

    async def _within_patience(self, act: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(self._patience), self._database.work() as work:
                return await act(work)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise Unavailable("数据库暂时不可用") from error


def _arrival(call: MenuCall) -> calls.Arrival:
    return calls.Arrival(
        call_id=call.call_id,
        line_id=call.line_id,
        did=call.did,
        channel_id=call.channel_id,
        caller_number=call.caller_number,
        rung=Rung.STASIS.value,
    )
