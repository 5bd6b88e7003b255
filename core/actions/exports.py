"""Every write about lists that leave the system: asked for, approved by another person, taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.actions.base import take, told
from core.auth import Permission, Principal
from core.db.engine import UnitOfWork
from core.db.tables.appraisal import ExportRow
from core.domain.events import ListExported
from core.errors import InputRefused, NotAllowed, NotFound, TransitionRefused
from core.ids import new_id

#: More rows than this only with another person's approval; an administrator sets another.
ROWS_WITHOUT_APPROVAL = 100
NONE_NEEDED, ALLOWED, REFUSED = "NONE_NEEDED", "ALLOWED", "REFUSED"
_LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportWish:
    """Which list somebody wants, as what file, why, and how many rows it has now."""

    statement: str
    parameters: Mapping[str, Any]
    format: str
    rows: int
    reason: str


async def ask_export(work: UnitOfWork, wish: ExportWish, *, by: Principal) -> ExportRow:
    """Write the wish down; a short list may be taken at once, a long one waits for approval."""
    reason = wish.reason.strip()
    long = wish.rows > ROWS_WITHOUT_APPROVAL
    if long and not reason:
        raise InputRefused("超过一百行的导出须写明用途", fields=["reason"])
    if len(reason) > _LONGEST:
        raise InputRefused("用途请控制在五百字以内", fields=["reason"])
    row = ExportRow(
        id=new_id(),
        statement=wish.statement,
        parameters=dict(wish.parameters),
        format=wish.format,
        rows=wish.rows,
        reason=reason,
        asked_by=by.agent_id,
        asked_at=work.clock.now(),
        verdict=None if long else NONE_NEEDED,
    )
    work.session.add(row)
    _audit(work, row, by, "ask_export")
    return row


async def rule_export(
    work: UnitOfWork, export_id: str, *, allowed: bool, reason: str, by: Principal
) -> ExportRow:
    """Approve or refuse a long list; never one's own."""
    by.check_can(Permission.SUPERVISE)
    row = await take(work, ExportRow, export_id, what="导出申请")
    if row.asked_by == by.agent_id:
        raise NotAllowed("不能审批自己的导出申请")
    if row.verdict is not None:
        raise TransitionRefused("该导出申请已有结论")
    if not allowed and not reason.strip():
        raise InputRefused("请写明不同意的理由", fields=["reason"])
    row.verdict = ALLOWED if allowed else REFUSED
    row.ruling, row.ruled_by, row.ruled_at = reason.strip(), by.agent_id, work.clock.now()
    _audit(work, row, by, "rule_export")
    return row


async def export_to_take(work: UnitOfWork, export_id: str, *, by: Principal) -> ExportRow:
    """The row, if this person may take the file now. Raises NotFound or TransitionRefused."""
    row = await take(work, ExportRow, export_id, what="导出申请")
    if row.asked_by != by.agent_id:
        raise NotFound("没有找到该导出申请")
    if row.verdict not in (NONE_NEEDED, ALLOWED):
        raise TransitionRefused("该导出申请未获批准" if row.verdict else "该导出申请尚待审批")
    return row


def check_size(row: ExportRow, rows: int) -> None:
    """A list that has grown past what was allowed must be asked for anew."""
    if row.verdict == NONE_NEEDED and rows > ROWS_WITHOUT_APPROVAL:
        raise TransitionRefused("清单已超过一百行，请重新申请")
    if row.verdict == ALLOWED and rows > row.rows * 1.1 + 10:
        raise TransitionRefused("清单行数已明显多于获批时，请重新申请")


async def note_taken(
    work: UnitOfWork, row: ExportRow, *, rows: int, sha256: str, address: str, by: Principal
) -> None:
    """The file leaves the system: who, when, where to, and its checksum."""
    row.taken_at = work.clock.now()
    row.taken_times += 1
    row.sha256, row.address = sha256, address
    _audit(work, row, by, "take_export")
    work.record(
        ListExported(
            export_id=row.id,
            statement=row.statement,
            rows=rows,
            actor=by.agent_id,
            at=told(work.clock.now()),
        )
    )


def _audit(work: UnitOfWork, row: ExportRow, by: Principal, action: str) -> None:
    facts = {"statement": row.statement, "rows": row.rows, "verdict": row.verdict}
    work.audit(
        actor=by.agent_id, action=action, entity="export", entity_id=row.id, facts=facts
    )  # fmt: skip
