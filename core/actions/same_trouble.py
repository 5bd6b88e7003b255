"""Other callers with the same trouble: what is suggested, what a person decides about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core.actions.base import take, told
from core.actions.drafts import submit_draft
from core.actions.stages import move_stage
from core.db.engine import UnitOfWork
from core.db.repos.rules import case_limits
from core.db.tables.cases import CaseEventRow, CaseRow
from core.db.tables.drafting import BurstRow
from core.db.tables.handling import CaseLinkRow
from core.domain.cases import FINAL, CaseStatus
from core.domain.draft_events import BurstNoticed, CaseJoined, SameTroubleFound
from core.domain.events import CaseStatusChanged
from core.errors import InputRefused, TransitionRefused
from core.ids import CaseId, new_id
from core.vault import Vault

MERGE, NOT_SAME = "MERGE", "NOT_SAME"
NEW, CONFIRMED, DISMISSED = "NEW", "CONFIRMED", "DISMISSED"


async def suggest_alike(
    work: UnitOfWork, case_id: CaseId, alike: Sequence[dict[str, Any]], burst: Mapping[str, Any]
) -> bool:
    """Put the machine's candidates beside a draft; whether they are other than before."""
    case = await take(work, CaseRow, case_id, what="草稿")
    if case.status != CaseStatus.DRAFT.value or (case.alike, case.burst) == (
        list(alike), dict(burst),
    ):  # fmt: skip
        return False
    case.alike, case.burst = list(alike), dict(burst)
    case.revision += 1
    work.record(SameTroubleFound(case.id, case.call_id, tuple(alike), dict(burst)))
    return True


async def join_case(
    work: UnitOfWork, draft_id: CaseId, master_id: CaseId, *, actor: str, vault: Vault
) -> CaseRow:
    """The caller reports what is an open case already: one more reporter, with a number of his own.

    Raises InputRefused or TransitionRefused; a second asking returns the same case.
    """
    if draft_id == master_id:
        raise InputRefused("不能与自己并单")
    # Always in the order of their ids, so that two agents cannot wait for each other.
    for key in sorted((draft_id, master_id)):
        await take(work, CaseRow, key, what="工单")
    master = await take(work, CaseRow, master_id, what="工单")
    draft = await take(work, CaseRow, draft_id, what="草稿")
    if await _link(work, draft_id, master_id, MERGE) is not None:
        return draft
    if draft.status != CaseStatus.DRAFT.value:
        raise TransitionRefused("该工单已提交，不能再并入")
    if CaseStatus(master.status) in FINAL | {CaseStatus.DRAFT}:
        raise TransitionRefused("对方工单尚未提交或已办结，不能并入")
    await submit_draft(work, draft_id, actor=actor, vault=vault)
    await _merge(work, draft, master, actor=actor)
    return draft


async def not_same(work: UnitOfWork, draft_id: CaseId, other_id: CaseId, *, actor: str) -> None:
    """A person says that two matters are not the same; they are never proposed again."""
    case = await take(work, CaseRow, draft_id, what="草稿")
    await take(work, CaseRow, other_id, what="工单")
    now = work.clock.now()
    statement = insert(CaseLinkRow).values(
        id=new_id(), case_id=draft_id, other_id=other_id, kind=NOT_SAME, why={}, by=actor, at=now
    )
    await work.session.execute(
        statement.on_conflict_do_nothing(index_elements=["case_id", "other_id", "kind"])
    )
    case.alike = [one for one in case.alike if one.get("case_id") != other_id]
    case.revision += 1
    work.audit(
        actor=actor, action="not_same", entity="case", entity_id=case.id, facts={"other": other_id}
    )
    work.record(SameTroubleFound(case.id, case.call_id, tuple(case.alike), dict(case.burst)))


@dataclass(frozen=True, slots=True)
class BurstSeen:
    """Many callers with one trouble; the first case is proposed to carry the others."""

    mother_id: CaseId
    category: str
    place: str
    case_ids: tuple[str, ...]
    first_at: datetime
    last_at: datetime


async def notice_burst(work: UnitOfWork, seen: BurstSeen) -> BurstRow:
    """Keep a burst by its mother case; told when it is new and each time it has grown."""
    query = select(BurstRow).where(BurstRow.mother_id == seen.mother_id).with_for_update()
    row = (await work.session.scalars(query)).first()
    if row is not None and set(seen.case_ids) <= set(row.case_ids):
        return row
    if row is None:
        row = BurstRow(
            id=new_id(), mother_id=seen.mother_id, category=seen.category, place=seen.place,
            case_ids=[], count=0, state=NEW, first_at=seen.first_at, last_at=seen.last_at,
        )  # fmt: skip
        work.session.add(row)
    row.case_ids = list(dict.fromkeys([*row.case_ids, *seen.case_ids]))
    row.count = len(row.case_ids)
    row.last_at = seen.last_at
    if row.state != DISMISSED:
        work.record(
            BurstNoticed(
                burst_id=row.id, mother_id=row.mother_id, category=row.category, place=row.place,
                count=row.count, at=told(work.clock.now()),
            )
        )  # fmt: skip
    return row


async def decide_burst(work: UnitOfWork, burst_id: str, *, confirmed: bool, actor: str) -> BurstRow:
    """A person takes the proposed mother case, or waves the warning off."""
    row = await take(work, BurstRow, burst_id, what="集中来电提示")
    if row.state != NEW:
        raise TransitionRefused("该提示已经处理")
    row.state = CONFIRMED if confirmed else DISMISSED
    row.decided_by, row.decided_at = actor, work.clock.now()
    work.audit(
        actor=actor, action="decide_burst", entity="burst", entity_id=row.id,
        facts={"state": row.state, "mother": row.mother_id, "count": row.count},
    )  # fmt: skip
    return row


async def _link(work: UnitOfWork, one: str, other: str, kind: str) -> CaseLinkRow | None:
    query = select(CaseLinkRow).where(
        CaseLinkRow.case_id == one, CaseLinkRow.other_id == other, CaseLinkRow.kind == kind
    )
    return (await work.session.scalars(query)).first()


async def _merge(work: UnitOfWork, child: CaseRow, master: CaseRow, *, actor: str) -> None:
    now = work.clock.now()
    why: dict[str, Any] = next((a for a in child.alike if a.get("case_id") == master.id), {})
    facts = {"score": why.get("score"), "reasons": why.get("reasons", [])}
    work.session.add(
        CaseLinkRow(
            id=new_id(), case_id=child.id, other_id=master.id, kind=MERGE, why=facts, by=actor,
            at=now,
        )
    )  # fmt: skip
    before, child.status = child.status, CaseStatus.MERGED.value
    await move_stage(work, child, CaseStatus(before), await case_limits(work.session))
    entries = (
        (child, "并单", before, child.status, f"并入 {master.number}"),
        (master, "新增同诉来电", master.status, master.status, f"来自 {child.number}"),
    )
    for case, action, old, new, note in entries:
        work.session.add(
            CaseEventRow(
                id=new_id(), case_id=case.id, at=now, action=action, actor=actor,
                from_status=old, to_status=new, note=note, facts=facts,
            )
        )  # fmt: skip
    work.audit(
        actor=actor, action="join_case", entity="case", entity_id=child.id,
        facts={"master": master.id, **facts},
    )  # fmt: skip
    work.record(CaseStatusChanged(child.id, before, child.status, "并单", actor, told(now)))
    work.record(CaseJoined(child.id, master.id, child.call_id, actor, told(now)))
