"""The clocks of our own work: dispatching, site tasks, calling back; each starts with its state."""

from collections.abc import Mapping

from sqlalchemy import select

from core.actions.alarms import drop_alarms, set_alarm
from core.db.engine import UnitOfWork
from core.db.repos.rules import calendar
from core.db.tables.cases import CaseRow
from core.db.tables.sides import StageClockRow
from core.domain.case_limits import CaseLimits
from core.domain.cases import CaseStatus
from core.domain.sla import CaseClock
from core.domain.workdays import Limit, LimitType, due_at
from core.ids import new_id

_S = CaseStatus
ACCEPT, DISPATCH, VERIFY, CHECK, CALLBACK = "ACCEPT", "DISPATCH", "VERIFY", "CHECK", "CALLBACK"
STAGE_OF: Mapping[CaseStatus, str] = {
    _S.PENDING_ANALYSE: DISPATCH,
    _S.PENDING_VERIFY: VERIFY,
    _S.PENDING_CHECK: CHECK,
    _S.PENDING_CALLBACK: CALLBACK,
}
STAGE_NAMES: Mapping[str, str] = {
    ACCEPT: "受理", DISPATCH: "派遣", VERIFY: "核实", CHECK: "核查", CALLBACK: "回访",
}  # fmt: skip
_PAUSING = frozenset({_S.PENDING_INFO})
_MINUTES = 60


def stage_limit(stage: str, urgency: str, limits: CaseLimits) -> Limit:
    """How long a stage may take: in office hours, or through the night where it cannot wait."""
    if stage == CALLBACK:
        return Limit(LimitType.WORK_DAY, limits.callback_work_days)
    minutes = {ACCEPT: limits.accept_minutes, DISPATCH: limits.dispatch_minutes}
    waits = stage == DISPATCH and urgency == "一般"
    kind = LimitType.WORK_HOUR if waits else LimitType.URGENT_HOUR
    return Limit(kind, minutes.get(stage, limits.task_minutes) / _MINUTES)


async def move_stage(
    work: UnitOfWork, case: CaseRow, before: CaseStatus, limits: CaseLimits
) -> None:
    """After a step: stop the clock of the stage that ended, start that of the one that began."""
    after = CaseStatus(case.status)
    if after is before:
        return
    if after in _PAUSING:
        await _pause(work, case)
        return
    if before in _PAUSING and await _resume(work, case, STAGE_OF.get(after)):
        return
    if before in STAGE_OF or before in _PAUSING or before is _S.DRAFT:
        await _stop(work, case)
    if after in STAGE_OF:
        await start_stage(work, case, STAGE_OF[after], limits)


async def start_stage(work: UnitOfWork, case: CaseRow, stage: str, limits: CaseLimits) -> None:
    """Start a stage's clock now, with its alarm."""
    limit = stage_limit(stage, case.urgency, limits)
    now = work.clock.now()
    clock = StageClockRow(
        id=new_id(),
        case_id=case.id,
        stage=stage,
        limit_type=limit.type.value,
        limit_value=limit.value,
        started_at=now,
        due_at=due_at(now, limit, await calendar(work.session)),
    )
    work.session.add(clock)
    set_alarm(work, case.id, "STAGE_LATE", clock.due_at, subject=clock.id)


async def _running(work: UnitOfWork, case: CaseRow) -> list[StageClockRow]:
    query = select(StageClockRow).where(
        StageClockRow.case_id == case.id, StageClockRow.stopped_at.is_(None)
    )
    return list((await work.session.scalars(query)).all())


async def _stop(work: UnitOfWork, case: CaseRow) -> None:
    now = work.clock.now()
    for clock in await _running(work, case):
        clock.stopped_at = clock.paused_at or now
        clock.late = clock.stopped_at > clock.due_at
        await drop_alarms(work, case.id, "STAGE_LATE", subject=clock.id)


async def _pause(work: UnitOfWork, case: CaseRow) -> None:
    for clock in await _running(work, case):
        clock.paused_at = clock.paused_at or work.clock.now()
        await drop_alarms(work, case.id, "STAGE_LATE", subject=clock.id)


async def _resume(work: UnitOfWork, case: CaseRow, stage: str | None) -> bool:
    """Go on with a paused clock of this stage; whether there was one."""
    days = await calendar(work.session)
    found = False
    for clock in await _running(work, case):
        if clock.stage != stage or clock.paused_at is None:
            continue
        limit = Limit(LimitType(clock.limit_type), clock.limit_value)
        going_on = CaseClock(limit, clock.started_at, clock.due_at, clock.paused_at)
        clock.due_at = going_on.resume(work.clock.now(), days).due_at
        clock.paused_at = None
        set_alarm(work, case.id, "STAGE_LATE", clock.due_at, subject=clock.id)
        found = True
    return found
