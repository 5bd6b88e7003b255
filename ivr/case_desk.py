"""Tells callers the state of a case if they know its number and the phone's last digits."""

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError

from core.actions.urges import urge_case
from core.clock import city_time
from core.db.engine import Database
from core.db.repos.cases import public_status
from core.domain.cases import FINAL, CaseStatus
from core.errors import NotFound
from core.ids import CallId
from core.rate_limit import Counters, Limit, is_too_often
from core.vault import Vault
from ivr.menu.messages import CaseAnswer, CaseResult, UrgeAnswer

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS = 3.0


#: Four digits are ten thousand guesses: neither one caller nor one case may be asked so often.
CALLER_LIMIT = Limit(most=10, seconds=3600)
CASE_LIMIT = Limit(most=20, seconds=86_400)


class CaseDesk:
    """Answers QueryCase and UrgeCase; never raises, for a caller is waiting."""

    def __init__(self, database: Database, vault: Vault, counters: Counters) -> None:
        self._database = database
        self._vault = vault
        self._counters = counters

    async def ask(self, number: str, phone_tail: str, *, caller_number: str) -> CaseAnswer:
        """The state of the case."""
        caller = self._vault.fingerprint(caller_number)
        case = self._vault.fingerprint(f"case:{number}")
        if await is_too_often(self._counters, f"case-caller:{caller}", CALLER_LIMIT) or (
            await is_too_often(self._counters, f"case-number:{case}", CASE_LIMIT)
        ):
            logger.warning("too many questions for cases")
            return CaseAnswer(CaseResult.TOO_MANY)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS), self._database.work() as work:
                row = await public_status(work.session, number, phone_tail, self._vault)
        except (SQLAlchemyError, OSError, TimeoutError):
            logger.warning("case not asked for: database away")
            return CaseAnswer(CaseResult.UNAVAILABLE)
        if row is None:
            return CaseAnswer(CaseResult.UNKNOWN)
        status = CaseStatus(row.status)
        due_at = None if status in FINAL else row.due_at
        due_on = city_time(due_at).date() if due_at else None
        return CaseAnswer(CaseResult.FOUND, status, due_on)

    async def urge(self, number: str, *, call_id: CallId) -> UrgeAnswer:
        """Note that the caller, who was told the state before, presses for progress."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS), self._database.work() as work:
                await urge_case(work, number, actor="caller", call_id=call_id)
                await work.commit()
        except (SQLAlchemyError, OSError, TimeoutError, NotFound) as error:
            logger.warning("urging not noted", extra={"why": type(error).__name__})
            return UrgeAnswer(noted=False)
        return UrgeAnswer(noted=True)
