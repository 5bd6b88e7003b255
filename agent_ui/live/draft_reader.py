"""Reads what a desk shows of the words and the drafts of a call."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_ui.live.views import (
    AlikeView,
    BurstView,
    CaptionView,
    DraftView,
    EditView,
    FieldView,
    TripwireView,
    WordView,
)
from core.actions.field_edits import MACHINE
from core.db.repos.calls import transcript
from core.db.repos.cases import drafts_of_call
from core.db.tables.calls import UtteranceRow
from core.db.tables.cases import CaseRow
from core.db.tables.drafting import FieldEditRow
from core.db.tables.handling import CaseLinkRow
from core.db.tables.people import AccountRow

#: Changes of one field that are shown, the latest last.
MOST_EDITS = 5


async def read_captions(session: AsyncSession, call_id: str) -> list[CaptionView]:
    """Every finished utterance of a call, in the order spoken."""
    return [caption_view(row) for row in await transcript(session, call_id)]


def caption_view(row: UtteranceRow) -> CaptionView:
    """One utterance as the desk shows it."""
    return CaptionView(
        utterance_id=row.id,
        speaker=row.speaker,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        text=row.text,
        confidence=row.confidence,
        words=cast("list[WordView]", list(row.words)),
        edited=row.edited,
        before=row.before,
    )


async def read_drafts(session: AsyncSession, call_id: str) -> list[DraftView]:
    """Every matter of a call, in order: drafts and what has been submitted of them."""
    rows = await drafts_of_call(session, call_id)
    if not rows:
        return []
    ids = [row.id for row in rows]
    edits = await field_history(session, ids)
    masters = await _masters(session, ids)
    return [_draft(row, edits.get(row.id, {}), masters.get(row.id)) for row in rows]


def _draft(row: CaseRow, edits: dict[str, list[EditView]], master: str | None) -> DraftView:
    wires: list[dict[str, Any]] = [{"dismissed": None, **wire} for wire in row.tripwires]
    burst = cast("BurstView", dict(row.burst)) if row.burst else None
    return DraftView(
        case_id=row.id,
        matter=row.matter,
        revision=row.revision,
        status=row.status,
        case_number=row.number,
        fields=cast("dict[str, FieldView]", row.fields),
        tripwires=cast("list[TripwireView]", wires),
        question=row.question,
        edits=edits,
        alike=cast("list[AlikeView]", list(row.alike)),
        burst=burst,
        joined_to=master,
    )


async def field_history(
    session: AsyncSession, ids: Collection[str]
) -> dict[str, dict[str, list[EditView]]]:
    """What changed in each field, where a value was there before or a person set one."""
    query = (
        select(FieldEditRow)
        .where(FieldEditRow.case_id.in_(ids))
        .order_by(FieldEditRow.at, FieldEditRow.id)
    )
    rows = (await session.scalars(query)).all()
    names = await _names(session, rows)
    found: dict[str, dict[str, list[EditView]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        before = (row.before or {}).get("value")
        if row.actor != MACHINE or before not in (None, "", []):
            found[row.case_id][row.field].append(
                EditView(
                    at=row.at.isoformat(),
                    by=names.get(row.actor, ""),
                    before=before,
                    after=row.after.get("value"),
                    undone=row.undone,
                )
            )
    return {
        case_id: {name: edits[-MOST_EDITS:] for name, edits in fields.items()}
        for case_id, fields in found.items()
    }


async def _names(session: AsyncSession, rows: Sequence[FieldEditRow]) -> dict[str, str]:
    actors = {row.actor for row in rows} - {MACHINE}
    if not actors:
        return {}
    query = select(AccountRow.id, AccountRow.name).where(AccountRow.id.in_(actors))
    return {row[0]: row[1] for row in await session.execute(query)}


async def _masters(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """The numbers of the cases that these were joined to."""
    query = (
        select(CaseLinkRow.case_id, CaseRow.number)
        .join(CaseRow, CaseRow.id == CaseLinkRow.other_id)
        .where(CaseLinkRow.case_id.in_(ids), CaseLinkRow.kind == "MERGE")
    )
    return {row[0]: row[1] or "" for row in await session.execute(query)}
