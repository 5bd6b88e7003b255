"""Every write to a draft: the machine's suggestions, a person's typing, submission."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core.actions.base import take, told
from core.actions.field_edits import MACHINE, last_edit_of_person, note_edits
from core.actions.persons import seal_person, told_fields
from core.actions.stages import move_stage
from core.clock import city_time
from core.db.engine import UnitOfWork
from core.db.repos.persons import person_of
from core.db.repos.rules import case_limits
from core.db.tables.calls import CallRow
from core.db.tables.cases import CaseEventRow, CaseNumberRow, CaseRow
from core.domain.cases import CaseStatus, CaseType, Channel, case_number
from core.domain.drafts import (
    FIELD_NAMES,
    DraftSuggestion,
    FieldOrigin,
    FieldValue,
    merge_machine,
    merge_person,
    merge_tripwires,
)
from core.domain.events import CaseSubmitted, DraftUpdated
from core.errors import InputRefused, TransitionRefused
from core.ids import CallId, CaseId, new_id
from core.vault import Vault

_LONGEST_TEXT = 20_000
_LONGEST_REASON = 200


async def open_draft(work: UnitOfWork, call_id: CallId, *, matter: int = 1) -> CaseRow:
    """The draft of a call's matter; made at the first telling, found again later.

    Two processes may ask at once: the unique pair (call, matter) lets exactly one make it.
    """
    found = await _of_call(work, call_id, matter)
    if found is not None:
        return found
    call = await take(work, CallRow, call_id, what="通话")
    await work.session.execute(
        insert(CaseRow)
        .values(
            id=new_id(),
            status=CaseStatus.DRAFT.value,
            channel=Channel.PHONE.value,
            line_id=call.line_id,
            call_id=call_id,
            matter=matter,
            caller_sealed=call.caller_sealed,
            caller_hash=call.caller_hash,
            caller_mask=call.caller_mask,
            created_by=call.agent_id,
            created_at=work.clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["call_id", "matter"])
    )
    made = await _of_call(work, call_id, matter)
    if made is None:
        raise TransitionRefused("草稿未能建立")
    return made


async def update_draft(
    work: UnitOfWork, call_id: CallId, suggestion: DraftSuggestion, *, matter: int = 1
) -> CaseRow:
    """Let the machine fill what no person has touched."""
    case = await open_draft(work, call_id, matter=matter)
    if case.status != CaseStatus.DRAFT.value:
        _warn(work, case, suggestion)
        return case
    before = load_fields(case)
    after = merge_machine(before, suggestion.fields)
    wires = merge_tripwires(case.tripwires, suggestion.tripwires)
    news = (wires, suggestion.question) != (case.tripwires, case.question)
    case.tripwires, case.question = wires, suggestion.question
    await _write(work, case, before, after, actor=MACHINE, news=news)
    return case


def _warn(work: UnitOfWork, case: CaseRow, suggestion: DraftSuggestion) -> None:
    """Danger that is told after the submission is shown too: the call goes on."""
    wires = merge_tripwires(case.tripwires, suggestion.tripwires)
    if len(wires) >= len(case.tripwires) and wires != case.tripwires:
        case.tripwires = wires
        _tell(work, case, load_fields(case), {}, actor=MACHINE)


async def edit_draft(
    work: UnitOfWork, case_id: CaseId, changes: Mapping[str, Any], *, actor: str
) -> CaseRow:
    """Take what a person typed; from then on the machine keeps its hands off these fields."""
    case = await _draft(work, case_id)
    check_changes(changes)
    before = load_fields(case)
    after = before
    for name, value in changes.items():
        after = merge_person(after, name, value, origin=FieldOrigin.AGENT)
    await _write(work, case, before, after, actor=actor)
    return case


async def undo_edit(work: UnitOfWork, case_id: CaseId, name: str, *, actor: str) -> CaseRow:
    """Take a person's latest change of a field back: value, sources and origin as before it."""
    case = await _draft(work, case_id)
    edit = await last_edit_of_person(work, case_id, name)
    if edit is None:
        raise InputRefused("该字段没有可撤销的修改", field=name)
    edit.undone = True
    before = load_fields(case)
    restored = FieldValue.from_json(edit.before) if edit.before else FieldValue(None)
    _tell(work, case, {**before, name: restored}, {name: restored.as_json()}, actor=actor)
    work.audit(
        actor=actor, action="undo_edit", entity="case", entity_id=case.id, facts={"field": name}
    )
    return case


