"""Cases as a person may see them: which ones at all, and each through the masking matrix."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, literal, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.auth import Permission, Principal, Role
from core.db.repos.departments import family_names
from core.db.repos.persons import Person, loaded_fields, person_of, persons_of
from core.db.tables.calls import CallRow
from core.db.tables.cases import CaseRow
from core.db.tables.handling import LegRow
from core.domain.case_views import CaseView, shown_fields
from core.domain.drafts import FieldValue
from core.domain.legs import LegStatus
from core.domain.masking import ContentShown, RecordingShown, masking_for
from core.errors import NotFound
from core.vault import Vault, mask_phone

#: A leg that was given back or taken away shows its unit nothing any more.
_GIVEN_UP = (LegStatus.RETURNED.value, LegStatus.WITHDRAWN.value)


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose eyes look, and what can open a seal for them."""

    principal: Principal
    vault: Vault


async def visible_case(session: AsyncSession, sight: Sight, key: str) -> CaseView:
    """The case by id or number as this person may see it. Raises NotFound."""
    row = await case_row(session, sight.principal, key)
    return case_view(row, sight.principal, await person_of(session, row, sight.vault))


async def visible_cases(
    session: AsyncSession, sight: Sight, query: Select[CaseRow]
) -> list[CaseView]:
    """The rows of a query that this person may see, through the mask."""
    allowed = query.where(await may_see(session, sight.principal))
    return await views_of(session, sight, (await session.scalars(allowed)).all())


async def views_of(session: AsyncSession, sight: Sight, rows: Sequence[CaseRow]) -> list[CaseView]:
    """Rows already found to be visible, through the mask."""
    persons = await persons_of(session, rows, sight.vault)
    return [case_view(row, sight.principal, persons[row.id]) for row in rows]


async def case_row(session: AsyncSession, principal: Principal, key: str) -> CaseRow:
    """The row itself, for an action of somebody who may see the case. Raises NotFound.

    Never for showing: rows hold what the onlooker may not see.
    """
    query = select(CaseRow).where(or_(CaseRow.id == key, CaseRow.number == key))
    row = (await session.scalars(query.where(await may_see(session, principal)))).first()
    if row is None:
        # The same answer whether it does not exist or belongs to somebody else.
        raise NotFound("没有找到该工单")
    return row


async def may_see(session: AsyncSession, principal: Principal) -> ColumnElement[bool]:
    """The condition on CaseRow under which this person may see a case at all."""
    return visible(principal, await own_family(session, principal))


async def own_family(session: AsyncSession, principal: Principal) -> Sequence[str]:
    """The names under which this person's unit may stand accused."""
    if not principal.can(Permission.SEE_UNIT_CASES):
        return []
    return await family_names(session, [principal.department_id or ""])


def visible(
    principal: Principal, family: Sequence[str], *, since: datetime | None = None
) -> ColumnElement[bool]:
    """The same condition, with what it asks of the database known.

    since: when only cases made after it are wanted; no leg of theirs is older.
    """
    if principal.role is Role.LEADER:
        return CaseRow.number.is_not(None)
    if principal.can(Permission.SEE_ALL_CASES):
        return true()
    if principal.can(Permission.SEE_UNIT_CASES):
        return and_(_has_leg(principal, since), not_accused(family))
    if principal.can(Permission.SEE_OWN_CASES):
        mine = select(CallRow.id).where(CallRow.agent_id == principal.agent_id)
        return or_(CaseRow.created_by == principal.agent_id, CaseRow.call_id.in_(mine))
    return false()


def _has_leg(principal: Principal, since: datetime | None) -> ColumnElement[bool]:
    """A department sees a case through its own leg only, a third level through its sub-leg."""
    leg = aliased(LegRow)  # whoever asks may have the leg's own table in the same query
    found = exists().where(
        leg.case_id == CaseRow.id,
        leg.department_id == (principal.department_id or ""),
        leg.status.not_in(_GIVEN_UP),
    )
    return found if since is None else found.where(leg.dispatched_at >= since)


def not_accused(names: Sequence[str]) -> ColumnElement[bool]:
    """The reported unit sees nothing (domain.md 7): core.domain.accused, said in SQL."""
    spaceless = func.regexp_replace(CaseRow.accused, r"\s", "", "g")
    bare = func.regexp_replace(spaceless, r"[%_\\]", "", "g")
    letters = func.regexp_replace(bare, "(.)", r"\1%", "g")
    named = [
        or_(
            func.strpos(spaceless, name) > 0,
            func.strpos(literal(name), spaceless) > 0,
            and_(func.length(bare) > 2, literal(name).like(func.concat("%", letters))),  # noqa: PLR2004 - two letters fit too many names
        )
        for name in names
    ]
    return or_(CaseRow.accused == "", spaceless == "", ~or_(false(), *named))


def case_view(row: CaseRow, principal: Principal, person: Person) -> CaseView:
    """The case through the mask of this person's post."""
    masking = masking_for(principal.role, confidential=row.confidential)
    fields = {name: FieldValue.from_json(data) for name, data in loaded_fields(row).items()}
    clues = person.clues
    mask = mask_phone(person.number) if person.number else row.phone_mask or row.caller_mask
    shown = {
        "phone": masking.shown_phone(person.number, mask),
        "caller_name": masking.shown_name(person.name),
    }
    return CaseView(
        id=row.id,
        number=row.number,
        status=row.status,
        channel=row.channel,
        line_id=row.line_id,
        call_id=row.call_id if masking.recording is not RecordingShown.NONE else None,
        case_type=row.case_type,
        category=row.category,
        title=masking.shown_text(row.title or _text_of(fields, "summary")[:40], clues),
        content=masking.shown_text(row.content or _text_of(fields, "summary"), clues),
        place_text=masking.shown_place(row.place_text, clues),
        urgency=row.urgency,
        department=row.department,
        caller_name=shown["caller_name"],
        phone=shown["phone"],
        confidential=row.confidential,
        anonymous=row.anonymous,
        accused=row.accused if masking.content is ContentShown.FULL else "",
        public_reply=masking.shown_text(row.public_reply, clues),
        created_by=row.created_by if masking.content is ContentShown.FULL else None,
        fields=shown_fields(fields, masking, shown, clues),
        masking=masking,
        **{name: getattr(row, name) for name in _AS_THEY_ARE},
    )


_AS_THEY_ARE = (
    "round", "returns", "hops", "urges", "extensions", "dispatched_at", "due_at",
    "satisfaction_first", "satisfaction_final", "solved", "close_code", "created_at",
    "submitted_at", "closed_at",
)  # fmt: skip


def _text_of(fields: dict[str, FieldValue], name: str) -> str:
    found = fields.get(name)
    return str(found.value) if found is not None and found.value else ""
