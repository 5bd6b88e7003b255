"""Reads what a suggestion needs: the case, the catalogue in force, departments, where it lies."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.repos.rules import case_limits
from core.db.tables.cases import CaseRow, DepartmentRow, PlaceRow
from core.db.tables.handling import DutyRow
from core.domain.drafts import FieldValue
from routing.dispatch.suggest import CaseFacts, Duty, Guess, Suggestion, Unit, suggest

_DEEPEST = 4


async def suggestions_for(
    session: AsyncSession, case: CaseRow, today: date, *, most: int = 3
) -> tuple[Suggestion, ...]:
    """The departments that should act on this case, best first, each with its reasons."""
    limits = await case_limits(session)
    facts = CaseFacts(
        category=case.category or "",
        text=f"{case.title} {case.content}",
        areas=await _areas(session, case.place_text),
        accused=case.accused,
        guesses=_guesses(case),
        backstop=limits.backstop_unit,
    )
    return suggest(facts, await _duties(session, today), await _units(session), today, most=most)


async def _duties(session: AsyncSession, today: date) -> list[Duty]:
    query = select(DutyRow).where(
        DutyRow.valid_from <= today, or_(DutyRow.valid_to.is_(None), DutyRow.valid_to > today)
    )
    return [
        Duty(
            id=row.id,
            category_prefix=row.category_prefix,
            area=row.area,
            lead_id=row.lead_id,
            supporting=tuple(row.supporting),
            basis=row.basis,
            source=row.source,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in (await session.scalars(query)).all()
    ]


async def _units(session: AsyncSession) -> list[Unit]:
    """Departments that the centre may address; a third-level unit is its own unit's business."""
    rows = (await session.scalars(select(DepartmentRow))).all()
    below: dict[str, list[str]] = {}
    for row in rows:
        if row.parent_id is not None:
            below.setdefault(row.parent_id, []).append(row.name)
    return [
        Unit(row.id, row.name, row.kind, tuple(row.keywords), tuple(below.get(row.id, ())))
        for row in rows
        if row.parent_id is None
    ]


async def _areas(session: AsyncSession, place_text: str) -> tuple[str, ...]:
    """Names of every place that the words name, and of what these lie in."""
    if not place_text:
        return ()
    named = literal(place_text).contains(PlaceRow.name)
    found: dict[str, None] = {}
    parents = _walk((await session.scalars(select(PlaceRow).where(named))).all(), found)
    for _ in range(_DEEPEST):
        if not parents:
            break
        above = select(PlaceRow).where(PlaceRow.name.in_(parents))
        parents = _walk((await session.scalars(above)).all(), found)
    return tuple(found)


def _walk(rows: Sequence[PlaceRow], found: dict[str, None]) -> set[str]:
    """Note these places; the names of their parents that are not known yet."""
    found.update((row.name, None) for row in rows)
    return {row.parent for row in rows if row.parent and row.parent not in found}


def _guesses(case: CaseRow) -> tuple[Guess, ...]:
    """What the draft thought, with its further candidates."""
    data = case.fields.get("department")
    if not data:
        return ()
    field = FieldValue.from_json(data)
    said = field.sources[0].words if field.sources else ""
    thought = field.suggestion or field.value
    first = [Guess(str(thought), field.confidence, said)] if thought else []
    return (*first, *_others(field.choices, str(thought)))


def _others(choices: Iterable[object], first: str) -> Iterable[Guess]:
    for choice in choices:
        if isinstance(choice, dict) and str(choice.get("value")) != first:
            yield Guess(str(choice.get("value")), float(choice.get("score") or 0.0))