async def choose_place(
    work: UnitOfWork, case_id: CaseId, place_id: str, *, actor: str
) -> tuple[CaseRow, Mapping[str, Any]]:
    """A person says which of the candidates is meant; returns the draft and the candidate."""
    case = await _draft(work, case_id)
    before = load_fields(case)
    places = before.get("places")
    chosen = next(
        (one for one in (places.choices if places else ()) if one.get("place_id") == place_id),
        None,
    )
    if chosen is None or places is None:
        raise InputRefused("候选地点已经变化，请重新选择")
    town, name = str(chosen.get("town") or ""), str(chosen["value"])
    wording = name if not town or town == name else f"{town}{name}"
    after = merge_person(before, "places", [name], origin=FieldOrigin.AGENT)
    after = merge_person(after, "place_text", wording, origin=FieldOrigin.AGENT)
    point = {"value": wording, **{key: chosen.get(key) for key in ("lat", "lon", "grid")}}
    for field, choices in (("places", places.choices), ("place_text", (point,))):
        after[field] = replace(after[field], sources=places.sources, choices=choices)
    await _write(work, case, before, after, actor=actor)
    return case, chosen


async def dismiss_tripwire(
    work: UnitOfWork, case_id: CaseId, kind: str, reason: str, *, actor: str
) -> CaseRow:
    """A person has looked at a warning and says why it does not hold."""
    plain = reason.strip()
    if not plain or len(plain) > _LONGEST_REASON:
        raise InputRefused("请说明解除提示的理由（200 字以内）")
    case = await take(work, CaseRow, case_id, what="工单")
    closed = {"by": actor, "reason": plain, "at": told(work.clock.now())}
    if not any(wire["kind"] == kind for wire in case.tripwires):
        raise InputRefused("没有这条提示")
    case.tripwires = [
        {**wire, "dismissed": closed} if wire["kind"] == kind else wire for wire in case.tripwires
    ]
    work.audit(
        actor=actor, action="dismiss_tripwire", entity="case", entity_id=case.id,
        facts={"kind": kind},
    )  # fmt: skip
    _tell(work, case, load_fields(case), {}, actor=actor)
    return case


async def _draft(work: UnitOfWork, case_id: CaseId) -> CaseRow:
    case = await take(work, CaseRow, case_id, what="草稿")
    if case.status != CaseStatus.DRAFT.value:
        raise TransitionRefused("该工单已提交，不能再改草稿")
    return case


async def submit_draft(
    work: UnitOfWork, case_id: CaseId, *, actor: str, vault: Vault, answered: bool = False
) -> CaseRow:
    """Make the draft a case with a 13-digit number; a second submission returns the same case.

    answered: the matter was settled in the call, nothing is owed to the citizen any more.
    """
    case = await take(work, CaseRow, case_id, what="草稿")
    if case.number is not None:
        return case
    values = {name: field.value for name, field in load_fields(case).items()}
    missing = [name for name in ("case_type", "summary") if not values.get(name)]
    if missing:
        raise InputRefused("请先填写诉求类型和诉求内容", fields=missing)
    now = work.clock.now()
    case.number = await next_case_number(work)
    case.status = (CaseStatus.ANSWERED if answered else CaseStatus.PENDING_ANALYSE).value
    case.submitted_at = now
    case.closed_at = now if answered else None
    case.created_by = actor
    _fill_columns(case, values)
    await seal_person(work, case, await person_of(work.session, case, vault), vault)
    await move_stage(work, case, CaseStatus.DRAFT, await case_limits(work.session))
    work.session.add(
        CaseEventRow(
            id=new_id(),
            case_id=case.id,
            at=now,
            action="直接答复" if answered else "受理",
            actor=actor,
            from_status=CaseStatus.DRAFT.value,
            to_status=case.status,
        )
    )
    work.audit(
        actor=actor, action="submit_draft", entity="case", entity_id=case.id,
        facts={"number": case.number},
    )  # fmt: skip
    work.record(
        CaseSubmitted(
            case_id=case.id,
            case_number=case.number,
            call_id=case.call_id,
            agent_id=actor,
            status=case.status,
            at=told(now),
        )
    )
    return case


