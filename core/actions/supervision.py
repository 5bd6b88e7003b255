"""Supervision orders: issued, replied to, asked back, reviewed, closed (domain.md 1.6)."""

from datetime import datetime

from sqlalchemy import func, select

from core.actions.alarms import drop_alarms, set_alarm
from core.actions.asked import Asked
from core.actions.base import take
from core.db.engine import UnitOfWork
from core.db.repos.rules import calendar
from core.db.tables.cases import CaseRow
from core.db.tables.handling import LegRow, SuperviseRow
from core.domain.case_actions import CaseAction
from core.domain.legs import LegRole
from core.domain.sides import SUPERVISION_KINDS, SUPERVISION_LEVELS, OrderState
from core.domain.workdays import Limit, LimitType, due_at
from core.errors import InputRefused, TransitionRefused
from core.ids import new_id

_LONGEST_DAYS = 60
#: From which states of an order each step may be taken.
ORDER_FROM = {
    CaseAction.REPLY_SUPERVISION: (OrderState.OPEN,),
    CaseAction.ASK_SUPERVISION_BACK: (OrderState.OPEN,),
    CaseAction.REVIEW_SUPERVISION: (OrderState.ORDER_REPLIED, OrderState.WITHDRAWAL_ASKED),
    CaseAction.CLOSE_SUPERVISION: (OrderState.OPEN, OrderState.ORDER_REPLIED, OrderState.DONE),
}


async def supervise(
    asked: Asked, *, kind: str, reason: str, unit: str | None = None, level: int = 1
) -> SuperviseRow:
    """Issue a supervision order to the lead unit, the one named, or else to the centre itself.

    kind: timeout, leader, important or joint.
    """
    lead = unit or await _lead_of(asked.work, asked.case.id)
    order = await _issue(asked, kind=kind, reason=reason, unit=lead, level=level)
    asked.work.audit(
        actor=asked.by.agent_id, action="supervise", entity="case", entity_id=asked.case.id,
        facts={"kind": kind, "level": level},
    )  # fmt: skip
    return order


async def issue_order(asked: Asked) -> None:
    """Somebody supervises a case. given: kind, reason; level, requirement, unit, days."""
    kind = asked.choice("kind", tuple(SUPERVISION_KINDS))
    level = _level(asked)
    await supervise(
        asked, kind=kind, reason=asked.text("reason"), unit=asked.text("unit") or None, level=level
    )


def _level(asked: Asked) -> int:
    text = asked.text("level", "1")
    if text not in {str(level) for level in SUPERVISION_LEVELS}:
        raise InputRefused("督办级别应为一级、二级或三级", fields=["level"])
    return int(text)


async def _issue(asked: Asked, *, kind: str, reason: str, unit: str, level: int) -> SuperviseRow:
    order = SuperviseRow(
        id=new_id(),
        case_id=asked.case.id,
        number=await order_number(asked.work, asked.case),
        kind=kind,
        level=level,
        reason=reason,
        requirement=asked.text("requirement"),
        department_id=unit,
        issued_by=asked.by.agent_id,
        issued_at=asked.now,
        due_at=await _due(asked),
        state=OrderState.OPEN.value,
    )
    asked.work.session.add(order)
    if order.due_at is not None:
        set_alarm(asked.work, asked.case.id, "ORDER_LATE", order.due_at, subject=order.id)
    return order


async def order_number(work: UnitOfWork, case: CaseRow) -> str:
    """The order's own number: that of the case and which order of it this is."""
    count = select(func.count()).where(SuperviseRow.case_id == case.id)
    return f"{case.number or ''}-D{int(await work.session.scalar(count) or 0) + 1}"


async def _due(asked: Asked) -> datetime:
    text = asked.text("days", str(asked.limits.supervision_work_days))
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= _LONGEST_DAYS:
        raise InputRefused("督办期限应为一至六十个工作日", fields=["days"])
    limit = Limit(LimitType.WORK_DAY, int(text))
    return due_at(asked.now, limit, await calendar(asked.work.session))


async def _lead_of(work: UnitOfWork, case_id: str) -> str:
    query = (
        select(LegRow.department_id)
        .where(LegRow.case_id == case_id, LegRow.role == LegRole.LEAD.value)
        .order_by(LegRow.dispatched_at.desc())
        .limit(1)
    )
    return await work.session.scalar(query) or ""


async def order_of(asked: Asked, action: CaseAction) -> SuperviseRow:
    """The order that this step names, in a state that allows it. Raises TransitionRefused."""
    order = await take(asked.work, SuperviseRow, asked.text("order_id"), what="督办单")
    if order.case_id != asked.case.id or order.state not in ORDER_FROM[action]:
        raise TransitionRefused("督办单不在可操作的状态")
    return order


async def reply_order(asked: Asked) -> None:
    """The unit says what it has done about the order."""
    order = await order_of(asked, CaseAction.REPLY_SUPERVISION)
    order.reply = asked.text("reply")
    order.replied_by, order.replied_at = asked.by.agent_id, asked.now
    order.state = OrderState.ORDER_REPLIED.value
    await drop_alarms(asked.work, asked.case.id, "ORDER_LATE", subject=order.id)


async def ask_order_back(asked: Asked) -> None:
    """The unit asks that the order be taken back."""
    order = await order_of(asked, CaseAction.ASK_SUPERVISION_BACK)
    order.withdrawal_reason = asked.text("reason")
    order.state = OrderState.WITHDRAWAL_ASKED.value


async def review_order(asked: Asked) -> None:
    """Accept the reply (done) or the withdrawal (closed); or send the order back to the unit."""
    order = await order_of(asked, CaseAction.REVIEW_SUPERVISION)
    withdrawal = order.state == OrderState.WITHDRAWAL_ASKED
    order.review, order.reviewed_by = asked.text("review"), asked.by.agent_id
    if not asked.flag("accepted"):
        order.state = OrderState.OPEN.value
    elif withdrawal:
        await _close_order(asked, order)
    else:
        order.state = OrderState.DONE.value


async def close_order(asked: Asked) -> None:
    """The order is done with."""
    await _close_order(asked, await order_of(asked, CaseAction.CLOSE_SUPERVISION))


async def _close_order(asked: Asked, order: SuperviseRow) -> None:
    order.state = OrderState.ORDER_CLOSED.value
    order.closed_at = asked.now
    await drop_alarms(asked.work, asked.case.id, "ORDER_LATE", subject=order.id)
