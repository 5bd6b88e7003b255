"""Queries about departments by intent."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.db.tables.cases import DepartmentRow


async def family_names(session: AsyncSession, department_ids: Sequence[str]) -> Sequence[str]:
    """The names of these units, of those above and of those below them.

    Who is reported is protected against the whole tree: the unit above would ask the one below.
    """
    wanted = [one for one in department_ids if one]
    if not wanted:
        return []
    own = aliased(DepartmentRow)
    above = select(own.parent_id).where(own.id.in_(wanted), own.parent_id.is_not(None))
    query = select(DepartmentRow.name).where(
        or_(
            DepartmentRow.id.in_(wanted),
            DepartmentRow.id.in_(above),
            DepartmentRow.parent_id.in_(wanted),
        )
    )
    return (await session.scalars(query)).all()