async def next_case_number(work: UnitOfWork) -> str:
    """The next number of the day, taken inside the transaction: gaps heal, doubles cannot be."""
    day = city_time(work.clock.now()).date()
    last = await work.session.scalar(
        insert(CaseNumberRow)
        .values(day=day, last=1)
        .on_conflict_do_update(index_elements=["day"], set_={"last": CaseNumberRow.last + 1})
        .returning(CaseNumberRow.last)
    )
    return case_number(day, int(last or 0))


def load_fields(case: CaseRow) -> dict[str, FieldValue]:
    """The draft's fields as values."""
    return {name: FieldValue.from_json(data) for name, data in case.fields.items()}


def check_changes(changes: Mapping[str, Any]) -> None:
    """Raise InputRefused for an unknown field or an oversized value."""
    for name, value in changes.items():
        if name not in FIELD_NAMES:
            raise InputRefused("没有这个字段", field=name)
        if len(str(value)) > _LONGEST_TEXT:
            raise InputRefused("内容过长，请控制在两万字以内", field=name)


async def _of_call(work: UnitOfWork, call_id: CallId, matter: int) -> CaseRow | None:
    query = (
        select(CaseRow)
        .where(CaseRow.call_id == call_id, CaseRow.matter == matter)
        .with_for_update()
    )
    return (await work.session.scalars(query)).first()


async def _write(
    work: UnitOfWork,
    case: CaseRow,
    before: Mapping[str, FieldValue],
    after: Mapping[str, FieldValue],
    *,
    actor: str,
    news: bool = False,
) -> None:
    """Keep what has changed, with its history. news: something beside the fields has changed."""
    changed = {name: f.as_json() for name, f in after.items() if before.get(name) != f}
    if not changed and not news:
        return
    await note_edits(work, case, before, after, actor=actor)
    if actor != MACHINE:
        work.audit(
            actor=actor, action="edit_draft", entity="case", entity_id=case.id,
            facts={"fields": sorted(changed)},
        )  # fmt: skip
    _tell(work, case, after, changed, actor=actor)


def _tell(
    work: UnitOfWork,
    case: CaseRow,
    fields: Mapping[str, FieldValue],
    changed: dict[str, Any],
    *,
    actor: str,
) -> None:
    case.fields = {name: f.as_json() for name, f in fields.items()}
    case.revision += 1
    work.record(
        DraftUpdated(
            case_id=case.id,
            call_id=case.call_id,
            matter=case.matter,
            revision=case.revision,
            fields=told_fields(changed),
            actor=actor,
            tripwires=tuple(case.tripwires),
            question=case.question,
        )
    )


def _fill_columns(case: CaseRow, values: Mapping[str, Any]) -> None:
    case.case_type = str(values["case_type"])
    category = values.get("category")
    case.category = "/".join(category) if isinstance(category, list | tuple) else category
    case.title = str(values.get("title") or values["summary"])[:40]
    case.content = str(values["summary"])
    case.place_text = str(values.get("place_text") or "")
    case.urgency = str(values.get("urgency") or "一般")
    case.department = values.get("department") or None
    # Who reports somebody is always protected, asked for or not (domain.md 7).
    case.confidential = bool(values.get("confidential")) or case.case_type == CaseType.REPORT.value
