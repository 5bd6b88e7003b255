"""Announces what clocks have to say, each thing exactly once however many processes watch."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, insert, select, tuple_, update

from core.actions.base import take, told
from core.actions.case_steps import take_step
from core.auth import SYSTEM
from core.clock import city_time
from core.db.engine import Database, UnitOfWork
from core.db.repos.alarms import cases_to_resume
from core.db.repos.rules import calendar, case_limits
from core.db.tables.cases import CaseEventRow, CaseRow
from core.db.tables.handling import ClockAlarmRow, LegRow, SuperviseRow
from core.db.tables.outbox import AuditRow
from core.domain.alarms import ALARM_NAMES, AlarmKind, calls_supervision
from core.domain.case_actions import CaseAction
from core.domain.cases import CaseStatus
from core.domain.events import CalendarMissing, CaseNoted, ClockAnnounced, Event
from core.domain.sides import OrderState
from core.domain.workdays import Limit, LimitType, due_at, missing_years
from core.ids import CaseId, new_id

BATCH = 500
_TIMEOUT = "timeout"
_CALENDAR_LOCK = 12_345_001


class Due(NamedTuple):
    """An alarm that is due, its case, and the leg it is about (None: the case itself)."""

    alarm: ClockAlarmRow
    case_id: str
    number: str | None
    status: str
    unit: str | None
    level: int | None


@dataclass(slots=True)
class _Page:
    """What one batch writes, by table; many rows at once cost a fraction of one by one."""

    now: datetime
    entries: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    alarms: list[dict[str, Any]] = field(default_factory=list)
    audits: list[dict[str, Any]] = field(default_factory=list)

    async def write(self, work: UnitOfWork) -> None:
        for table, rows in (
            (CaseEventRow, self.entries),
            (SuperviseRow, self.orders),
            (ClockAlarmRow, self.alarms),
            (AuditRow, self.audits),
        ):
            if rows:
                await work.session.execute(insert(table), rows)
        await work.record_many(self.events)


async def announce_due(database: Database, *, limit: int = BATCH) -> Sequence[ClockAlarmRow]:
    """Announce up to `limit` alarms that are due; those somebody else holds are passed over.

    Case and alarm are locked together without waiting: a step on the case holds them in the
    other order, and two watchers share the work.
    """
    async with database.work() as work:
        found = await _claim(work, limit)
        page = _Page(work.clock.now())
        for due in found:
            _tell(page, due)
        await _supervise_late(work, page, found)
        await page.write(work)
        ids = [due.alarm.id for due in found]
        if ids:
            change = update(ClockAlarmRow).where(ClockAlarmRow.id.in_(ids))
            await work.session.execute(
                change.values(announced_at=page.now).execution_options(synchronize_session=False)
            )
        await work.commit()
    return [due.alarm for due in found]


async def _claim(work: UnitOfWork, limit: int) -> list[Due]:
    query = (
        select(
            ClockAlarmRow,
            CaseRow.id,
            CaseRow.number,
            CaseRow.status,
            LegRow.department_id,
            LegRow.level,
        )
        .join(CaseRow, CaseRow.id == ClockAlarmRow.case_id)
        .outerjoin(LegRow, LegRow.id == ClockAlarmRow.leg_id)
        .where(
            ClockAlarmRow.announced_at.is_(None),
            ClockAlarmRow.at <= work.clock.now(),
            ClockAlarmRow.kind != AlarmKind.RESUME.value,
        )
        .order_by(ClockAlarmRow.at)
        .limit(limit)
        .with_for_update(of=[ClockAlarmRow, CaseRow], skip_locked=True)
    )
    return [Due(*row) for row in (await work.session.execute(query)).all()]


def _tell(page: _Page, due: Due) -> None:
    alarm = due.alarm
    facts = {"leg": alarm.leg_id, "unit": due.unit, "due_at": told(alarm.at), "of": alarm.subject}
    _enter(page, due, ALARM_NAMES[AlarmKind(alarm.kind)], facts)
    page.events.append(
        ClockAnnounced(
            case_id=due.case_id,
            kind=alarm.kind,
            due_at=told(alarm.at),
            at=told(page.now),
            leg_id=alarm.leg_id,
            department_id=due.unit,
            subject=alarm.subject,
        )
    )


def _enter(page: _Page, due: Due, action: str, facts: dict[str, Any]) -> None:
    page.entries.append(
        {
            "id": new_id(),
            "case_id": due.case_id,
            "at": page.now,
            "action": action,
            "actor": SYSTEM.agent_id,
            "from_status": due.status,
            "to_status": due.status,
            "note": "",
            "facts": facts,
        }
    )


async def _supervise_late(work: UnitOfWork, page: _Page, found: Sequence[Due]) -> None:
    """A unit that is late gets an order, unless it already has one for this case."""
    late = {
        (due.case_id, due.unit or ""): due
        for due in found
        if calls_supervision(AlarmKind(due.alarm.kind), due.level)
    }
    limits = await case_limits(work.session) if late else None
    if limits is None or not limits.supervise_when_late:
        return
    pair = tuple_(SuperviseRow.case_id, SuperviseRow.department_id)
    query = select(SuperviseRow.case_id, SuperviseRow.department_id).where(
        pair.in_(late), SuperviseRow.kind == _TIMEOUT, SuperviseRow.closed_at.is_(None)
    )
    pressed = {tuple(row) for row in (await work.session.execute(query)).all()}
    wanted = [due for key, due in late.items() if key not in pressed]
    answer_by = due_at(
        page.now,
        Limit(LimitType.WORK_DAY, limits.supervision_work_days),
        await calendar(work.session),
    )
    counts = await _orders_of(work, [due.case_id for due in wanted])
    for due in wanted:
        counts[due.case_id] = counts.get(due.case_id, 0) + 1
        _order(page, due, counts[due.case_id], answer_by)


async def _orders_of(work: UnitOfWork, case_ids: Collection[str]) -> dict[str, int]:
    of_these: ColumnElement[bool] = SuperviseRow.case_id.in_(case_ids)
    query = select(SuperviseRow.case_id, func.count()).where(of_these)
    rows = (await work.session.execute(query.group_by(SuperviseRow.case_id))).all()
    return {case_id: int(count) for case_id, count in rows}


def _order(page: _Page, due: Due, which: int, answer_by: datetime) -> None:
    action, order_id = CaseAction.SUPERVISE.value, new_id()
    page.orders.append(
        {
            "id": order_id,
            "case_id": due.case_id,
            "number": f"{due.number or ''}-D{which}",
            "kind": _TIMEOUT,
            "level": 1,
            "reason": "超期未办结",
            "department_id": due.unit or "",
            "issued_by": SYSTEM.agent_id,
            "issued_at": page.now,
            "due_at": answer_by,
            "state": OrderState.OPEN.value,
        }
    )
    page.alarms.append(
        {
            "id": new_id(),
            "case_id": due.case_id,
            "subject": order_id,
            "kind": AlarmKind.ORDER_LATE.value,
            "at": answer_by,
        }
    )
    facts = {"kind": _TIMEOUT, "level": 1, "unit": due.unit}
    _enter(page, due, action, facts)
    page.audits.append(
        {
            "id": new_id(),
            "at": page.now,
            "actor": SYSTEM.agent_id,
            "action": "supervise",
            "entity": "case",
            "entity_id": due.case_id,
            "facts": facts,
        }
    )
    page.events.append(
        CaseNoted(
            case_id=due.case_id,
            status=due.status,
            action=action,
            actor=SYSTEM.agent_id,
            at=told(page.now),
        )
    )


async def resume_due(database: Database, *, limit: int = BATCH) -> int:
    """Let suspended cases whose day has come go on; how many went on."""
    async with database.sessions() as session:
        cases = await cases_to_resume(session, database.clock.now(), limit=limit)
    resumed = 0
    for case_id in cases:
        async with database.work() as work:
            case = await take(work, CaseRow, case_id, what="工单")
            if CaseStatus(case.status) is CaseStatus.SUSPENDED and await _waits(work, case_id):
                await take_step(
                    work,
                    CaseId(case_id),
                    CaseAction.RESUME,
                    by=SYSTEM,
                    given={"reason": "挂账到期"},
                )
                resumed += 1
            await _settle_resume(work, case_id)
            await work.commit()
    return resumed


async def _waits(work: UnitOfWork, case_id: str) -> bool:
    """Whether its day has still come, now that the case is locked."""
    query = select(ClockAlarmRow.id).where(*_resume_of(work, case_id))
    return (await work.session.scalars(query)).first() is not None


async def _settle_resume(work: UnitOfWork, case_id: str) -> None:
    await work.session.execute(
        update(ClockAlarmRow)
        .where(*_resume_of(work, case_id))
        .values(announced_at=work.clock.now())
    )


def _resume_of(work: UnitOfWork, case_id: str) -> list[ColumnElement[bool]]:
    return [
        ClockAlarmRow.case_id == case_id,
        ClockAlarmRow.kind == AlarmKind.RESUME.value,
        ClockAlarmRow.at <= work.clock.now(),
        ClockAlarmRow.announced_at.is_(None),
    ]


async def announce_missing_years(database: Database) -> list[int]:
    """Say once a day which years' lists of days off are needed and absent (from 1 December)."""
    today = city_time(database.clock.now()).date()
    async with database.work() as work:
        missing = list(missing_years(await calendar(work.session), today))
        await work.session.execute(select(func.pg_advisory_xact_lock(_CALENDAR_LOCK)))
        said = []
        for year in missing:
            known = select(AuditRow.id).where(
                AuditRow.entity == "calendar", AuditRow.entity_id == f"{year}@{today}"
            )
            if (await work.session.scalars(known)).first() is not None:
                continue
            work.audit(
                actor=SYSTEM.agent_id, action="calendar_missing", entity="calendar",
                entity_id=f"{year}@{today}", facts={"year": year},
            )  # fmt: skip
            work.record(CalendarMissing(year=year, at=told(work.clock.now())))
            said.append(year)
        await work.commit()
    return said
