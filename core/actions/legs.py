"""Writes about a department's part of a case: handing out, signing, replying, its clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import or_, select

from core.actions.alarms import drop_alarms, set_alarms, set_case_alarm, set_first_alarms
from core.actions.asked import Asked
from core.db.engine import UnitOfWork
from core.db.repos.rules import calendar, sla_rules
from core.db.tables.cases import CaseRow, DepartmentRow
from core.db.tables.handling import CaseLinkRow, LegRow
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


async def terms_for(asked: Asked) -> Terms:
    """The limits of the most specific rule; a second round has half the time, a day at least."""
    case, work = asked.case, asked.work
    rule = await rule_for(work, case)
    limit = rule.limit
    if case.round > 1:
        least = 1 if limit.type in (LimitType.WORK_DAY, LimitType.NATURAL_DAY) else 0.5
        limit = Limit(limit.type, max(least, limit.value * asked.limits.second_round_share))
    return Terms(rule, limit, await calendar(work.session), work.clock.now())


async def rule_for(work: UnitOfWork, case: CaseRow) -> SlaRule:
    """The most specific limit that applies to this case. Raises NotFound when none does."""
    return choose_rule(
        await sla_rules(work.session),
        case_type=case.case_type or "",
        category=case.category or "",
        urgency=case.urgency,
        channel=case.channel,
    )


async def hand_out(
    asked: Asked, lead: str, supporting: Sequence[str] = (), *, same_round: bool = False
) -> LegRow:
    """Give the case to one lead unit and any supporting ones; their clocks start now.

    same_round: another owner is found within a round; the case's own due stays where it was.
    """
    if lead in supporting:
        raise InputRefused("主办单位不能同时是协办单位", fields=["supporting"])
    terms = await terms_for(asked)
    lead_leg = await make_leg(asked, lead, LegRole.LEAD, terms)
    for unit in dict.fromkeys(supporting):
        await make_leg(asked, unit, LegRole.SUPPORT, terms)
    if not same_round or asked.case.due_at is None:
        asked.case.due_at = lead_leg.due_at
    first = asked.case.dispatched_at is None and not same_round
    asked.case.dispatched_at = asked.case.dispatched_at or terms.now
    if not first:  # before the first owner no due of the case's own was to be announced
        await set_case_alarm(asked.work, asked.case, lead_leg)
    return lead_leg


async def make_leg(asked: Asked, unit: str, role: LegRole, terms: Terms) -> LegRow:
    """One unit's part; the lead's name is shown on the case."""
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
        instruction=asked.text("instruction"),
        basis=asked.text("basis"),
        limit_type=terms.limit.type.value,
        limit_value=terms.limit.value,
        dispatched_at=terms.now,
        sign_due_at=due_at(terms.now, terms.rule.sign_limit, terms.calendar),
        contact_due_at=due_at(terms.now, terms.rule.contact_limit, terms.calendar),
        due_at=clock.due_at,
        warn_at=clock.warn_at(terms.calendar),
    )
    asked.work.session.add(leg)
    await set_first_alarms(asked.work, leg)
    if role is LegRole.LEAD:
        asked.case.department = department.name
    return leg


async def open_legs(work: UnitOfWork, case_id: str) -> Sequence[LegRow]:
    """The legs that somebody still owes work on, lead first, locked."""
    query = (
        select(LegRow)
        .where(LegRow.case_id == case_id, LegRow.status.in_([s.value for s in OPEN_LEGS]))
        .order_by(LegRow.role, LegRow.dispatched_at)
        .with_for_update()
    )
    return (await work.session.scalars(query)).all()


async def owed_legs(asked: Asked) -> Sequence[LegRow]:
    """The open legs as this step found them, locked; its guards and its effect ask once."""
    if not asked.owed:
        asked.owed.extend(await open_legs(asked.work, asked.case.id))
    return asked.owed


async def legs_of(work: UnitOfWork, case_id: str, unit: str) -> Sequence[LegRow]:
    """Every leg that this unit has, or had, of the case, locked."""
    query = select(LegRow).where(LegRow.case_id == case_id, LegRow.department_id == unit)
    return (await work.session.scalars(query.with_for_update())).all()


async def own_leg(asked: Asked) -> LegRow:
    """The asking unit's open leg. Raises InputRefused when there is none."""
    return _own(asked, await owed_legs(asked))


