"""Queries about cases by intent."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.cases import CaseEventRow, CaseRow
from core.domain.cases import is_case_number
from core.vault import Vault


async def drafts_of_call(session: AsyncSession, call_id: str) -> Sequence[CaseRow]:
    """Every matter of a call, draft or submitted, in order."""
    query = select(CaseRow).where(CaseRow.call_id == call_id).order_by(CaseRow.matter)
    return (await session.scalars(query)).all()


async def timeline(session: AsyncSession, case_id: str) -> Sequence[CaseEventRow]:
    """What happened to the case, oldest first."""
    query = select(CaseEventRow).where(CaseEventRow.case_id == case_id)
    return (await session.scalars(query.order_by(CaseEventRow.at, CaseEventRow.id))).all()


async def public_status(
    session: AsyncSession, number: str, phone_tail: str, vault: Vault
) -> CaseRow | None:
    """The case a citizen may ask about: by its number and the last four digits of the phone."""
    if not is_case_number(number):
        return None
    query = select(CaseRow).where(
        CaseRow.number == number,
        CaseRow.phone_tail_hash == vault.fingerprint(f"tail:{phone_tail}"),
    )
    return (await session.scalars(query)).first()
