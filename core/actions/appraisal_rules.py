"""Every write about the rules of appraisal: schemes, their lines, rules about figures."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlalchemy import select

from core.actions.base import take
from core.auth import Permission, Principal
from core.db.engine import UnitOfWork
from core.db.tables.appraisal import FigureRuleRow, SchemeItemRow, SchemeRow, SheetRow
from core.errors import InputRefused, NotAllowed, TransitionRefused
from core.ids import new_id

#: What may be changed of a line, and whether it may be empty.
POINTS = {"cap": True, "points": False, "baseline": True, "step": True, "floor": True,
          "floor_points": False}  # fmt: skip
_MOST = Decimal(1000)
_MOST_CASES = 10_000


def check_may_rule(by: Principal) -> None:
    """The director, supervision and administrators set the rules. Raises NotAllowed."""
    if not (by.can(Permission.ADMINISTER) or by.can(Permission.SUPERVISE)):
        raise NotAllowed("您没有进行此操作的权限")


async def set_figure_rule(work: UnitOfWork, name: str, value: object, *, by: Principal) -> None:
    """Change a rule about figures; what it may be is checked by whoever reads it."""
    check_may_rule(by)
    row = FigureRuleRow(name=name, value=value, changed_by=by.agent_id, changed_at=work.clock.now())
    await work.session.merge(row)
    work.audit(
        actor=by.agent_id, action="set_figure_rule", entity="figure_rule", entity_id=name,
        facts={"value": str(value)},
    )  # fmt: skip


async def new_version(
    work: UnitOfWork, scheme_id: str, valid_from: date, *, by: Principal
) -> SchemeRow:
    """A copy of a scheme that is valid from a day on; the old one ends the day before."""
    check_may_rule(by)
    old = await take(work, SchemeRow, scheme_id, what="考核方案")
    if valid_from <= old.valid_from or (old.valid_to is not None and valid_from >= old.valid_to):
        raise InputRefused("新版本的生效日期须在当前版本的有效期内", fields=["valid_from"])
    new = SchemeRow(
        id=new_id(), name=old.name, kinds=list(old.kinds), version=old.version + 1,
        total=old.total, valid_from=valid_from, valid_to=old.valid_to,
    )  # fmt: skip
    old.valid_to = valid_from
    work.session.add(new)
    await work.session.flush()
    query = select(SchemeItemRow).where(SchemeItemRow.scheme_id == old.id)
    for item in (await work.session.scalars(query)).all():
        values = {name: getattr(item, name) for name in _COPIED}
        work.session.add(SchemeItemRow(id=new_id(), scheme_id=new.id, **values))
    work.audit(
        actor=by.agent_id, action="new_appraisal_version", entity="appraisal_scheme",
        entity_id=new.id, facts={"version": new.version, "valid_from": valid_from.isoformat()},
    )  # fmt: skip
    return new


_COPIED = ("position", "kind", "code", "direction", "min_cases", *POINTS)


async def change_item(
    work: UnitOfWork, item_id: str, given: Mapping[str, str], *, by: Principal
) -> SchemeItemRow:
    """Change a line of a scheme that no sheet has been drafted by. Raises TransitionRefused."""
    check_may_rule(by)
    item = await take(work, SchemeItemRow, item_id, what="考核指标")
    query = select(SheetRow.id).where(SheetRow.scheme_id == item.scheme_id).limit(1)
    if (await work.session.scalars(query)).first() is not None:
        raise TransitionRefused("该方案已用于考核，请另立新版本")
    for name, may_be_empty in POINTS.items():
        if name in given:
            setattr(item, name, _points(name, given[name], may_be_empty=may_be_empty))
    if given.get("min_cases"):
        item.min_cases = _cases(given["min_cases"])
    if item.kind == "KPI" and (item.baseline is None or not item.step):
        raise InputRefused("指标须有达标基数和大于零的扣分步长", fields=["baseline", "step"])
    work.audit(
        actor=by.agent_id, action="change_appraisal_item", entity="appraisal_item",
        entity_id=item_id, facts={name: given[name][:20] for name in POINTS if name in given},
    )  # fmt: skip
    return item


def _points(name: str, text: str, *, may_be_empty: bool) -> Decimal | None:
    text = text.strip()
    if not text and may_be_empty:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise InputRefused("分值和比率应为数字", fields=[name]) from error
    if not number.is_finite() or not 0 <= number <= _MOST:
        raise InputRefused("分值和比率应在 0 与 1000 之间", fields=[name])
    return number


def _cases(text: str) -> int:
    if not text.strip().isdecimal() or not 0 < int(text) <= _MOST_CASES:
        raise InputRefused("最少件数应为正整数", fields=["min_cases"])
    return int(text)
