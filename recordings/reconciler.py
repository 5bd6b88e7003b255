"""Brings database and disk together: every call has its row, every ended call its stored audio."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from core.actions.calls import Arrival, end_call
from core.actions.recordings import LostCall, recover_call, set_transcript_state
from core.clock import Clock
from core.db.engine import Database
from core.db.repos.lines import active_lines, line_of
from core.db.repos.recordings import calls_of
from core.db.tables.calls import CallRow
from core.domain.calls import CallState, Direction, EndedBy
from core.ids import CallId
from core.vault import Vault
from recordings.journal import JournalCall, load_journal
from recordings.recovery import (
    EndLate,
    Evidence,
    KnownCall,
    PutAway,
    Step,
    WriteDown,
    is_in_doubt,
    plan,
)
from recordings.spool import SpoolCall, read_spool
from recordings.store import RecordingStore

_LOG = logging.getLogger(__name__)
_UNKNOWN_LINE = "unknown"
#: No captions yet, or made before all audio was here.
_MAY_GROW = frozenset({"NONE", "DONE"})
#: Calls that have a channel in Asterisk; None when it does not answer.
LiveCalls = Callable[[], Awaitable[Collection[str] | None]]


@dataclass(frozen=True, slots=True)
class Places:
    """Where Asterisk leaves audio and journal."""

    calls: Path
    journal: Path


class Reconciler:
    """`pass_once` may be called at any time and as often as one likes."""

    def __init__(
        self,
        places: Places,
        *,
        store: RecordingStore,
        database: Database,
        vault: Vault,
        clock: Clock,
        live_calls: LiveCalls,
    ) -> None:
        self._places = places
        self._store = store
        self._database = database
        self._vault = vault
        self._clock = clock
        self._live_calls = live_calls
        self._settled: set[str] = set()

    async def pass_once(self) -> int:
        """Do what is to be done now; returns the number of steps taken."""
        evidence = await self._gather()
        steps = plan(evidence)
        for step in steps:
            await self._carry_out(step)
        self._remember(evidence, steps)
        return len(steps)

    async def _gather(self) -> Evidence:
        now = self._clock.now()
        journal, spool = await asyncio.to_thread(self._read_disk, now)
        self._settled &= journal.keys()  # forget what the journal of old days held
        unsettled = {
            call_id: call for call_id, call in journal.items() if call_id not in self._settled
        }
        async with self._database.work() as work:
            rows = await calls_of(work.session, {*unsettled, *spool})
        known = {row.id: KnownCall(row.id, row.state, row.channel_id) for row in rows.values()}
        live = await self._live_calls() if is_in_doubt(unsettled, spool, now) else None
        return Evidence(unsettled, spool, known, live, now)

    def _read_disk(self, now: datetime) -> tuple[dict[str, JournalCall], dict[str, SpoolCall]]:
        return load_journal(self._places.journal, now), read_spool(self._places.calls)

    def _remember(self, evidence: Evidence, steps: list[Step]) -> None:
        """Calls about which nothing can ever be left to do need not be looked up again."""
        touched = {_call_of(step) for step in steps}
        self._settled |= {
            call_id
            for call_id, row in evidence.rows.items()
            if row.state == CallState.ENDED.value
            and call_id not in evidence.spool
            and call_id not in touched
        }

    async def _carry_out(self, step: Step) -> None:
        match step:
            case WriteDown():
                await self._write_down(step)
            case EndLate():
                await self._end_late(step)
            case PutAway():
                await self._put_away(step)

    async def _write_down(self, step: WriteDown) -> None:
        journal = step.call
        outbound = Direction.OUTBOUND if journal.outbound else Direction.INBOUND
        try:
            async with self._database.work() as work:
                line = await line_of(work.session, journal.did)
                lines = [line] if line else await active_lines(work.session)
                arrival = Arrival(
                    call_id=CallId(journal.call_id),
                    line_id=lines[0].id if lines else _UNKNOWN_LINE,
                    did=journal.did,
                    channel_id="",
                    caller_number=journal.caller,
                    rung=int(journal.rung),
                    direction=outbound.value,
                )
                started = journal.started_at or step.ended_at
                lost = LostCall(arrival, started, step.ended_at, journal.voicemail)
                await recover_call(work, lost, self._vault)
                await work.commit()
        except IntegrityError:
            return  # its owner was a moment faster: the next pass finds the row
        _LOG.info("call recovered from journal", extra={"call_id": journal.call_id})

    async def _end_late(self, step: EndLate) -> None:
        async with self._database.work() as work:
            await end_call(
                work,
                CallId(step.call_id),
                ended_by=EndedBy.UNKNOWN,
                voicemail=step.voicemail,
                at=step.ended_at,
            )
            await work.commit()
        _LOG.info("call ended from journal", extra={"call_id": step.call_id})

    async def _put_away(self, step: PutAway) -> None:
        # The state first: audio without it would never be transcribed, if we died in between.
        call_id = CallId(step.call.call_id)
        async with self._database.work() as work:
            call = await work.session.get(CallRow, call_id)
            if call is not None and call.transcript_state in _MAY_GROW:
                await set_transcript_state(work, call_id, "TO_TRANSCRIBE")
                await work.commit()
        stored = await self._store.put_away(step.call)
        _LOG.info("recording stored", extra={"call_id": call_id, "files": stored})


def _call_of(step: Step) -> str:
    return step.call_id if isinstance(step, EndLate) else step.call.call_id
