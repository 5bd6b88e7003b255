"""The rows of the made city, column by column, and how they are written with COPY."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import inspect

from core.db.base import Base
from core.db.tables.calls import CallRow
from core.db.tables.cases import CaseEventRow, CaseRow
from core.db.tables.handling import (
    CallbackAttemptRow,
    CaseLinkRow,
    ClockAlarmRow,
    LegRow,
    RequestRow,
    SuperviseRow,
)

#: What a life says of each row; every other column has its own default.
COLUMNS: Mapping[type[Base], tuple[str, ...]] = {
    CaseRow: (
        "id", "number", "status", "channel", "case_type", "category", "title", "content",
        "place_text", "urgency", "department", "caller_sealed", "caller_hash", "caller_mask",
        "phone_sealed", "phone_hash", "phone_tail_hash", "confidential", "round", "returns",
        "dispatched_at", "due_at", "public_reply", "satisfaction_first", "satisfaction_final",
        "solved", "close_code", "created_by", "created_at", "submitted_at", "closed_at",
    ),
    LegRow: (
        "id", "case_id", "department_id", "round", "status", "limit_type", "limit_value",
        "dispatched_at", "sign_due_at", "contact_due_at", "due_at", "warn_at", "signed_at",
        "contacted_at", "replied_at", "stopped_at", "exempt", "reply",
    ),
    CaseEventRow: ("id", "case_id", "at", "action", "actor", "from_status", "to_status"),
    RequestRow: (
        "id", "case_id", "leg_id", "kind", "department_id", "reason_code", "asked_by", "asked_at",
        "verdict", "ruled_by", "ruled_at",
    ),
    CallbackAttemptRow: (
        "id", "case_id", "round", "attempt", "by", "at", "connected", "satisfaction", "solved",
        "cause",
    ),
    SuperviseRow: (
        "id", "case_id", "kind", "reason", "department_id", "issued_by", "issued_at",
    ),
    CaseLinkRow: ("id", "case_id", "other_id", "kind", "by", "at"),
    ClockAlarmRow: ("id", "leg_id", "case_id", "kind", "at"),
    CallRow: (
        "id", "line_id", "did", "state", "caller_sealed", "caller_hash", "caller_mask",
        "queue_id", "agent_id", "started_at", "queued_at", "answered_at", "agent_left_at",
        "ended_at", "ended_by", "survey_score",
    ),
}  # fmt: skip
Row = tuple[Any, ...]
R = TypeVar("R", bound=Base)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows by table, in the order of COLUMNS."""

    rows: dict[type[Base], list[Row]] = field(
        default_factory=lambda: {table: [] for table in COLUMNS}
    )

    def add(self, table: type[Base], *values: Any) -> None:
        """One row."""
        self.rows[table].append(values)


def _constant(default: Any) -> Any:
    """A column's own default as COPY takes it."""
    if default is None:
        return None
    if default.is_callable:
        made: Callable[..., Any] = default.arg
        return "{}" if made({}) == {} else "[]" if made({}) == [] else made({})
    return default.arg


def rest_of(table: type[Base]) -> tuple[tuple[str, ...], Row]:
    """The columns a life does not speak of, with their defaults; the server fills the others."""
    given = set(COLUMNS[table])
    names, values = [], []
    for column in inspect(table).columns:
        if column.name not in given and column.default is not None:
            names.append(column.name)
            values.append(_constant(column.default))
    return tuple(names), tuple(values)


async def copy(connection: asyncpg.Connection, batch: Batch) -> None:
    """Write a batch."""
    for table, rows in batch.rows.items():
        if rows:
            names, values = rest_of(table)
            await connection.copy_records_to_table(
                table.__tablename__,
                records=[row + values for row in rows],
                columns=[*COLUMNS[table], *names],
            )


async def loose_indexes(connection: asyncpg.Connection) -> Sequence[str]:
    """Take off every index that is no key of a filled table; what builds them again."""
    tables = [table.__tablename__ for table in COLUMNS]
    found = await connection.fetch(
        "SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS text"
        " FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        " WHERE c.relname = ANY($1::text[]) AND NOT i.indisprimary AND NOT i.indisunique",
        tables,
    )
    for row in found:
        await connection.execute(f"DROP INDEX {row['name']}")
    return [row["text"] for row in found]
