"""What a department's page of one case is made of, beside the case itself."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import case as when
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from core.auth import Principal
from core.db.repos.rules import duty_of
from core.db.tables.cases import CaseRow, DepartmentRow
from core.db.tables.handling import DutyRow, LegRow, RequestRow, SuperviseRow, UrgeRow
from core.db.tables.people import AccountRow
from core.db.tables.units import AttachmentRow, UnitSettingRow
from core.domain.cases import CaseStatus
from core.domain.legs import OPEN_LEGS, LegRole, LegStatus
from core.domain.likeness import most_alike

_OPEN = [status.value for status in OPEN_LEGS]
_GONE = [LegStatus.RETURNED.value, LegStatus.WITHDRAWN.value]
#: A reply is compared with so many of the unit's last ones (domain.md 1.4).
REPLIES_COMPARED = 50
_CANDIDATES = 80


async def leg_of(session: AsyncSession, case_id: str, department_id: str) -> LegRow | None:
    """The unit's leg of the case: the open one, else the latest that it still has."""
    query = (
        select(LegRow)
        .where(
            LegRow.case_id == case_id,
            LegRow.department_id == department_id,
            LegRow.status.not_in(_GONE),
        )
        .order_by(when((LegRow.status.in_(_OPEN), 0), else_=1), LegRow.dispatched_at.desc())
        .limit(1)
    )
    return (await session.scalars(query)).first()


async def legs_beside(session: AsyncSession, case_id: str, round_: int) -> Sequence[LegRow]:
    """Every leg of this round, the lead first."""
    query = (
        select(LegRow)
        .where(LegRow.case_id == case_id, LegRow.round == round_)
        .order_by(LegRow.level, LegRow.role, LegRow.dispatched_at)
    )
    return (await session.scalars(query)).all()


async def last_replies(session: AsyncSession, department_id: str) -> list[str]:
    """The unit's latest public replies, for the warning about templates."""
    text = LegRow.reply["public_reply"].astext
    query = (
        select(text)
        .where(
            LegRow.department_id == department_id, LegRow.replied_at.is_not(None), text.is_not(None)
        )
        .order_by(LegRow.replied_at.desc())
        .limit(REPLIES_COMPARED)
    )
    return [str(one) for one in await session.scalars(query)]


async def similar_closed(
    session: AsyncSession, case: CaseRow, department_id: str, *, limit: int = 4
) -> Sequence[CaseRow]:
    """Closed cases of this unit and category whose words are nearest: what worked then."""
    query = (
        select(CaseRow)
        .join(LegRow, LegRow.case_id == CaseRow.id)
        .where(
            LegRow.department_id == department_id,
            LegRow.status == LegStatus.ACCEPTED.value,
            LegRow.role == LegRole.LEAD.value,
            CaseRow.category == case.category,
            CaseRow.status == CaseStatus.CLOSED.value,
            CaseRow.confidential.is_(False),
            CaseRow.public_reply != "",
            CaseRow.id != case.id,
        )
        .order_by(LegRow.due_at.desc())
        .limit(_CANDIDATES)
    )
    found = list(dict.fromkeys((await session.scalars(query)).all()))
    return most_alike(case.content, found, words=lambda row: row.content, limit=limit)


async def why_ours(session: AsyncSession, case: CaseRow, day: date) -> DutyRow | None:
    """The line of the duty catalogue under which this category falls."""
    return await duty_of(session, case.category or "", None, day) if case.category else None


async def urges_of(session: AsyncSession, case_id: str) -> Sequence[UrgeRow]:
    """Every urging, latest first."""
    query = select(UrgeRow).where(UrgeRow.case_id == case_id).order_by(UrgeRow.at.desc())
    return (await session.scalars(query)).all()


async def orders_to(
    session: AsyncSession, case_id: str, department_id: str
) -> Sequence[SuperviseRow]:
    """The supervision orders to this unit, open ones first."""
    query = (
        select(SuperviseRow)
        .where(SuperviseRow.case_id == case_id, SuperviseRow.department_id == department_id)
        .order_by(SuperviseRow.closed_at.is_not(None), SuperviseRow.issued_at.desc())
    )
    return (await session.scalars(query)).all()


async def requests_of(
    session: AsyncSession, case_id: str, department_id: str
) -> Sequence[RequestRow]:
    """What this unit has asked for about the case, latest first."""
    query = (
        select(RequestRow)
        .where(RequestRow.case_id == case_id, RequestRow.department_id == department_id)
        .order_by(RequestRow.asked_at.desc())
    )
    return (await session.scalars(query)).all()


async def attachments_of(
    session: AsyncSession, case_id: str, department_id: str | None = None
) -> Sequence[AttachmentRow]:
    """The files on the case; only a unit's own when one is named."""
    query = select(AttachmentRow).where(AttachmentRow.case_id == case_id)
    if department_id is not None:
        query = query.where(AttachmentRow.department_id == department_id)
    return (await session.scalars(query.order_by(AttachmentRow.added_at))).all()


async def attachment_of(session: AsyncSession, file_id: str) -> AttachmentRow | None:
    """One file with its content."""
    query = (
        select(AttachmentRow)
        .options(undefer(AttachmentRow.sealed))
        .where(AttachmentRow.id == file_id)
    )
    return (await session.scalars(query)).first()


async def department_names(session: AsyncSession) -> Mapping[str, str]:
    """Every unit's name by its id, in the order of the ids."""
    query = select(DepartmentRow.id, DepartmentRow.name).order_by(DepartmentRow.id)
    return {row.id: row.name for row in (await session.execute(query)).all()}


async def units_below(session: AsyncSession, department_id: str) -> Mapping[str, str]:
    """The third-level units that this one may hand work to."""
    query = (
        select(DepartmentRow.id, DepartmentRow.name)
        .where(DepartmentRow.parent_id == department_id)
        .order_by(DepartmentRow.id)
    )
    return {row.id: row.name for row in (await session.execute(query)).all()}


async def actors_of(session: AsyncSession, actors: Sequence[str]) -> Mapping[str, AccountRow]:
    """The accounts behind the entries of a timeline."""
    query = select(AccountRow).where(AccountRow.id.in_(set(actors)))
    return {row.id: row for row in (await session.scalars(query)).all()}


async def approvals_of(session: AsyncSession, department_id: str) -> Sequence[str]:
    """The steps that wait for this unit's leader."""
    row = await session.get(UnitSettingRow, department_id)
    return row.approvals if row else ()


async def desk_phone_of(session: AsyncSession, principal: Principal) -> str:
    """The telephone on this person's desk: the account's own, else the department's."""
    account = await session.get(AccountRow, principal.agent_id)
    if account is not None and account.phone not in ("", "webrtc"):
        return account.phone
    department = await session.get(DepartmentRow, principal.department_id or "")
    return department.phone if department is not None else ""
