"""The history of a draft's fields: every change with who made it, and taking one back."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from sqlalchemy import select

from core.db.engine import UnitOfWork
from core.db.tables.cases import CaseRow
from core.db.tables.drafting import FieldEditRow
from core.domain.drafts import FieldValue
from core.ids import new_id

MACHINE = "machine"
#: Keystrokes that follow each other are one change.
_ONE_CHANGE = timedelta(seconds=30)


async def note_edits(
    work: UnitOfWork,
    case: CaseRow,
    before: Mapping[str, FieldValue],
    after: Mapping[str, FieldValue],
    *,
    actor: str,
) -> None:
    """Write down which values have changed; a person's quick changes of one field are one."""
    now = work.clock.now()
    for name in _differing(before, after):
        old = before[name].as_json() if name in before else None
        running = await _running_edit(work, case.id, name) if actor != MACHINE else None
        if running is not None and running.actor == actor and now - running.at <= _ONE_CHANGE:
            running.after = after[name].as_json()
            running.at = now
            continue
        work.session.add(
            FieldEditRow(
                id=new_id(),
                case_id=case.id,
                field=name,
                at=now,
                actor=actor,
                before=old,
                after=after[name].as_json(),
                undone=False,
            )
        )


async def last_edit_of_person(work: UnitOfWork, case_id: str, name: str) -> FieldEditRow | None:
    """The latest change of a field by a person that was not taken back."""
    query = (
        select(FieldEditRow)
        .where(
            FieldEditRow.case_id == case_id,
            FieldEditRow.field == name,
            FieldEditRow.actor != MACHINE,
            FieldEditRow.undone.is_(False),
        )
        .order_by(FieldEditRow.at.desc(), FieldEditRow.id.desc())
        .limit(1)
    )
    return (await work.session.scalars(query)).first()


def _differing(before: Mapping[str, FieldValue], after: Mapping[str, FieldValue]) -> Iterable[str]:
    for name, new in after.items():
        old = before.get(name)
        if old is None or old.value != new.value or old.origin is not new.origin:
            yield name


async def _running_edit(work: UnitOfWork, case_id: str, name: str) -> FieldEditRow | None:
    query = (
        select(FieldEditRow)
        .where(FieldEditRow.case_id == case_id, FieldEditRow.field == name)
        .order_by(FieldEditRow.at.desc(), FieldEditRow.id.desc())
        .limit(1)
    )
    found = (await work.session.scalars(query)).first()
    return None if found is None or found.undone else found
