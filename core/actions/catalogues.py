"""An administrator changes the tables the law refers to: calendar, limits, duty catalogue.

Deadlines that run already keep their instant; the next one is reckoned by the new rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core.actions.base import take
from core.auth import Permission, Principal
from core.clock import city_time
from core.db.engine import UnitOfWork
from core.db.kept_rules import changed
from core.db.tables.cases import DepartmentRow
from core.db.tables.handling import DutyRow, SlaRuleRow
from core.db.tables.lines import HolidayRow
from core.domain.holidays import NamedDay
from core.domain.workdays import Limit, LimitType
from core.errors import InputRefused
from core.ids import new_id

_LONGEST = {LimitType.WORK_DAY: 250, LimitType.NATURAL_DAY: 366}
_LONGEST_HOURS = 2_000


async def set_days(
    work: UnitOfWork, days: Mapping[date, NamedDay], *, source: str, by: Principal
) -> None:
    """Enter a year's list, or a local exception; source: the notice, or the reason."""
    by.check_can(Permission.ADMINISTER)
    if not source.strip():
        raise InputRefused("请写明依据，如通知文号或调整原因", fields=["source"])
    for day, (kind, name) in sorted(days.items()):
        values = {"kind": kind.value, "name": name, "source": source.strip()}
        await work.session.execute(
            insert(HolidayRow)
            .values(day=day, **values)
            .on_conflict_do_update(index_elements=["day"], set_=values)
        )
    changed(work.session.sync_session)
    work.audit(
        actor=by.agent_id, action="set_days", entity="calendar", entity_id=str(min(days)),
        facts={"days": [day.isoformat() for day in sorted(days)], "source": source},
    )  # fmt: skip


async def set_limit(
    work: UnitOfWork, rule_id: str, *, kind: str, value: object, by: Principal
) -> None:
    """Change how long cases of one rule may take."""
    by.check_can(Permission.ADMINISTER)
    limit = limit_of(kind, value)
    row = await take(work, SlaRuleRow, rule_id, what="时限规则")
    before = [row.limit_type, row.limit_value]
    row.limit_type, row.limit_value = limit.type.value, limit.value
    row.version += 1
    work.audit(
        actor=by.agent_id, action="set_limit", entity="sla_rule", entity_id=rule_id,
        facts={"from": before, "to": [row.limit_type, row.limit_value]},
    )  # fmt: skip


def limit_of(kind: str, value: object) -> Limit:
    """A limit as it was typed. Raises InputRefused."""
    try:
        limit_type, amount = LimitType(kind), float(str(value))
    except ValueError as error:
        raise InputRefused("时限应为类型和数字", fields=["value"]) from error
    if not 0 < amount <= _LONGEST.get(limit_type, _LONGEST_HOURS):
        raise InputRefused("时限应大于零，且不超过一年", fields=["value"])
    return Limit(limit_type, amount)


@dataclass(frozen=True, slots=True)
class NewDuty:
    """A line for the duty catalogue. source: who says so (minutes, a ruling, an administrator)."""

    category: str
    lead: str
    area: str | None = None
    supporting: Sequence[str] = ()
    basis: str = ""
    source: str = ""


async def replace_duty(work: UnitOfWork, new: NewDuty, *, actor: str) -> DutyRow:
    """From today on the catalogue says so; a line that said otherwise ends today."""
    if not new.category:
        raise InputRefused("没有问题分类，不能写入派单目录", fields=["category"])
    for unit in (new.lead, *new.supporting):
        if await work.session.get(DepartmentRow, unit) is None:
            raise InputRefused("没有这个承办单位", fields=["lead"])
    if new.lead in new.supporting:
        raise InputRefused("主办单位不能同时是协办单位", fields=["supporting"])
    today = city_time(work.clock.now()).date()
    query = select(DutyRow).where(
        DutyRow.category_prefix == new.category,
        DutyRow.area.is_not_distinct_from(new.area),
        DutyRow.valid_to.is_(None),
    )
    for earlier in (await work.session.scalars(query.with_for_update())).all():
        earlier.valid_to = today
    duty = DutyRow(
        id=new_id(),
        category_prefix=new.category,
        area=new.area,
        lead_id=new.lead,
        supporting=list(new.supporting),
        basis=new.basis,
        valid_from=today,
        source=new.source,
    )
    work.session.add(duty)
    work.audit(
        actor=actor, action="replace_duty", entity="duty", entity_id=duty.id,
        facts={"category": new.category, "area": new.area, "lead": new.lead, "source": new.source},
    )  # fmt: skip
    return duty


async def set_duty(work: UnitOfWork, new: NewDuty, *, by: Principal) -> DutyRow:
    """An administrator writes a line, with the law it rests on."""
    by.check_can(Permission.ADMINISTER)
    if not new.basis.strip():
        raise InputRefused("请写明职责依据", fields=["basis"])
    return await replace_duty(work, new, actor=by.agent_id)
