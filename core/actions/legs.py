"""Writes about a department's part of a case: handing out, signing, replying, its clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from core.actions.base import take
from core.actions.case_guards import Asked
from core.db.engine import UnitOfWork
from core.db.repos.rules import calendar, sla_rules
from core.db.tables.cases import CaseRow, DepartmentRow
from core.db.tables.handling import ClockAlarmRow, LegRow
from core.domain.legs import OPEN_LEGS, LegRole, LegStatus, missing_in_reply
from core.domain.sla import CaseClock, SlaRule, choose_rule
from core.domain.workdays import Limit, LimitType, WorkCalendar, due_at
from core.errors import InputRefused
from core.ids import new_id


@dataclass(frozen=True, slots=True)
class Terms:
    """On which limits legs are handed out now."""

    rule: SlaRule
    limit: Limit
    calendar: WorkCalendar
    now: datetime


async def terms_for(work: UnitOfWork, case: CaseRow) -> Terms:
    """The limits of the most specific rule; a second round has half the time, a day at least."""
    rule = choose_rule(
        await sla_rules(work.session),
        case_type=case.case_type or "",
        category=case.category or "",
        urgency=case.urgency,
        channel=case.channel,
    )
    limit = rule.limit
    if case.round > 1:
        least = 1 if limit.type in (LimitType.WORK_DAY, LimitType.NATURAL_DAY) else 0.5
        limit = Limit(limit.type, max(least, limit.value / 2))
    return Terms(rule, limit, await calendar(work.session), work.clock.now())


async def hand_out(asked: Asked, lead: str, supporting: Sequence[str] = ()) -> LegRow:
    """Give the case to one lead unit and any supporting ones; their clocks start now."""
    if lead in supporting:
        raise InputRefused("主办单位不能同时是协办单位")
    terms = await terms_for(asked.work, asked.case)
    lead_leg = await _make_leg(asked, lead, LegRole.LEAD, terms)
    for unit in dict.fromkeys(supporting):
        await _make_leg(asked, unit, LegRole.SUPPORT, terms)
    asked.case.dispatched_at = asked.case.dispatched_at or terms.now
    return lead_leg


async def _make_leg(asked: Asked, unit: str, role: LegRole, terms: Terms) -> LegRow:
    department = await asked.work.session.get(DepartmentRow, unit)
    if department is None:
        raise InputRefused("没有这个承办单位", department=unit)
    clock = CaseClock.start(terms.limit, terms.now, terms.calendar)
    leg = LegRow(
        id=new_id(),
        case_id=asked.case.id,
        department_id=unit,
        role=role.value,
        round=asked.case.round,
        status=LegStatus.TO_SIGN.value,
        instruction=str(asked.given.get("instruction", "")),
        basis=str(asked.given.get("basis", "")),
        limit_type=terms.limit.type.value,
        limit_value=terms.limit.value,
        dispatched_at=terms.now,
        sign_due_at=due_at(terms.now, terms.rule.sign_limit, terms.calendar),
        contact_due_at=due_at(terms.now, terms.rule.contact_limit, terms.calendar),
        due_at=clock.due_at,
        warn_at=clock.warn_at(terms.calendar),
    )
    asked.work.session.add(leg)
    await asked.work.session.flush()
    await set_alarms(asked.work, leg)
    if role is LegRole.LEAD:
        asked.case.due_at = leg.due_at
        asked.case.department = department.name
    return leg


async def set_alarms(work: UnitOfWork, leg: LegRow) -> None:
    """Set anew what is still to be announced of a leg; what was announced stays announced."""
    await work.session.execute(
        delete(ClockAlarmRow).where(
            ClockAlarmRow.leg_id == leg.id, ClockAlarmRow.announced_at.is_(None)
        )
    )
    if leg.paused_at or LegStatus(leg.status) not in OPEN_LEGS:
        return
    told = set(
        (
            await work.session.scalars(
                select(ClockAlarmRow.kind).where(ClockAlarmRow.leg_id == leg.id)
            )
        ).all()
    )
    wanted = {"SOON": leg.warn_at, "LATE": leg.due_at}
    if leg.signed_at is None:
        wanted["SIGN_DUE"] = leg.sign_due_at
    if leg.contact_due_at is not None and leg.contacted_at is None:
        wanted["CONTACT_DUE"] = leg.contact_due_at
    for kind, at in wanted.items():
        if kind not in told:
            work.session.add(
                ClockAlarmRow(id=new_id(), leg_id=leg.id, case_id=leg.case_id, kind=kind, at=at)
            )


async def open_legs(work: UnitOfWork, case_id: str) -> Sequence[LegRow]:
    """The legs that somebody still owes work on, lead first, locked."""
    query = (
        select(LegRow)
        .where(LegRow.case_id == case_id, LegRow.status.in_([s.value for s in OPEN_LEGS]))
        .order_by(LegRow.role, LegRow.dispatched_at)
        .with_for_update()
    )
    return (await work.session.scalars(query)).all()


async def own_leg(asked: Asked) -> LegRow:
    """The asking unit's open leg. Raises InputRefused when there is none."""
    for leg in await open_legs(asked.work, asked.case.id):
        if leg.department_id == asked.by.department_id:
            return leg
    raise InputRefused("该工单不由您的单位承办")


