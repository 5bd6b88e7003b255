"""Every write about accounts and log-ins."""

from datetime import timedelta

from core.auth import Principal, Role, new_token, token_hash
from core.db.engine import UnitOfWork
from core.db.tables.people import AccountRow, SessionRow
from core.ids import AgentId


async def open_session(
    work: UnitOfWork, account: AccountRow, *, hours: int, address: str
) -> tuple[str, str]:
    """A log-in: returns the session token for the cookie and the form token (CSRF)."""
    token, csrf = new_token(), new_token()
    now = work.clock.now()
    work.session.add(
        SessionRow(
            token_hash=token_hash(token),
            account_id=account.id,
            csrf=csrf,
            created_at=now,
            expires_at=now + timedelta(hours=hours),
            address=address,
        )
    )
    work.audit(actor=account.id, action="log_in", entity="account", entity_id=account.id, facts={})
    return token, csrf


async def close_session(work: UnitOfWork, token: str, *, actor: str) -> None:
    """Log out; an unknown token is already logged out."""
    row = await work.session.get(SessionRow, token_hash(token))
    if row is not None:
        await work.session.delete(row)
        work.audit(actor=actor, action="log_out", entity="account", entity_id=actor, facts={})


def principal_of(account: AccountRow) -> Principal:
    """Who this account is to the rules."""
    return Principal(
        agent_id=AgentId(account.id),
        account=account.account,
        name=account.name,
        role=Role(account.role),
        department_id=account.department_id,
    )
