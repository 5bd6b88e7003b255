"""Whom an agent may consult or hand a call to: colleagues at their desks, departments' phones."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.cases import DepartmentRow
from core.db.tables.people import AccountRow, AgentRow
from core.domain.agents import AgentState
from core.domain.commands import AGENT_TARGET


@dataclass(frozen=True, slots=True)
class TargetEntry:
    """target: what a desk orders. state: of a colleague, "" for a department."""

    kind: str
    name: str
    target: str
    note: str
    state: str = ""


async def targets(
    session: AsyncSession, words: str, *, but: str, limit: int
) -> Sequence[TargetEntry]:
    """Colleagues first, those who are free before the others; then departments, by name."""
    found = [*await _colleagues(session, words, but), *await _departments(session, words)]
    return found[:limit]


async def _colleagues(session: AsyncSession, words: str, but: str) -> list[TargetEntry]:
    query = (
        select(AccountRow.id, AccountRow.name, AccountRow.job_number, AgentRow.state)
        .join(AgentRow, AgentRow.id == AccountRow.id)
        .where(AgentRow.state != AgentState.SIGNED_OUT.value, AccountRow.id != but)
        .order_by(AgentRow.state != AgentState.READY.value, AccountRow.name)
    )
    if words:
        like = _like(words)
        query = query.where(or_(AccountRow.name.ilike(like), AccountRow.job_number.ilike(like)))
    return [
        TargetEntry("agent", row.name, f"{AGENT_TARGET}{row.id}", row.job_number, row.state)
        for row in await session.execute(query)
    ]


async def _departments(session: AsyncSession, words: str) -> list[TargetEntry]:
    query = select(DepartmentRow).where(DepartmentRow.phone != "").order_by(DepartmentRow.name)
    if words:
        like = _like(words)
        query = query.where(
            or_(
                DepartmentRow.name.ilike(like),
                DepartmentRow.duties.ilike(like),
                DepartmentRow.phone.ilike(like),
            )
        )
    return [
        TargetEntry("department", row.name, row.phone, row.phone)
        for row in await session.scalars(query)
    ]


def _like(words: str) -> str:
    plain = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"
