"""Every write about appraisal: sheets drafted, objected to, ruled on, signed, published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import delete, select

from core.actions.base import take, told
from core.auth import Permission, Principal
from core.db.engine import UnitOfWork
from core.db.repos.rules import calendar
from core.db.tables.appraisal import (
    AppraisalNoteRow,
    FigureRuleRow,
    ObjectionRow,
    ResultRow,
    SheetRow,
)
from core.db.tables.cases import DepartmentRow
from core.domain.appraisal import OBJECTION_DAYS, SheetState, SheetStep, check_sheet_step
from core.domain.events import AppraisalSheetChanged
from core.domain.workdays import Limit, LimitType, due_at
from core.errors import InputRefused, NotFound, TransitionRefused
from core.ids import new_id

NOTE_KINDS: Mapping[str, str] = {
    "exposed": "通报曝光",
    "leak": "泄露诉求人信息",
    "knowledge_overdue": "知识库逾期未维护",
}
_LONGEST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetDraft:
    """What the system makes of a unit's month, to be stored. lines: values of ResultRow."""

    department_id: str
    scheme_id: str
    total: Decimal
    score: Decimal
    taken_at: datetime
    lines: Sequence[Mapping[str, Any]]


async def draft_sheets(
    work: UnitOfWork, month: str, drafts: Sequence[SheetDraft], *, by: Principal
) -> int:
    """Store the month's sheets; drafts nobody has announced yet are made anew. How many."""
    by.check_can(Permission.SUPERVISE)
    query = select(SheetRow).where(SheetRow.month == month).with_for_update()
    before = {row.department_id: row for row in (await work.session.scalars(query)).all()}
    stored = 0
    for draft in drafts:
        old = before.get(draft.department_id)
        if old is not None and old.state != SheetState.DRAFTED:
            continue
        if old is not None:
            await work.session.execute(delete(ResultRow).where(ResultRow.sheet_id == old.id))
            await work.session.delete(old)
            await work.session.flush()
        await _store(work, month, draft, by)
        stored += 1
    work.audit(
        actor=by.agent_id, action="draft_sheets", entity="appraisal", entity_id=month,
        facts={"sheets": stored},
    )  # fmt: skip
    return stored


async def _store(work: UnitOfWork, month: str, draft: SheetDraft, by: Principal) -> None:
    sheet = SheetRow(
        id=new_id(),
        month=month,
        department_id=draft.department_id,
        scheme_id=draft.scheme_id,
        total=draft.total,
        score=draft.score,
        taken_at=draft.taken_at,
        drafted_by=by.agent_id,
    )
    work.session.add(sheet)
    await work.session.flush()
    for position, line in enumerate(draft.lines):
        work.session.add(ResultRow(id=new_id(), sheet_id=sheet.id, position=position, **line))
    await work.session.flush()
    _tell(work, sheet, by)


async def announce_sheets(work: UnitOfWork, month: str, *, by: Principal) -> int:
    """Open the objection window of every drafted sheet of the month. How many."""
    until = due_at(
        work.clock.now(),
        Limit(LimitType.WORK_DAY, await _objection_days(work)),
        await calendar(work.session),
    )
    query = select(SheetRow.id).where(
        SheetRow.month == month, SheetRow.state == SheetState.DRAFTED.value
    )
    keys = (await work.session.scalars(query)).all()
    if not keys:
        raise TransitionRefused("该月没有待公示的考核表")
    for key in keys:
        sheet = await _step(work, key, SheetStep.ANNOUNCE, by)
        sheet.objection_until = until
    return len(keys)


async def object_to(
    work: UnitOfWork, sheet_id: str, result_id: str, *, words: str, by: Principal
) -> ObjectionRow:
    """A unit objects to one line of its own sheet while the window is open."""
    sheet = await take(work, SheetRow, sheet_id, what="考核表")
    if sheet.department_id != by.department_id:
        raise NotFound("没有找到该考核表")
    check_sheet_step(SheetStep.OBJECT, SheetState(sheet.state), by.role)
    if sheet.objection_until is None or work.clock.now() > sheet.objection_until:
        raise TransitionRefused("异议期已过")
    line = await _line_of(work, sheet, result_id)
    words = _words(words, "请写明异议理由")
    query = select(ObjectionRow.id).where(ObjectionRow.result_id == line.id)
    if (await work.session.scalars(query)).first() is not None:
        raise TransitionRefused("该项已提出过异议")
    row = ObjectionRow(
        id=new_id(), sheet_id=sheet.id, result_id=line.id, words=words, asked_by=by.agent_id,
        asked_at=work.clock.now(),
    )  # fmt: skip
    work.session.add(row)
    _audit(work, sheet, SheetStep.OBJECT, by, {"code": line.code})
    _tell(work, sheet, by)
    return row


async def review_sheets(work: UnitOfWork, month: str, *, by: Principal) -> int:
    """End the objection windows that are over; what was objected to waits for a ruling."""
    query = select(SheetRow).where(
        SheetRow.month == month, SheetRow.state == SheetState.OBJECTION.value
    )
    now = work.clock.now()
    waiting = (await work.session.scalars(query)).all()
    over = [row for row in waiting if row.objection_until is not None and row.objection_until < now]
    if not over:
        raise TransitionRefused("异议期尚未结束" if waiting else "该月没有处于异议期的考核表")
    for row in over:
        await _step(work, row.id, SheetStep.REVIEW, by)
    return len(over)


