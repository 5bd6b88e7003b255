"""Every write to the confusion table: proposals out of people's corrections, and decisions."""

from sqlalchemy.dialects.postgresql import insert

from core.actions.base import take
from core.db.engine import UnitOfWork
from core.db.tables.drafting import CorrectionRow
from core.domain.corrections import LONGEST, CorrectionKind, CorrectionState, differences
from core.domain.draft_events import CorrectionDecided
from core.errors import TransitionRefused
from core.ids import new_id


async def learn_caption(work: UnitOfWork, heard: str, meant: str) -> int:
    """A person rewrote a caption; returns how many proposals came of it."""
    pairs = differences(heard, meant)
    for one, other in pairs:
        await _propose(work, CorrectionKind.CAPTION, one, other, example=meant[:60])
    return len(pairs)


async def learn_place(work: UnitOfWork, heard: str, *, place_id: str, name: str) -> bool:
    """A person chose the place that was meant; whether a proposal came of it."""
    plain = "".join(heard.split())
    if not plain or plain == name or len(plain) > 2 * LONGEST:
        return False
    await _propose(work, CorrectionKind.PLACE, plain, name, place_id=place_id)
    return True


async def decide_correction(
    work: UnitOfWork, correction_id: str, state: CorrectionState, *, actor: str
) -> CorrectionRow:
    """An administrator accepts a proposal, drops it, or takes an acceptance back."""
    row = await take(work, CorrectionRow, correction_id, what="纠错建议")
    if row.state == state.value or state is CorrectionState.PROPOSED:
        raise TransitionRefused("该建议已经是这个状态")
    row.state = state.value
    row.decided_by, row.decided_at = actor, work.clock.now()
    work.audit(
        actor=actor, action="decide_correction", entity="correction", entity_id=row.id,
        facts={"state": row.state, "kind": row.kind},
    )  # fmt: skip
    work.record(CorrectionDecided(row.id, row.state, actor))
    return row


async def _propose(
    work: UnitOfWork,
    kind: CorrectionKind,
    heard: str,
    meant: str,
    *,
    place_id: str | None = None,
    example: str = "",
) -> None:
    """Count a correction; what an administrator has decided stays decided."""
    now = work.clock.now()
    statement = insert(CorrectionRow).values(
        id=new_id(), kind=kind.value, heard=heard, meant=meant, place_id=place_id, count=1,
        state=CorrectionState.PROPOSED.value, example=example, first_at=now, last_at=now,
    )  # fmt: skip
    await work.session.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "heard", "meant"],
            set_={"count": CorrectionRow.count + 1, "last_at": now},
        )
    )
