"""The city's knowledge as the database holds it, in the shape that drafting reads."""

import json
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.cases import CategoryRow, DepartmentRow, HistoryCaseRow, PlaceRow
from recordings.drafting.api import Knowledge
from recordings.drafting.knowledge import Department, Place, read_history


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
        history=read_history(lines, "history_case"),
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