async def rule_objection(
    work: UnitOfWork, objection_id: str, *, given: Mapping[str, Any], by: Principal
) -> ObjectionRow:
    """Uphold (with the corrected deduction) or refuse an objection.

    given: upheld, reason, deduct. A correction never costs the unit more.
    """
    objection = await take(work, ObjectionRow, objection_id, what="异议")
    sheet = await take(work, SheetRow, objection.sheet_id, what="考核表")
    check_sheet_step(SheetStep.RULE, SheetState(sheet.state), by.role)
    if objection.verdict is not None:
        raise TransitionRefused("该异议已有结论")
    reason = _words(str(given.get("reason") or ""), "请写明裁定理由")
    upheld = bool(given.get("upheld"))
    if upheld:
        line = await _line_of(work, sheet, objection.result_id)
        line.corrected = _corrected(given.get("deduct"), line)
        await work.session.flush()
        sheet.score = await _score(work, sheet)
    objection.verdict = "UPHELD" if upheld else "REFUSED"
    objection.ruling, objection.ruled_by = reason, by.agent_id
    objection.ruled_at = work.clock.now()
    _audit(work, sheet, SheetStep.RULE, by, {"upheld": upheld})
    _tell(work, sheet, by)
    return objection


async def sign_sheet(work: UnitOfWork, sheet_id: str, *, by: Principal) -> SheetRow:
    """The director signs: from now on the sheet is locked."""
    query = select(ObjectionRow.id).where(
        ObjectionRow.sheet_id == sheet_id, ObjectionRow.verdict.is_(None)
    )
    if (await work.session.scalars(query)).first() is not None:
        raise TransitionRefused("还有异议没有裁定，不能签发")
    sheet = await _step(work, sheet_id, SheetStep.SIGN, by)
    sheet.signed_by, sheet.signed_at = by.agent_id, work.clock.now()
    return sheet


async def publish_sheet(work: UnitOfWork, sheet_id: str, *, by: Principal) -> SheetRow:
    """Let the unit and the leaders see the signed sheet."""
    sheet = await _step(work, sheet_id, SheetStep.PUBLISH, by)
    sheet.published_at = work.clock.now()
    return sheet


async def note_event(
    work: UnitOfWork, given: Mapping[str, str], *, by: Principal
) -> AppraisalNoteRow:
    """Write down what no row of a case tells. given: department_id, kind, words, case_id."""
    by.check_can(Permission.SUPERVISE)
    kind = given.get("kind", "")
    if kind not in NOTE_KINDS:
        raise InputRefused("没有这类扣分事项", fields=["kind"])
    unit = await work.session.get(DepartmentRow, given.get("department_id", ""))
    if unit is None:
        raise InputRefused("没有这个承办单位", fields=["department_id"])
    row = AppraisalNoteRow(
        id=new_id(),
        department_id=unit.id,
        kind=kind,
        case_id=given.get("case_id") or None,
        words=_words(given.get("words", ""), "请写明事由"),
        noted_by=by.agent_id,
        at=work.clock.now(),
    )
    work.session.add(row)
    work.audit(
        actor=by.agent_id, action="note_appraisal", entity="department", entity_id=unit.id,
        facts={"kind": kind},
    )  # fmt: skip
    return row


async def _step(work: UnitOfWork, key: str, step: SheetStep, by: Principal) -> SheetRow:
    sheet = await take(work, SheetRow, key, what="考核表")
    sheet.state = check_sheet_step(step, SheetState(sheet.state), by.role).value
    _audit(work, sheet, step, by, {})
    _tell(work, sheet, by)
    return sheet


async def _line_of(work: UnitOfWork, sheet: SheetRow, key: str) -> ResultRow:
    line = await work.session.get(ResultRow, key)
    if line is None or line.sheet_id != sheet.id:
        raise NotFound("考核表中没有该项")
    return line


def _corrected(value: object, line: ResultRow) -> Decimal:
    try:
        points = Decimal(str(value))
    except InvalidOperation as error:
        raise InputRefused("更正后的扣分应为数字", fields=["deduct"]) from error
    most = line.deduct or Decimal(0)
    if not points.is_finite() or not 0 <= points <= most:
        raise InputRefused("更正后的扣分应在零与原扣分之间", fields=["deduct"])
    return points


async def _score(work: UnitOfWork, sheet: SheetRow) -> Decimal:
    lines = (
        await work.session.scalars(select(ResultRow).where(ResultRow.sheet_id == sheet.id))
    ).all()
    lost = sum((line.deduct if line.corrected is None else line.corrected) or 0 for line in lines)
    return max(Decimal(0), sheet.total - lost)


async def _objection_days(work: UnitOfWork) -> float:
    row = await work.session.get(FigureRuleRow, "objection_days")
    return float(row.value) if row is not None else OBJECTION_DAYS


def _words(text: str, problem: str) -> str:
    text = text.strip()
    if not text:
        raise InputRefused(problem, fields=["words"])
    if len(text) > _LONGEST:
        raise InputRefused("内容过长，请控制在两千字以内", fields=["words"])
    return text


def _audit(
    work: UnitOfWork, sheet: SheetRow, step: SheetStep, by: Principal, facts: dict[str, Any]
) -> None:
    work.audit(
        actor=by.agent_id, action=step.value, entity="appraisal_sheet", entity_id=sheet.id,
        facts={"month": sheet.month, "unit": sheet.department_id, **facts},
    )  # fmt: skip


def _tell(work: UnitOfWork, sheet: SheetRow, by: Principal) -> None:
    work.record(
        AppraisalSheetChanged(
            sheet_id=sheet.id,
            month=sheet.month,
            department_id=sheet.department_id,
            state=sheet.state,
            actor=by.agent_id,
            at=told(work.clock.now()),
        )
    )
