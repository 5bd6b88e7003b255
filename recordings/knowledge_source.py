"""The city's knowledge as the database holds it, in the shape that drafting reads."""

import json
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.cases import CaseRow, CategoryRow, DepartmentRow, HistoryCaseRow, PlaceRow
from core.domain.cases import CaseStatus
from recordings.drafting.api import Knowledge
from recordings.drafting.knowledge import Department, PastCase, Place, read_history

_UNCONFIRMED = [s.value for s in (CaseStatus.DRAFT, CaseStatus.VOID, CaseStatus.REJECTED)]
_MOST_CASES = 5_000


async def knowledge_of_city(session: AsyncSession) -> Knowledge:
    """Places, departments, categories and earlier cases; empty tables are an empty city."""
    places = (await session.scalars(select(PlaceRow).order_by(PlaceRow.id))).all()
    of_the_centre = select(DepartmentRow).where(DepartmentRow.parent_id.is_(None))
    departments = (await session.scalars(of_the_centre.order_by(DepartmentRow.id))).all()
    categories = (await session.scalars(select(CategoryRow).order_by(CategoryRow.position))).all()
    history = (await session.scalars(select(HistoryCaseRow).order_by(HistoryCaseRow.id))).all()
    lines = "\n".join(json.dumps(row.data, ensure_ascii=False) for row in history)
    return Knowledge(
        places=tuple(_place(row) for row in places),
        departments=tuple(_department(row) for row in departments),
        taxonomy=_taxonomy(categories),
        history=(*read_history(lines, "history_case"), *map(_confirmed, await _cases(session))),
    )


async def _cases(session: AsyncSession) -> Sequence[CaseRow]:
    """Cases that a person has submitted with a category: what the small model learns from."""
    query = (
        select(CaseRow)
        .where(CaseRow.status.not_in(_UNCONFIRMED), CaseRow.category.contains("/"))
        .order_by(CaseRow.created_at.desc())
        .limit(_MOST_CASES)
    )
    return (await session.scalars(query)).all()


def _confirmed(row: CaseRow) -> PastCase:
    top, _, low = (row.category or "").partition("/")
    values = {name: field.get("value") for name, field in row.fields.items()}
    places = values.get("places") or []
    return PastCase(
        id=row.id,
        text=row.content,
        case_type=row.case_type or "",
        category=(top, low),
        department=str(values.get("department") or row.department or ""),
        place=str(places[-1]) if places else "",
        created_at=row.created_at,
        status=row.status,
    )


def _place(row: PlaceRow) -> Place:
    return Place(
        id=row.id,
        name=row.name,
        kind=row.kind,
        parent=row.parent or "",
        lat=row.lat,
        lon=row.lon,
        aliases=tuple(row.aliases),
        pinyin=tuple(row.pinyin),
        desc=row.description,
        in_jurisdiction=row.in_jurisdiction,
        grid=row.grid,
    )


def _department(row: DepartmentRow) -> Department:
    return Department(
        name=row.name,
        kind=row.kind,
        duties=row.duties,
        categories=tuple(row.categories),
        keywords=tuple(row.keywords),
    )


def _taxonomy(rows: Sequence[CategoryRow]) -> dict[str, tuple[str, ...]]:
    grouped: dict[str, list[str]] = {}
    for row in rows:
        grouped.setdefault(row.level1, []).append(row.level2)
    return {top: tuple(lower) for top, lower in grouped.items()}
