"""What costs a unit points one by one (domain.md 3.2), counted from what happened in a month."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from analytics.periods import Period
from core.db.tables.appraisal import AppraisalNoteRow
from core.db.tables.cases import CaseEventRow
from core.db.tables.handling import CallbackAttemptRow, LegRow, RequestRow, SuperviseRow
from core.domain.legs import LegRole

OFFENCE_NAMES: Mapping[str, str] = {
    "improper_return": "不当退单",
    "false_closing": "虚假办结（核查不属实）",
    "not_contacted": "未联系诉求人",
    "exposed": "通报曝光",
    "supervised": "被督办",
    "supervised_again": "二次督办",
    "knowledge_overdue": "知识库逾期未维护",
    "leak": "泄露诉求人信息",
}
#: A unit and a case.
Pairs: TypeAlias = Select[*tuple[Any, ...]]
_NOT_CONTACTED = ("否", "未联系", "没有联系")


@dataclass(frozen=True, slots=True)
class Offence:
    """One occurrence. case_id: "" where no case belongs to it."""

    kind: str
    department_id: str
    case_id: str


async def offences(session: AsyncSession, period: Period) -> list[Offence]:
    """Everything of the period, each occurrence once."""
    found: list[Offence] = []
    for kind, make in _QUERIES.items():
        for department, case_id in await session.execute(make(period)):
            if department:
                found.append(Offence(kind, department, case_id or ""))
    return [*found, *await _supervised(session, period), *await _noted(session, period)]


def _improper_returns(period: Period) -> Pairs:
    return select(RequestRow.department_id, RequestRow.case_id).where(
        RequestRow.kind == "RETURN",
        RequestRow.verdict == "REFUSED",
        RequestRow.ruled_at >= period.start,
        RequestRow.ruled_at < period.end,
    )


def _lead_before(case_id: Any, at: Any) -> Any:
    """The unit that led the case then."""
    return (
        select(LegRow.department_id)
        .where(
            LegRow.case_id == case_id,
            LegRow.role == LegRole.LEAD.value,
            LegRow.dispatched_at <= at,
            LegRow.status.not_in(("RETURNED", "WITHDRAWN")),
        )
        .order_by(LegRow.dispatched_at.desc())
        .limit(1)
        .scalar_subquery()
    )


def _found_false(period: Period) -> Pairs:
    """An inspector found the work not done."""
    return (
        select(_lead_before(CaseEventRow.case_id, CaseEventRow.at), CaseEventRow.case_id)
        .where(
            CaseEventRow.action == "核查结果",
            CaseEventRow.facts["given"]["outcome"].astext == "不通过",
            CaseEventRow.at >= period.start,
            CaseEventRow.at < period.end,
        )
        .order_by(CaseEventRow.at)
    )


def _not_contacted(period: Period) -> Pairs:
    """The citizen says that nobody of the unit was in touch."""
    staff = CallbackAttemptRow.form["staff_contacted"].astext
    return select(
        _lead_before(CallbackAttemptRow.case_id, CallbackAttemptRow.at), CallbackAttemptRow.case_id
    ).where(
        CallbackAttemptRow.at >= period.start,
        CallbackAttemptRow.at < period.end,
        CallbackAttemptRow.connected.is_(True),
        or_(CallbackAttemptRow.cause == "未联系", staff.in_(_NOT_CONTACTED)),
    )


_QUERIES: Mapping[str, Callable[[Period], Pairs]] = {
    "improper_return": _improper_returns,
    "false_closing": _found_false,
    "not_contacted": _not_contacted,
}


async def _supervised(session: AsyncSession, period: Period) -> list[Offence]:
    """The first order about a case to a unit costs less than each further one."""
    query = (
        select(SuperviseRow.department_id, SuperviseRow.case_id, SuperviseRow.issued_at)
        .where(SuperviseRow.issued_at < period.end, SuperviseRow.department_id != "")
        .where(
            SuperviseRow.case_id.in_(
                select(SuperviseRow.case_id).where(
                    SuperviseRow.issued_at >= period.start, SuperviseRow.issued_at < period.end
                )
            )
        )
        .order_by(SuperviseRow.issued_at)
    )
    seen: set[tuple[str, str]] = set()
    found = []
    for department, case_id, at in await session.execute(query):
        kind = "supervised_again" if (department, case_id) in seen else "supervised"
        seen.add((department, case_id))
        if at >= period.start:
            found.append(Offence(kind, department, case_id))
    return found


async def _noted(session: AsyncSession, period: Period) -> Sequence[Offence]:
    query = select(AppraisalNoteRow).where(
        AppraisalNoteRow.at >= period.start, AppraisalNoteRow.at < period.end
    )
    rows = (await session.scalars(query)).all()
    return [Offence(row.kind, row.department_id, row.case_id or "") for row in rows]
