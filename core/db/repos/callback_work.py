"""What waits for the callback officers: citizens to ring, replies to review, sign-offs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.calls import CallRow
from core.db.tables.cases import CaseEventRow, CaseRow
from core.db.tables.handling import CallbackAttemptRow, CaseLinkRow, LegRow, RequestRow
from core.db.tables.outgoing import OutgoingRow
from core.domain.calls import Direction
from core.domain.cases import CaseStatus, CaseType
from core.domain.units import EXPLANATION

_MOST = 500
_CANDIDATES = 20
_DECIDING = (EXPLANATION, "UNREASONABLE")
_WAITS = CaseStatus.PENDING_CALLBACK.value


@dataclass(frozen=True, slots=True)
class WaitingCallback:
    """A case whose citizen is to be rung: since when, and who was tried this round."""

    case: CaseRow
    since: datetime
    attempts: Sequence[CallbackAttemptRow]

    @property
    def has_person(self) -> bool:
        """Whether there is somebody to ring at all (an inspector's report has nobody)."""
        return bool(self.case.phone_mask or self.case.caller_mask)


async def waiting_callbacks(session: AsyncSession) -> list[WaitingCallback]:
    """Every case in callback about which nobody has to decide first, the longest waiting first."""
    since = _since()
    query = (
        select(CaseRow, func.coalesce(since, CaseRow.created_at).label("since"))
        .where(CaseRow.status == _WAITS, ~_being_decided())
        .order_by("since", CaseRow.id)
        .limit(_MOST)
    )
    rows = (await session.execute(query)).all()
    tried = await attempts_of(session, [case.id for case, _ in rows])
    return [
        WaitingCallback(
            case, at, [one for one in tried.get(case.id, ()) if one.round == case.round]
        )
        for case, at in rows
    ]


def _since() -> ColumnElement[datetime]:
    latest = select(func.max(CaseEventRow.at)).where(
        CaseEventRow.case_id == CaseRow.id,
        CaseEventRow.to_status == _WAITS,
        CaseEventRow.from_status != _WAITS,
    )
    return latest.scalar_subquery()


def _being_decided() -> ColumnElement[bool]:
    return exists().where(
        RequestRow.case_id == CaseRow.id,
        RequestRow.kind.in_(_DECIDING),
        RequestRow.verdict.is_(None),
    )


async def attempts_of(
    session: AsyncSession, case_ids: Sequence[str]
) -> Mapping[str, Sequence[CallbackAttemptRow]]:
    """Every callback attempt about these cases, oldest first."""
    if not case_ids:
        return {}
    query = (
        select(CallbackAttemptRow)
        .where(CallbackAttemptRow.case_id.in_(case_ids))
        .order_by(CallbackAttemptRow.at)
    )
    found: dict[str, list[CallbackAttemptRow]] = {}
    for row in await session.scalars(query):
        found.setdefault(row.case_id, []).append(row)
    return found


async def voice_candidates(
    session: AsyncSession, now: datetime, *, most_tried: int, pause: timedelta
) -> Sequence[CaseRow]:
    """Cases the machine may ring about, the oldest first, locked; another's are passed over.

    Never a report or a confidential, anonymous or accusing case, nobody who did not want a call,
    nobody whom we phoned within the pause, and nobody who answered already in this round.
    """
    tried = [CallbackAttemptRow.case_id == CaseRow.id, CallbackAttemptRow.round == CaseRow.round]
    missed = select(func.count()).where(*tried, CallbackAttemptRow.connected.is_(False))
    person = func.coalesce(func.nullif(CaseRow.phone_hash, ""), CaseRow.caller_hash)
    query = (
        select(CaseRow)
        .where(
            CaseRow.status == _WAITS,
            ~_being_decided(),
            CaseRow.number.is_not(None),
            CaseRow.confidential.is_(False),
            CaseRow.anonymous.is_(False),
            CaseRow.accused == "",
            func.coalesce(CaseRow.case_type, "") != CaseType.REPORT.value,
            func.coalesce(CaseRow.fields["wants_callback"]["value"].astext, "") != "false",
            or_(CaseRow.phone_sealed != "", CaseRow.caller_sealed != ""),
            person != "",
            missed.scalar_subquery() <= most_tried,
            ~exists().where(*tried, CallbackAttemptRow.connected.is_(True)),
            ~exists().where(
                CallRow.caller_hash == person,
                CallRow.direction == Direction.OUTBOUND.value,
                CallRow.started_at > now - pause,
            ),
        )
        .order_by(CaseRow.created_at, CaseRow.id)
        .limit(_CANDIDATES)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


def replies_to_review() -> Select[CaseRow]:
    """Cases that every unit has replied to, the first due on top."""
    return (
        select(CaseRow)
        .where(CaseRow.status == CaseStatus.REPLIED.value)
        .order_by(CaseRow.due_at.nulls_last(), CaseRow.id)
    )


async def explanations_waiting(
    session: AsyncSession,
) -> Sequence[tuple[RequestRow, CaseRow]]:
    """Objective causes that a ruler has to sign off, the oldest first."""
    query = (
        select(RequestRow, CaseRow)
        .join(CaseRow, CaseRow.id == RequestRow.case_id)
        .where(RequestRow.kind == EXPLANATION, RequestRow.verdict.is_(None))
        .order_by(RequestRow.asked_at)
    )
    return [(request, case) for request, case in (await session.execute(query)).all()]


async def explanation_of(session: AsyncSession, case_id: str) -> RequestRow | None:
    """The explanation of this case that waits for a sign-off."""
    query = select(RequestRow).where(
        RequestRow.case_id == case_id,
        RequestRow.kind == EXPLANATION,
        RequestRow.verdict.is_(None),
    )
    return (await session.scalars(query)).first()


async def replied_legs(session: AsyncSession, case_id: str) -> Sequence[LegRow]:
    """The legs with a reply, the newest round first, lead first."""
    query = (
        select(LegRow)
        .where(LegRow.case_id == case_id, LegRow.replied_at.is_not(None))
        .order_by(LegRow.round.desc(), LegRow.level, LegRow.role, LegRow.dispatched_at)
    )
    return (await session.scalars(query)).all()


async def family_of(
    session: AsyncSession, case_id: str
) -> tuple[CaseRow | None, Sequence[CaseRow]]:
    """The master this case was merged into, and the cases merged into it."""
    to_master = select(CaseLinkRow.other_id).where(
        CaseLinkRow.case_id == case_id, CaseLinkRow.kind == "MERGE"
    )
    to_children = select(CaseLinkRow.case_id).where(
        CaseLinkRow.other_id == case_id, CaseLinkRow.kind == "MERGE"
    )
    master = (await session.scalars(select(CaseRow).where(CaseRow.id.in_(to_master)))).first()
    children = (await session.scalars(select(CaseRow).where(CaseRow.id.in_(to_children)))).all()
    return master, children


async def latest_call_about(
    session: AsyncSession, case_id: str, account_id: str
) -> OutgoingRow | None:
    """The last call to this case's citizen that this person asked for."""
    query = (
        select(OutgoingRow)
        .where(OutgoingRow.case_id == case_id, OutgoingRow.asked_by == account_id)
        .order_by(OutgoingRow.asked_at.desc())
        .limit(1)
    )
    return (await session.scalars(query)).first()