async def sign_leg(asked: Asked) -> None:
    """The unit has taken note; the limit runs since the dispatch all the same."""
    leg = await own_leg(asked)
    leg.signed_at = leg.signed_at or asked.work.clock.now()
    if leg.status == LegStatus.TO_SIGN:
        leg.status = LegStatus.HANDLING.value
    await set_alarms(asked.work, leg)


async def reply_leg(asked: Asked) -> bool:
    """Take the unit's reply; True when every leg has replied, so that the case may go on."""
    leg = await own_leg(asked)
    reply = {key: value for key, value in asked.given.items() if value not in (None, "")}
    missing = missing_in_reply(reply)
    if missing:
        raise InputRefused("请补全反馈内容", fields=missing)
    now = asked.work.clock.now()
    leg.reply = reply
    leg.replied_at = now
    leg.signed_at = leg.signed_at or now
    if reply.get("contacted") != "未联系":
        leg.contacted_at = leg.contacted_at or now
    leg.status = LegStatus.REPLIED.value
    await set_alarms(asked.work, leg)
    return not any(other.id != leg.id for other in await open_legs(asked.work, asked.case.id))


async def accept_replies(asked: Asked) -> None:
    """The review passed: clocks stop at the instant of the reply; our own time is not charged."""
    for leg in await _of_status(asked.work, asked.case.id, LegStatus.REPLIED):
        leg.status = LegStatus.ACCEPTED.value
        leg.stopped_at = leg.replied_at
        if leg.role == LegRole.LEAD:
            asked.case.public_reply = str(leg.reply.get("public_reply", ""))
            asked.case.solved = leg.reply.get("solved")


async def send_back_replies(asked: Asked) -> None:
    """The review found fault: the clock goes on with what was left, one working day at least."""
    days = await calendar(asked.work.session)
    now = asked.work.clock.now()
    least = due_at(now, Limit(LimitType.WORK_DAY, 1), days)
    for leg in await _of_status(asked.work, asked.case.id, LegStatus.REPLIED):
        left = leg.due_at - (leg.replied_at or now)
        leg.status = LegStatus.REWORK.value
        leg.due_at = max(leg.due_at if leg.due_at < now else now + left, least)
        leg.replied_at = None
        await set_alarms(asked.work, leg)


async def withdraw_legs(work: UnitOfWork, legs: Iterable[LegRow], *, status: LegStatus) -> None:
    """Take legs back: returned by ruling, or no longer needed."""
    for leg in legs:
        leg.status = status.value
        leg.stopped_at = leg.stopped_at or work.clock.now()
        await set_alarms(work, leg)


async def pause_legs(asked: Asked) -> None:
    """Stop the clocks of every open leg for an approved reason."""
    now = asked.work.clock.now()
    for leg in await open_legs(asked.work, asked.case.id):
        leg.paused_at = leg.paused_at or now
        await set_alarms(asked.work, leg)


async def resume_legs(asked: Asked) -> None:
    """Let the clocks go on; due moves by what the pause took."""
    days = await calendar(asked.work.session)
    now = asked.work.clock.now()
    for leg in await open_legs(asked.work, asked.case.id):
        if leg.paused_at is None:
            continue
        clock = clock_of(leg).resume(now, days)
        leg.due_at, leg.paused_at = clock.due_at, None
        leg.warn_at = clock.warn_at(days)
        await set_alarms(asked.work, leg)
        if leg.role == LegRole.LEAD:
            asked.case.due_at = leg.due_at


async def extend_leg(work: UnitOfWork, leg_id: str, by: Limit) -> LegRow:
    """Move due by an approved extension: the old instant plus the limit."""
    leg = await take(work, LegRow, leg_id, what="承办单")
    days = await calendar(work.session)
    clock = clock_of(leg).extend(by, days)
    leg.due_at, leg.warn_at = clock.due_at, clock.warn_at(days)
    await set_alarms(work, leg)
    case = await take(work, CaseRow, leg.case_id, what="工单")
    case.extensions += 1
    if leg.role == LegRole.LEAD:
        case.due_at = leg.due_at
    return leg


async def last_lead(asked: Asked) -> str:
    """The department that last led. Raises InputRefused when there never was one."""
    query = (
        select(LegRow.department_id)
        .where(LegRow.case_id == asked.case.id, LegRow.role == LegRole.LEAD.value)
        .order_by(LegRow.dispatched_at.desc())
        .limit(1)
    )
    found = await asked.work.session.scalar(query)
    if found is None:
        raise InputRefused("该工单没有主办单位，请先派遣")
    return found


def clock_of(leg: LegRow) -> CaseClock:
    """The leg's clock as the rules know it."""
    return CaseClock(
        limit=Limit(LimitType(leg.limit_type), leg.limit_value),
        started_at=leg.dispatched_at,
        due_at=leg.due_at,
        paused_at=leg.paused_at,
        stopped_at=leg.stopped_at,
        exempt=leg.exempt,
    )


async def _of_status(work: UnitOfWork, case_id: str, status: LegStatus) -> Sequence[LegRow]:
    query = select(LegRow).where(LegRow.case_id == case_id, LegRow.status == status.value)
    return (await work.session.scalars(query.with_for_update())).all()
