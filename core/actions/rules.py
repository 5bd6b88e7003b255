"""An administrator changes a rule of the city."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert

from core.auth import Permission, Principal
from core.db.engine import UnitOfWork
from core.db.kept_rules import changed
from core.db.tables.sides import RuleSettingRow
from core.domain.case_limits import checked


async def change_rule(work: UnitOfWork, name: str, value: Any, *, by: Principal) -> None:
    """Set one rule (a field of CaseLimits); it holds from the next step on. Raises InputRefused."""
    by.check_can(Permission.ADMINISTER)
    new = checked(name, value)
    stored = list(new) if isinstance(new, tuple) else new
    before = await work.session.get(RuleSettingRow, name, with_for_update=True)
    old = before.value if before is not None else None
    values = {"value": stored, "changed_by": by.agent_id, "changed_at": work.clock.now()}
    await work.session.execute(
        insert(RuleSettingRow)
        .values(name=name, note="", version=1, **values)
        .on_conflict_do_update(
            index_elements=["name"], set_={**values, "version": RuleSettingRow.version + 1}
        )
    )
    changed(work.session.sync_session)
    work.audit(
        actor=by.agent_id, action="change_rule", entity="rule", entity_id=name,
        facts={"from": old, "to": stored},
    )  # fmt: skip
