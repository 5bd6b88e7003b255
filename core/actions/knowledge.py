"""Putting a city's places, departments, categories and earlier cases in from files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select

from core.db.base import Base
from core.db.engine import UnitOfWork
from core.domain.draft_events import KnowledgeImported

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import has done; the same file once more changes nothing."""

    added: int
    changed: int
    unchanged: int


async def import_rows(
    work: UnitOfWork,
    kind: str,
    table: type[Base],
    rows: Sequence[Row],
    *,
    key: Sequence[str],
    actor: str,
) -> Imported:
    """Add what is new and write what differs; rows that the file does not name stay.

    key: the columns by which a row of the file is found again.
    """
    known = {
        tuple(getattr(row, name) for name in key): row
        for row in (await work.session.scalars(select(table))).all()
    }
    columns = {column.key for column in inspect(table).columns}
    added = changed = 0
    for row in rows:
        values = {name: value for name, value in row.items() if name in columns}
        found = known.get(tuple(row[name] for name in key))
        if found is None:
            work.session.add(table(**values))
            added += 1
            continue
        differing = {
            name: value
            for name, value in values.items()
            if name != "id" and getattr(found, name) != value
        }
        for name, value in differing.items():
            setattr(found, name, value)
        changed += bool(differing)
    result = Imported(added, changed, len(rows) - added - changed)
    if added or changed:
        work.audit(
            actor=actor, action="import_knowledge", entity=kind, entity_id=kind,
            facts={"added": added, "changed": changed, "unchanged": result.unchanged},
        )  # fmt: skip
        work.record(KnowledgeImported(kind, added + changed, actor))
    return result
