"""Drafts calls while they are spoken: one at a time, the latest words of each, never twice."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from core import metrics
from core.actions.drafts import open_draft, update_draft
from core.clock import Clock, city_time
from core.db.engine import Database
from core.db.repos.calls import transcript
from core.db.tables.calls import CallRow
from core.domain.drafts import DraftSuggestion
from core.errors import HotlineError
from core.ids import CallId
from core.vault import Vault
from recordings.drafting.api import CallFacts, Utterance
from recordings.heard import as_utterances, numbers_heard

_LOG = logging.getLogger(__name__)
_RETRY_SECONDS = 1.0
_MOST_TRIES = 5


class Drafter(Protocol):
    """Reads a draft out of a call's words; slow, so it runs in a thread."""

    def draft(self, utterances: Iterable[Utterance], facts: CallFacts) -> DraftSuggestion: ...


#: Puts other callers' matters beside the drafts of a call.
Compare = Callable[[CallId], Awaitable[None]]


class DraftRunner:
    """`touch` says that a call has new words; `run` drafts what was touched."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        drafter: Callable[[], Drafter],
        clock: Clock,
        compare: Compare,
    ) -> None:
        self._clock = clock
        self._compare = compare
        self._database = database
        self._vault = vault
        self._drafter = drafter
        self._touched: dict[CallId, float] = {}
        self._wake = asyncio.Event()

    def touch(self, call_id: CallId) -> None:
        """The call has new words; several before its turn count as one."""
        self._touched.setdefault(call_id, self._clock.monotonic())
        self._wake.set()

    async def run(self) -> None:
        """Draft until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._touched:
                call_id = next(iter(self._touched))
                since = self._touched.pop(call_id)
                await self._try(call_id)
                metrics.DRAFT_SECONDS.observe(self._clock.monotonic() - since)

    async def draft(self, call_id: CallId) -> None:
        """Draft one call from its whole transcript, now."""
        async with self._database.work() as work:
            call = await work.session.get(CallRow, call_id)
            rows = await transcript(work.session, call_id)
        if call is None or call.case_id is not None:
            return  # a call about a case that exists already
        facts = CallFacts(
            call_time=city_time(call.started_at),
            caller_number=self._vault.open(call.caller_sealed),
            numbers_heard=numbers_heard(rows),
        )
        suggestion = await asyncio.to_thread(self._drafter().draft, as_utterances(rows), facts)
        await self._write(call, suggestion)
        await self._compare(call_id)

    async def _try(self, call_id: CallId) -> None:
        for attempt in range(1, _MOST_TRIES + 1):
            try:
                await self.draft(call_id)
            except (HotlineError, SQLAlchemyError, OSError) as error:
                # the words are stored: the pass after the call drafts once more
                why = type(error).__name__
                _LOG.warning("drafting failed", extra={"call_id": call_id, "why": why})
                await asyncio.sleep(_RETRY_SECONDS * attempt)
            else:
                return

    async def _write(self, call: CallRow, suggestion: DraftSuggestion) -> None:
        """One draft for each matter; a talk or a message without a clear word gets an empty one."""
        call_id = CallId(call.id)
        needs_draft = call.voicemail or call.answered_at is not None
        async with self._database.work() as work:
            if suggestion.fields:
                await update_draft(work, call_id, suggestion)
            elif needs_draft:
                await open_draft(work, call_id)
            for matter, other in enumerate(suggestion.others, 2):
                await update_draft(work, call_id, other, matter=matter)
            await work.commit()
