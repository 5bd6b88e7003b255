"""Queries about accounts and agents by intent."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.auth import token_hash
from core.db.tables.people import AccountRow, AgentRow, SessionRow


async def account_by_name(session: AsyncSession, account: str) -> AccountRow | None:
    """The account with this log-in name, if it is active."""
    query = select(AccountRow).where(AccountRow.account == account, AccountRow.active.is_(True))
    return (await session.scalars(query)).first()


async def session_account(
    session: AsyncSession, token: str, now: datetime
) -> tuple[SessionRow, AccountRow] | None:
    """The session of a cookie and its account; None when expired, unknown or switched off."""
    query = (
        select(SessionRow, AccountRow)
        .join(AccountRow, AccountRow.id == SessionRow.account_id)
        .where(
            SessionRow.token_hash == token_hash(token),
            SessionRow.expires_at > now,
            AccountRow.active.is_(True),
        )
    )
    row = (await session.execute(query)).first()
    return (row[0], row[1]) if row else None


async def active_accounts(session: AsyncSession) -> Sequence[AccountRow]:
    """Every account that may log in."""
    return (await session.scalars(select(AccountRow).where(AccountRow.active.is_(True)))).all()


async def call_takers(session: AsyncSession) -> Sequence[AccountRow]:
    """Every active account that serves a queue."""
    query = select(AccountRow).where(AccountRow.active.is_(True))
    return [a for a in (await session.scalars(query)).all() if a.queues]


async def agent_states(session: AsyncSession) -> Sequence[AgentRow]:
    """What every agent is doing."""
    return (await session.scalars(select(AgentRow))).all()
