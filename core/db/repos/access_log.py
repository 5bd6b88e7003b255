"""Questions about the log of who saw personal data: one case, one month, the whole chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, distinct, func, select
from sqlalchemy import case as when
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import CITY_TIME
from core.db.tables.cases import DepartmentRow
from core.db.tables.handling import PiAccessRow
from core.db.tables.outbox import AuditRow
from core.db.tables.people import AccountRow
from core.domain.access import START, AccessEntry, SeenField

_BATCH = 2_000
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Look:
    """One line of "who saw this case"."""

    at: datetime
    name: str
    role: str
    department: str
    field: SeenField
    reason: str
    address: str


async def who_saw(session: AsyncSession, case_id: str, *, limit: int = 500) -> list[Look]:
    """Everybody who saw personal data of the case, newest first."""
    query = (
        select(PiAccessRow, AccountRow.name, AccountRow.role, DepartmentRow.name)
        .outerjoin(AccountRow, AccountRow.id == PiAccessRow.account_id)
        .outerjoin(DepartmentRow, DepartmentRow.id == PiAccessRow.department_id)
        .where(PiAccessRow.case_id == case_id)
        .order_by(PiAccessRow.seq.desc())
        .limit(limit)
    )
    return [
        Look(
            at=row.at,
            name=name or row.account_id,
            role=role or "",
            department=department or "",
            field=SeenField(row.field),
            reason=row.reason,
            address=row.address,
        )
        for row, name, role, department in (await session.execute(query)).all()
    ]


@dataclass(frozen=True, slots=True)
class MonthOfLooks:
    """One person's month in the review."""

    account_id: str
    name: str
    role: str
    department: str
    views: int
    reveals: int
    listens: int
    others: int
    cases: int
    off_hours: int


async def month_review(session: AsyncSession, month: date) -> list[MonthOfLooks]:
    """What each person looked at in a month, most reveals first."""
    first, after = _bounds(month)
    field = PiAccessRow.field
    local = func.timezone(str(CITY_TIME), PiAccessRow.at)
    hour, weekday = func.extract("hour", local), func.extract("isodow", local)
    off_hours = (weekday >= 6) | (hour < 8) | (hour >= 18)  # noqa: PLR2004 - as is_off_hours
    reveals = _count(field.in_([SeenField.PHONE.value, SeenField.IDENTITY.value]))
    views, listens = _count(field == SeenField.VIEW.value), _count(field == SeenField.LISTEN.value)
    total = func.count()
    query = (
        select(
            PiAccessRow.account_id, AccountRow.name, AccountRow.role, DepartmentRow.name,
            views, reveals, listens, total, func.count(distinct(PiAccessRow.case_id)),
            _count(off_hours),
        )
        .outerjoin(AccountRow, AccountRow.id == PiAccessRow.account_id)
        .outerjoin(DepartmentRow, DepartmentRow.id == PiAccessRow.department_id)
        .where(PiAccessRow.at >= first, PiAccessRow.at < after)
        .group_by(PiAccessRow.account_id, AccountRow.name, AccountRow.role, DepartmentRow.name)
        .order_by(reveals.desc(), total.desc(), PiAccessRow.account_id)
    )  # fmt: skip
    return [
        MonthOfLooks(
            account_id=row[0], name=row[1] or row[0], role=row[2] or "", department=row[3] or "",
            views=row[4], reveals=row[5], listens=row[6],
            others=row[7] - row[4] - row[5] - row[6], cases=row[8], off_hours=row[9],
        )
        for row in (await session.execute(query)).all()
    ]  # fmt: skip


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(when((condition, 1)))


def _bounds(month: date) -> tuple[datetime, datetime]:
    first = datetime(month.year, month.month, 1, tzinfo=CITY_TIME)
    if month.month == _DECEMBER:
        return first, datetime(month.year + 1, 1, 1, tzinfo=CITY_TIME)
    return first, datetime(month.year, month.month + 1, 1, tzinfo=CITY_TIME)


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The result of going through the whole chain. broken_at: the first row that does not fit."""

    rows: int
    broken_at: int | None = None
    missing_end: bool = False

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, left out or cut off."""
        return self.broken_at is None and not self.missing_end


async def verify_chain(session: AsyncSession, key: bytes) -> ChainReport:
    """Recompute every hash in order; also look for the end that the audit trail remembers."""
    expected, before = 1, START
    anchors = await _anchors(session)
    while rows := await _next_rows(session, expected):
        for row in rows:
            entry = AccessEntry(
                row.seq, row.at, row.account_id, row.department_id, row.case_id, row.field,
                row.reason, row.address,
            )  # fmt: skip
            before = entry.chained(before, key)
            known = anchors.pop(row.seq, before)
            if row.seq != expected or row.hash != before or known != before:
                return ChainReport(rows=expected - 1, broken_at=expected)
            expected += 1
        session.expunge_all()
    return ChainReport(rows=expected - 1, missing_end=bool(anchors))


async def _next_rows(session: AsyncSession, first: int) -> Sequence[PiAccessRow]:
    query = select(PiAccessRow).where(PiAccessRow.seq >= first)
    return (await session.scalars(query.order_by(PiAccessRow.seq).limit(_BATCH))).all()


async def _anchors(session: AsyncSession) -> dict[int, str]:
    query = select(AuditRow.entity_id, AuditRow.facts).where(
        AuditRow.entity == "pi_access", AuditRow.action == "anchor_access_log"
    )
    return {int(seq): str(facts["hash"]) for seq, facts in (await session.execute(query)).all()}
