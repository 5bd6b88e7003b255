"""The facts behind the guards of steps that leave a case's state as it is."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from sqlalchemy import select

from core.actions import asking, handing, legs
from core.actions.asked import Asked
from core.actions.joint import CONCLUDED
from core.actions.mediation import open_mediation
from core.actions.request_rows import KIND_OF, RULED_BY
from core.actions.supervision import ORDER_FROM
from core.db.tables.cases import DepartmentRow
from core.db.tables.handling import LegRow, RequestRow, SuperviseRow
from core.db.tables.sides import JointRow
from core.domain.case_actions import CENTRE, CaseAction
from core.domain.legs import LegRole
from core.errors import InputRefused

Guard = Callable[[Asked], Awaitable[bool]]


async def own_legs(asked: Asked) -> list[LegRow]:
    """The open legs of the asking person's unit."""
    return [leg for leg in await legs.owed_legs(asked) if leg.department_id == asked.unit]


async def _own_past_leg(asked: Asked) -> bool:
    return bool(await legs.legs_of(asked.work, asked.case.id, asked.unit))


async def _not_asked_already(asked: Asked) -> bool:
    query = select(RequestRow.id).where(
        RequestRow.case_id == asked.case.id,
        RequestRow.kind == KIND_OF[asked.action],
        RequestRow.department_id == asked.unit,
        RequestRow.verdict.is_(None),
    )
    return (await asked.work.session.scalars(query)).first() is None


async def _request_open(asked: Asked) -> bool:
    request = await asked.work.session.get(RequestRow, asked.text("request_id"))
    return (
        request is not None
        and request.case_id == asked.case.id
        and request.verdict is None
        and request.kind in RULED_BY[asked.action]
    )


async def _before_due(asked: Asked) -> bool:
    return any(leg.due_at > asked.now for leg in await own_legs(asked))


async def _extensions_left(asked: Asked) -> bool:
    rule = await legs.rule_for(asked.work, asked.case)
    for leg in await own_legs(asked):
        query = select(RequestRow.id).where(
            RequestRow.leg_id == leg.id,
            RequestRow.kind == "EXTENSION",
            RequestRow.verdict == "ALLOWED",
        )
        if len((await asked.work.session.scalars(query)).all()) >= rule.extensions:
            return False
    return True


async def _sub_unit_below(asked: Asked) -> bool:
    unit = await asked.work.session.get(DepartmentRow, asked.text("unit"))
    return unit is not None and unit.parent_id == asked.unit


async def _inner_due_within(asked: Asked) -> bool:
    try:
        due = handing.inner_due(asked)
    except InputRefused:
        return False
    return any(asked.now < due <= leg.due_at for leg in await own_legs(asked))


async def _may_add_units(asked: Asked) -> bool:
    if asked.by.role in CENTRE:
        return bool(await legs.open_legs(asked.work, asked.case.id))
    return any(leg.role == LegRole.LEAD for leg in await own_legs(asked))


async def _unit_not_on_case(asked: Asked) -> bool:
    open_ = await legs.owed_legs(asked)
    return all(leg.department_id != asked.text("unit") for leg in open_)


async def _order(asked: Asked) -> SuperviseRow | None:
    order = await asked.work.session.get(SuperviseRow, asked.text("order_id"))
    return order if order is not None and order.case_id == asked.case.id else None


async def _order_open(asked: Asked) -> bool:
    order = await _order(asked)
    return order is not None and order.state in ORDER_FROM[asked.action]


async def _order_to_own_unit(asked: Asked) -> bool:
    order = await _order(asked)
    return order is not None and bool(asked.unit) and order.department_id == asked.unit


async def _joint_open(asked: Asked) -> bool:
    joint = await asked.work.session.get(JointRow, asked.text("joint_id"))
    return joint is not None and joint.case_id == asked.case.id and joint.state != CONCLUDED


async def _in_mediation(asked: Asked) -> bool:
    return await open_mediation(asked) is not None


async def _reopen_in_time(asked: Asked) -> bool:
    closed = asked.case.closed_at
    return closed is None or asked.now - closed <= timedelta(days=asked.limits.reopen_days)


async def _not_appealed(asked: Asked) -> bool:
    query = select(RequestRow.id).where(
        RequestRow.case_id == asked.case.id,
        RequestRow.kind == KIND_OF[CaseAction.APPEAL],
        RequestRow.department_id == asked.unit,
    )
    return (await asked.work.session.scalars(query)).first() is None


async def _appeal_reviewed(asked: Asked) -> bool:
    request = await asked.work.session.get(RequestRow, asked.text("request_id"))
    first = (request.facts.get("first_review") or {}) if request is not None else {}
    return bool(first) and first.get("by") != asked.by.agent_id


async def _new_due_ahead(asked: Asked) -> bool:
    try:
        return asking.new_due(asked) > asked.now
    except InputRefused:
        return False


SIDE_GUARDS: Mapping[str, Guard] = {
    "own_past_leg": _own_past_leg,
    "not_asked_already": _not_asked_already,
    "request_open": _request_open,
    "before_due": _before_due,
    "extensions_left": _extensions_left,
    "sub_unit_below": _sub_unit_below,
    "inner_due_within": _inner_due_within,
    "may_add_units": _may_add_units,
    "unit_not_on_case": _unit_not_on_case,
    "order_open": _order_open,
    "order_to_own_unit": _order_to_own_unit,
    "joint_open": _joint_open,
    "in_mediation": _in_mediation,
    "reopen_in_time": _reopen_in_time,
    "not_appealed": _not_appealed,
    "appeal_reviewed": _appeal_reviewed,
    "new_due_ahead": _new_due_ahead,
}
