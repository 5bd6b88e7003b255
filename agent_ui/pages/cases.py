"""The list of cases and the page of one case."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_ui.deps import Deps
from agent_ui.pages.dispatching import list_values
from agent_ui.web import address_of, deps_of, log_in_of, page
from core.actions.access import Seen, note_seen
from core.auth import Permission, Principal
from core.db.repos import worklists
from core.db.repos.calls import recordings, transcript
from core.db.repos.case_views import Sight, visible_case
from core.db.repos.cases import timeline
from core.db.tables.calls import CallRow, RecordingRow, UtteranceRow
from core.db.tables.cases import CaseEventRow
from core.db.tables.lines import LineRow
from core.db.tables.people import AccountRow
from core.domain.access import SeenField
from core.domain.calls import CallState
from core.domain.case_views import CaseView
from core.domain.cases import STATUS_NAMES, CaseStatus, CaseType
from core.domain.drafts import FIELD_NAMES

#: The audio file that a case plays: both speakers in one, if there is one.
_BEST_FILE = ("mix", "heard", "caller", "agent")


@dataclass(slots=True)
class CasePage:
    """Everything the page of one case shows."""

    case: CaseView
    call: CallRow | None = None
    line: LineRow | None = None
    events: Sequence[CaseEventRow] = ()
    utterances: Sequence[UtteranceRow] = ()
    recordings: Sequence[RecordingRow] = ()
    names: dict[str, str] = field(default_factory=dict)


async def own(request: web.Request) -> web.StreamResponse:
    """The latest cases that this person may see; an agent's own."""
    deps, principal = deps_of(request), log_in_of(request).principal
    mine = principal.can(Permission.SEE_OWN_CASES)
    query = worklists.taken_by(principal.agent_id) if mine else worklists.newest()
    async with deps.database.sessions() as session:
        shown = await list_values(request, session, Sight(principal, deps.vault), query)
    return page(request, "cases/list.html", {**shown, "own": mine})


async def case(request: web.Request) -> web.StreamResponse:
    """One case with its words, its audio and its history."""
    deps, principal = deps_of(request), log_in_of(request).principal
    async with deps.database.sessions() as session:
        sight = Sight(principal, deps.vault)
        view = await visible_case(session, sight, request.match_info["case_id"])
        found = await _gather(session, view)
    looks = [Seen(view.id, SeenField.VIEW, address=address_of(request))]
    await note_seen(deps.database, looks, by=principal, vault=deps.vault)
    values = {
        "shown": found,
        "field_names": [name for name in FIELD_NAMES if name in view.fields],
        "status_name": view.status_name,
        "status_names": _status_names(),
        "recording": best_recording(found.recordings),
        "may_listen": may_listen(deps, principal, found.call),
        "may_edit": view.status == CaseStatus.DRAFT.value
        and principal.can(Permission.TAKE_CALLS)
        and (found.call is None or found.call.state == CallState.ENDED.value),
        "case_types": [kind.value for kind in CaseType],
    }
    return page(request, "cases/case.html", values)


async def _gather(session: AsyncSession, view: CaseView) -> CasePage:
    found = CasePage(case=view, events=await timeline(session, view.id))
    if view.call_id and view.hears_calls:
        found.call = await session.get(CallRow, view.call_id)
        found.utterances = await transcript(session, view.call_id)
        found.recordings = await recordings(session, view.call_id)
    if view.line_id:
        found.line = await session.get(LineRow, view.line_id)
    actors = {event.actor for event in found.events}
    if found.call and found.call.agent_id:
        actors.add(found.call.agent_id)
    people: Any = await session.scalars(select(AccountRow).where(AccountRow.id.in_(actors)))
    found.names = {person.id: person.name for person in people}
    return found


def best_recording(files: Sequence[RecordingRow]) -> RecordingRow | None:
    """The file in which most can be heard."""
    by_speaker = {file.speaker: file for file in files}
    return next((by_speaker[name] for name in _BEST_FILE if name in by_speaker), None)


def may_listen(deps: Deps, principal: Principal, call: CallRow | None) -> bool:
    """Agents hear their own calls for a day; those who see all cases hear all."""
    if call is None or not principal.can(Permission.LISTEN_RECORDING):
        return False
    if principal.can(Permission.SEE_ALL_CASES):
        return True
    age = deps.clock.now() - (call.ended_at or call.started_at)
    own = call.agent_id == principal.agent_id
    return own and age <= timedelta(hours=deps.options.own_listen_hours)


def _status_names() -> dict[str, str]:
    return {status.value: name for status, name in STATUS_NAMES.items()}
