"""Queries about appraisal sheets by intent: what a person may see of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.auth import Permission, Principal, Role
from core.db.tables.appraisal import ObjectionRow, ResultRow, SheetRow
from core.db.tables.cases import DepartmentRow
from core.domain.appraisal import SheetState
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class WholeSheet:
    """A sheet with its lines in order, its objections by line, and the name of its unit."""

    sheet: SheetRow
    unit: str
    lines: Sequence[ResultRow]
    objections: Mapping[str, ObjectionRow]


def visible_sheets(principal: Principal) -> Select[SheetRow]:
    """The centre sees every sheet, a unit its own once announced, a leader published ones."""
    query = select(SheetRow).order_by(SheetRow.month.desc(), SheetRow.department_id)
    if principal.role is Role.LEADER:
        return query.where(SheetRow.state == SheetState.PUBLISHED.value)
    if principal.can(Permission.SEE_ALL_CASES):
        return query
    return query.where(
        SheetRow.department_id == (principal.department_id or ""),
        SheetRow.state != SheetState.DRAFTED.value,
    )


async def sheets(
    session: AsyncSession, principal: Principal, month: str = ""
) -> Sequence[tuple[SheetRow, str]]:
    """Sheets (of one month, where it is named) with the names of their units."""
    query = visible_sheets(principal)
    if month:
        query = query.where(SheetRow.month == month)
    rows = (await session.scalars(query.limit(500))).all()
    names = await unit_names(session)
    return [(row, names.get(row.department_id, row.department_id)) for row in rows]


async def whole_sheet(session: AsyncSession, principal: Principal, key: str) -> WholeSheet:
    """One sheet, if this person may see it. Raises NotFound."""
    row = (await session.scalars(visible_sheets(principal).where(SheetRow.id == key))).first()
    if row is None:
        raise NotFound("没有找到该考核表")
    lines = select(ResultRow).where(ResultRow.sheet_id == key).order_by(ResultRow.position)
    objections = select(ObjectionRow).where(ObjectionRow.sheet_id == key)
    return WholeSheet(
        sheet=row,
        unit=(await unit_names(session)).get(row.department_id, row.department_id),
        lines=(await session.scalars(lines)).all(),
        objections={one.result_id: one for one in await session.scalars(objections)},
    )


async def unit_names(session: AsyncSession) -> dict[str, str]:
    """Names of departments by their ids."""
    rows = await session.execute(select(DepartmentRow.id, DepartmentRow.name))
    return {row.id: row.name for row in rows}


async def open_objections(session: AsyncSession) -> int:
    """How many objections wait for a ruling."""
    query = select(ObjectionRow.id).where(ObjectionRow.verdict.is_(None))
    return len((await session.scalars(query)).all())


async def sheets_to_sign(session: AsyncSession) -> int:
    """How many sheets in review have no objection left open."""
    waiting = select(ObjectionRow.sheet_id).where(ObjectionRow.verdict.is_(None))
    query = select(SheetRow.id).where(
        SheetRow.state == SheetState.REVIEW.value, SheetRow.id.not_in(waiting)
    )
    return len((await session.scalars(query)).all())