def _own(asked: Asked, legs: Sequence[LegRow]) -> LegRow:
    for leg in legs:
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
    """Take the unit's reply; True when every unit has replied, so that the case may go on.

    A third-level reply goes to the unit above it; that unit's own reply ends what it handed on.
    """
    legs = await owed_legs(asked)
    leg = _own(asked, legs)
    reply = {key: value for key, value in asked.given.items() if value not in (None, "")}
    missing = missing_in_reply(reply)
    if missing:
        raise InputRefused("请补全反馈内容", fields=missing)
    now = asked.work.clock.now()
    leg.reply = reply
    leg.replied_at, leg.more_asked_at = now, None
    leg.signed_at = leg.signed_at or now
    if reply.get("contacted") != "未联系":
        leg.contacted_at = leg.contacted_at or now
    leg.status = LegStatus.REPLIED.value
    await set_alarms(asked.work, leg)
    others = [other for other in legs if other.id != leg.id]
    if leg.parent_id is not None:
        leg.stopped_at = now
        return False
    below = [other for other in others if other.parent_id == leg.id]
    await withdraw_legs(asked.work, below, status=LegStatus.WITHDRAWN)
    return len(below) == len(others)


async def accept_replies(asked: Asked) -> None:
    """The review passed: clocks stop at the instant of the reply; our own time is not charged."""
    for leg in await _of_status(asked.work, asked.case.id, LegStatus.REPLIED):
        leg.status = LegStatus.ACCEPTED.value
        leg.stopped_at = leg.replied_at
        if leg.role == LegRole.LEAD:
            asked.case.public_reply = str(leg.reply.get("public_reply", ""))
            asked.case.solved = leg.reply.get("solved")


async def send_back_replies(asked: Asked) -> None:
    """The review found fault: the clock goes on with what was left, one working day at least.

    A reply that came late stays late: its due is not moved.
    """
    days = await calendar(asked.work.session)
    now = asked.now
    least = due_at(now, Limit(LimitType.WORK_DAY, 1), days)
    for leg in await _of_status(asked.work, asked.case.id, LegStatus.REPLIED):
        if leg.parent_id is not None:
            continue
        replied = leg.replied_at or now
        leg.status = LegStatus.REWORK.value
        leg.replied_at = None
        if replied <= leg.due_at:
            going_on = replace(clock_of(leg), paused_at=replied).resume(now, days)
            leg.due_at = max(going_on.due_at, least)
            leg.warn_at = replace(going_on, due_at=leg.due_at).warn_at(days)
        await set_alarms(asked.work, leg)
        if leg.role == LegRole.LEAD:
            asked.case.due_at = max(asked.case.due_at or leg.due_at, leg.due_at)
            await set_case_alarm(asked.work, asked.case, leg)


async def withdraw_legs(work: UnitOfWork, legs: Iterable[LegRow], *, status: LegStatus) -> None:
    """Take legs back: returned by ruling, or no longer needed."""
    for leg in legs:
        leg.status = status.value
        leg.stopped_at = leg.stopped_at or work.clock.now()
        await set_alarms(work, leg)


async def pause_legs(asked: Asked) -> None:
    """Stop the clocks of every open leg, and of the case, for an approved reason."""
    now = asked.work.clock.now()
    await drop_alarms(asked.work, asked.case.id, "CASE_LATE")
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
        leg.paused_at = None
        await move_due(asked, leg, clock.due_at, days)


async def move_due(asked: Asked, leg: LegRow, to: datetime, days: WorkCalendar) -> None:
    """Move a leg's due, its alarms, and by the same stretch the due of the case it leads."""
    before = leg.due_at
    leg.due_at = to
    leg.warn_at = clock_of(leg).warn_at(days)
    await set_alarms(asked.work, leg)
    if leg.role == LegRole.LEAD and asked.case.due_at is not None:
        asked.case.due_at += to - before
        await set_case_alarm(asked.work, asked.case, leg)


async def last_lead(asked: Asked) -> str:
    """The department that last led it, or its master. Raises InputRefused without any."""
    masters = select(CaseLinkRow.other_id).where(
        CaseLinkRow.case_id == asked.case.id, CaseLinkRow.kind == "MERGE"
    )
    query = (
        select(LegRow.department_id)
        .where(
            or_(LegRow.case_id == asked.case.id, LegRow.case_id.in_(masters)),
            LegRow.role == LegRole.LEAD.value,
        )
        .order_by((LegRow.case_id == asked.case.id).desc(), LegRow.dispatched_at.desc())
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
