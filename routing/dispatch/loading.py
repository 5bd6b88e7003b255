"""Reads what a suggestion needs: the case, the catalogue in force, departments, where it lies."""

from collections.abc import Iterable, Mapping, Sequence
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
    return (await suggestions_for_many(session, [case], today, most=most))[case.id]


async def suggestions_for_many(
    session: AsyncSession, cases: Sequence[CaseRow], today: date, *, most: int = 1
) -> dict[str, tuple[Suggestion, ...]]:
    """The same for a whole list, asking the database a few times and not once for each case."""
    limits = await case_limits(session)
    duties, units = await _duties(session, today), await _units(session)
    areas = await _areas(session, [case.place_text for case in cases])
    return {
        case.id: suggest(
            CaseFacts(
                category=case.category or "",
                text=f"{case.title} {case.content}",
                areas=areas[case.place_text],
                accused=case.accused,
                guesses=_guesses(case),
                backstop=limits.backstop_unit,
            ),
            duties,
            units,
            today,
            most=most,
        )
        for case in cases
    }


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


async def _areas(session: AsyncSession, texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For each text, names of every place that it names, and of what these lie in."""
    named = literal("\n".join(texts)).contains(PlaceRow.name)
    parents: dict[str, str | None] = {}
    wanted = (await session.scalars(select(PlaceRow).where(named))).all() if any(texts) else []
    for _ in range(_DEEPEST):
        parents |= {row.name: row.parent for row in wanted}
        missing = {parent for parent in parents.values() if parent and parent not in parents}
        if not missing:
            break
        above = select(PlaceRow).where(PlaceRow.name.in_(missing))
        wanted = (await session.scalars(above)).all()
    return {text: tuple(_named_in(text, parents)) for text in texts}


def _named_in(text: str, parents: Mapping[str, str | None]) -> dict[str, None]:
    """The places in a text and those above them, in the order in which they are found."""
    found = {name: None for name in parents if name in text}
    for name in list(found):
        above = parents.get(name)
        while above and above not in found:
            found[above] = None
            above = parents.get(above)
    return found


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
