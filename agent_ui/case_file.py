"""Everything the page of one case shows, through the eyes of whoever looks at it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_ui.clocks import ClockView, clock_view
from agent_ui.looks import CASE_LOOKS, LEG_LOOKS, Look
from agent_ui.steps.fields import Field, Kind
from agent_ui.steps.forms import FORMS
from agent_ui.steps.labels import OTHER_LABELS, REPLY_LABELS
from agent_ui.worklist import case_clock
from core.actions.legs import clock_of
from core.auth import Permission
from core.db.repos.calls import recordings, transcript
from core.db.repos.case_history import CaseHistory, history_of, names_of_people
from core.db.repos.case_views import Sight, visible_cases
from core.db.repos.rules import calendar
from core.db.tables.calls import CallRow, RecordingRow, UtteranceRow
from core.db.tables.cases import CaseEventRow, CaseRow
from core.db.tables.handling import LegRow
from core.db.tables.lines import LineRow
from core.domain.case_steps import CaseAction
from core.domain.case_views import CaseView
from core.domain.legs import LegRole, LegStatus

#: What a department says for the centre's eyes only.
_INTERNAL = frozenset({"handling_detail"})
_GONE = frozenset({LegStatus.RETURNED.value, LegStatus.WITHDRAWN.value})
_BY_WORD = {action.value: action.name for action in CaseAction}
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class EventLine:
    """One step of the past, in words. details: label and text."""

    at: datetime
    action: str
    actor: str
    unit: str
    look: Look | None
    note: str
    details: Pairs


@dataclass(frozen=True, slots=True)
class LegCard:
    """One department's part with its clock and its reply."""

    row: LegRow
    unit: str
    support: bool
    look: Look
    clock: ClockView
    reply: Pairs


@dataclass(slots=True)
class CaseFile:
    """The case, and everything around it that this person may see."""

    case: CaseView
    look: Look
    history: CaseHistory
    clock: ClockView | None
    legs: Sequence[LegCard]
    events: Sequence[EventLine]
    linked: Sequence[tuple[str, CaseView]] = ()
    call: CallRow | None = None
    line: LineRow | None = None
    utterances: Sequence[UtteranceRow] = ()
    recordings: Sequence[RecordingRow] = ()
    names: Mapping[str, str] = field(default_factory=dict)


async def case_file(
    session: AsyncSession, view: CaseView, sight: Sight, now: datetime, hide: Callable[[str], str]
) -> CaseFile:
    """Gather it. hide: takes out of free text what this person may not read."""
    history = await history_of(session, view.id)
    if not sight.principal.can(Permission.SEE_ALL_CASES):
        _keep_own(history, sight.principal.department_id)
    days = await calendar(session)
    shown = [leg for leg in history.legs if leg.status not in _GONE]
    inside = sight.principal.department_id is None
    found = CaseFile(
        case=view,
        look=CASE_LOOKS[view.status],
        history=history,
        clock=case_clock(view, shown, now, days),
        legs=[
            LegCard(
                row=leg,
                unit=history.units.get(leg.department_id, leg.department_id),
                support=leg.role == LegRole.SUPPORT.value,
                look=LEG_LOOKS[leg.status],
                clock=clock_view(clock_of(leg), now, days),
                reply=_reply(leg, inside or leg.department_id == sight.principal.department_id),
            )
            for leg in reversed(history.legs)
        ],
        events=[_event(event, history, hide) for event in history.events],
        names=await names_of_people(session, {*history.people, view.created_by or ""}),
    )
    await _add_links(session, found, sight)
    await _add_call(session, found)
    return found


def _keep_own(history: CaseHistory, department_id: str | None) -> None:
    """Somebody outside the centre sees what concerns the own unit only."""
    history.requests = [one for one in history.requests if one.department_id == department_id]
    history.orders = [one for one in history.orders if one.department_id == department_id]
    if department_id is not None:
        history.attempts = ()


def _reply(leg: LegRow, inside: bool) -> Pairs:
    return [
        (label, str(leg.reply[name]))
        for name, label in REPLY_LABELS.items()
        if leg.reply.get(name) and (inside or name not in _INTERNAL)
    ]


def _event(event: CaseEventRow, history: CaseHistory, hide: Callable[[str], str]) -> EventLine:
    given = event.facts.get("given") or {}
    form = FORMS.get(_BY_WORD.get(event.action, ""))
    details = []
    for name, value in given.items():
        known = form.field(name) if form else None
        label = known.label if known else OTHER_LABELS.get(name, "")
        text = value_in_words(known, value, history.units)
        if label and text and text != event.note:
            details.append((label, hide(text)))
    return EventLine(
        at=event.at,
        action="催办" if event.action == "urge" else event.action,
        actor=history.people.get(event.actor, "系统" if event.actor == "system" else event.actor),
        unit=history.units.get(str(event.facts.get("unit") or ""), ""),
        look=_new_look(event),
        note=hide(event.note),
        details=details,
    )


def _new_look(event: CaseEventRow) -> Look | None:
    moved = event.to_status != event.from_status
    return CASE_LOOKS.get(event.to_status or "") if moved else None


def value_in_words(field: Field | None, value: Any, units: Mapping[str, str]) -> str:
    """A given value as people read it; internal ids say nothing and are left out."""
    kind = field.kind if field else Kind.TEXT
    if kind in (Kind.REQUEST, Kind.ORDER, Kind.JOINT, Kind.LEG):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(units.get(str(one), str(one)) for one in value)
    text = str(value)
    if field is not None and text in field.words:
        return field.words[text]
    return units.get(text, text)


async def _add_links(session: AsyncSession, found: CaseFile, sight: Sight) -> None:
    kinds = {
        link.other_id if link.case_id == found.case.id else link.case_id: (
            link.kind, link.case_id == found.case.id,
        )
        for link in found.history.links
    }  # fmt: skip
    kinds.pop(found.case.id, None)
    if not kinds:
        return
    query = select(CaseRow).where(CaseRow.id.in_(kinds)).order_by(CaseRow.created_at)
    words = {
        ("MERGE", True): "主单", ("MERGE", False): "并入的子单", ("REPEAT", True): "重复件",
        ("GROUP", True): "同一群体诉求", ("NOT_SAME", True): "已判定不是同一件",
    }  # fmt: skip
    found.linked = [
        (words.get(kinds[case.id], words.get((kinds[case.id][0], True), "关联工单")), case)
        for case in await visible_cases(session, sight, query)
    ]


async def _add_call(session: AsyncSession, found: CaseFile) -> None:
    view = found.case
    if view.call_id and view.hears_calls:
        found.call = await session.get(CallRow, view.call_id)
        found.utterances = await transcript(session, view.call_id)
        found.recordings = await recordings(session, view.call_id)
    if view.line_id:
        found.line = await session.get(LineRow, view.line_id)
