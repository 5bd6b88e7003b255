"""Merged cases: a child keeps its caller and its callback, and follows its master until then."""

from collections.abc import Sequence

from sqlalchemy import delete, or_, select

from core.actions import legs
from core.actions.asked import Asked
from core.db.engine import UnitOfWork
from core.db.tables.cases import CaseRow
from core.db.tables.handling import CaseLinkRow
from core.domain.case_actions import CaseAction
from core.domain.legs import LegStatus
from core.ids import new_id

_MERGE = "MERGE"
#: Steps that concern a whole family; all its rows are locked together, in order.
FAMILY_STEPS = frozenset(
    {
        CaseAction.MERGE,
        CaseAction.UNMERGE,
        CaseAction.APPROVE_REPLY,
        CaseAction.REPORT_CHECK,
        CaseAction.TERMINATE,
        CaseAction.JUDGE_UNREASONABLE,
        CaseAction.ANSWER,
        CaseAction.REJECT,
        CaseAction.VOID,
    }
)


async def family_of(work: UnitOfWork, case_id: str) -> set[str]:
    """The ids of a case's master and children."""
    query = select(CaseLinkRow.case_id, CaseLinkRow.other_id).where(
        CaseLinkRow.kind == _MERGE,
        or_(CaseLinkRow.case_id == case_id, CaseLinkRow.other_id == case_id),
    )
    return {member for pair in (await work.session.execute(query)).all() for member in pair}


async def master_of(work: UnitOfWork, case_id: str) -> str | None:
    """The id of the case that this one has been merged into."""
    query = select(CaseLinkRow.other_id).where(
        CaseLinkRow.case_id == case_id, CaseLinkRow.kind == _MERGE
    )
    found: str | None = await work.session.scalar(query.limit(1))
    return found


async def children_of(work: UnitOfWork, case_id: str) -> Sequence[CaseRow]:
    """The cases merged into this one that still follow it."""
    query = (
        select(CaseRow)
        .join(CaseLinkRow, CaseLinkRow.case_id == CaseRow.id)
        .where(
            CaseLinkRow.other_id == case_id,
            CaseLinkRow.kind == _MERGE,
            CaseRow.status == "MERGED",
        )
        .order_by(CaseRow.id)
    )
    return (await work.session.scalars(query)).all()


async def merge(asked: Asked) -> None:
    """The same matter as another open case. given: master, similarity, same_demand_confirmed."""
    await legs.withdraw_legs(
        asked.work, await legs.open_legs(asked.work, asked.case.id), status=LegStatus.WITHDRAWN
    )
    asked.work.session.add(
        CaseLinkRow(
            id=new_id(),
            case_id=asked.case.id,
            other_id=asked.text("master"),
            kind=_MERGE,
            why={"similarity": asked.given.get("similarity")},
            by=asked.by.agent_id,
            at=asked.now,
        )
    )


async def unmerge(asked: Asked) -> None:
    """Not the same matter after all; the timeline keeps that it was thought so."""
    await asked.work.session.execute(
        delete(CaseLinkRow).where(CaseLinkRow.case_id == asked.case.id, CaseLinkRow.kind == _MERGE)
    )


async def follow_master(asked: Asked) -> None:
    """The master has been answered: this caller hears the same answer, in a callback of his own."""
    master = await asked.work.session.get_one(CaseRow, asked.text("master"))
    asked.case.public_reply = master.public_reply
    asked.case.solved = master.solved
    asked.case.department = master.department
