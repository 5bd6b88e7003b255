"""Who is behind a desk's cookie, at the handshake and while the socket lives."""

import asyncio
import logging
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from agent_ui.live.hub import Hub
from agent_ui.live.orders import Visitor
from core.actions.accounts import principal_of
from core.auth import Permission, token_hash
from core.db.engine import Database
from core.db.repos.people import session_account
from core.db.tables.people import AccountRow, SessionRow
from core.metrics import LOOP_ERRORS

logger = logging.getLogger(__name__)
SWEEP_SECONDS = 20.0
_MAY_CONNECT = (Permission.TAKE_CALLS, Permission.MONITOR_CALLS)


class Sessions:
    """Proves cookies, and closes the desks whose log-in has ended."""

    def __init__(self, *, database: Database, hubs: Sequence[Hub]) -> None:
        self._database = database
        self._hubs = hubs

    async def authenticate(self, token: str) -> Visitor | None:
        """The person behind a session token, if that person takes calls or supervises."""
        if not token:
            return None
        async with self._database.sessions() as session:
            found = await session_account(session, token, self._database.clock.now())
        if found is None:
            return None
        principal = principal_of(found[1])
        if not any(principal.can(right) for right in _MAY_CONNECT):
            return None
        return Visitor(principal=principal, session_key=token_hash(token))

    async def sweep(self) -> None:
        """Close every desk whose session has expired, was ended, or whose account was closed."""
        keys = {subscriber.session_key for hub in self._hubs for subscriber in hub}
        if not keys:
            return
        async with self._database.sessions() as session:
            living = await session.scalars(
                select(SessionRow.token_hash)
                .join(AccountRow, AccountRow.id == SessionRow.account_id)
                .where(
                    SessionRow.token_hash.in_(keys),
                    SessionRow.expires_at > self._database.clock.now(),
                    AccountRow.active.is_(True),
                )
            )
            for key in keys - set(living):
                self.close(key)

    def close(self, session_key: str) -> None:
        """A log-in is over: its desks and walls close."""
        for hub in self._hubs:
            hub.close_session(session_key)

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self.sweep()
            except (SQLAlchemyError, OSError):
                LOOP_ERRORS.labels("desk_sessions").inc()
                logger.warning("desk sessions not checked")
