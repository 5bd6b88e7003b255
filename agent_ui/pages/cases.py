"""The list of cases and the page of one case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from aiohttp import web
from multidict import MultiMapping
from sqlalchemy.ext.asyncio import AsyncSession

from agent_ui.case_file import CaseFile, case_file
from agent_ui.deps import Deps
from agent_ui.dispatching_help import limit_for, merge_candidates
from agent_ui.live.draft_reader import field_history
from agent_ui.pages.dispatching import list_values
from agent_ui.printing import printable
from agent_ui.steps.offers import Offer, offers_of
from agent_ui.web import address_of, deps_of, log_in_of, page, safe_next, see_other
from core.actions.access import Seen, note_seen
from core.auth import Permission, Principal
from core.clock import city_time
from core.db.repos import worklists
from core.db.repos.case_views import Sight, case_row, visible_case
from core.db.repos.persons import Person, person_of
from core.db.tables.calls import CallRow, RecordingRow
from core.db.tables.cases import CaseRow
from core.domain.access import SeenField
from core.domain.calls import CallState
from core.domain.cases import CaseStatus, CaseType
from core.domain.drafts import FIELD_NAMES
from routing.api import Suggestion, suggestions_for

#: The audio file that a case plays: both speakers in one, if there is one.
_BEST_FILE = ("mix", "heard", "caller", "agent")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A step that was refused: what was typed, and what is said about it."""

    slug: str
    typed: MultiMapping[Any]
    problem: str
    fields: frozenset[str] = frozenset()


async def own(request: web.Request) -> web.StreamResponse:
    """The latest cases that this person may see; an agent's own."""
    deps, principal = deps_of(request), log_in_of(request).principal
    mine = principal.can(Permission.SEE_OWN_CASES)
    query = worklists.taken_by(principal.agent_id) if mine else worklists.newest()
    async with deps.database.sessions() as session:
        shown = await list_values(request, session, Sight(principal, deps.vault), query)
    return page(request, "cases/list.html", {**shown, "own": mine})


async def case(request: web.Request) -> web.StreamResponse:
    """One case with its words, its audio, its history and the steps that can be taken now."""
    if log_in_of(request).principal.can(Permission.SEE_UNIT_CASES):
        raise see_other(f"/unit/cases/{quote(request.match_info['case_id'], safe='')}")
    return await show_case(request)


async def show_case(
    request: web.Request,
    attempt: Attempt | None = None,
    *,
    person: Person | None = None,
    status: int = 200,
) -> web.StreamResponse:
    """The page of the case in the address; after a refused step, with what was typed.

    person: shown once, because a reason was given and written down.
    """
    deps, principal = deps_of(request), log_in_of(request).principal
    sight, now = Sight(principal, deps.vault), deps.clock.now()
    async with deps.database.sessions() as session:
        row = await case_row(session, principal, request.match_info["case_id"])
        view = await visible_case(session, sight, row.id)
        clues = (await person_of(session, row, deps.vault)).clues

        def hide(text: str) -> str:
            return view.masking.shown_text(text, clues)

        found = await case_file(session, view, sight, now, hide)
        offers = await offers_of(session, row.status, principal.role, found.history)
        values = {
            **_shown(deps, principal, found),
            "edits": (await field_history(session, [row.id])).get(row.id, {}),
            **await _help_to_dispatch(session, row, sight, now, offers),
        }
    looks = [Seen(view.id, SeenField.VIEW, address=address_of(request))]
    await note_seen(deps.database, looks, by=principal, vault=deps.vault)
    values |= {
        "hide": hide,
        "person": person,
        "attempt": attempt,
        "back": safe_next(request.query.get("back", "/cases")),
    }
    return page(request, "cases/case.html", values, status=status)


def _shown(deps: Deps, principal: Principal, found: CaseFile) -> dict[str, object]:
    view = found.case
    return {
        "shown": found,
        "prints": printable(found),
        "field_names": [name for name in FIELD_NAMES if name in view.fields],
        "recording": best_recording(found.recordings),
        "may_listen": may_listen(deps, principal, found.call),
        "may_edit": view.status == CaseStatus.DRAFT.value
        and principal.can(Permission.TAKE_CALLS)
        and (found.call is None or found.call.state == CallState.ENDED.value),
        "case_types": [kind.value for kind in CaseType],
    }


async def _help_to_dispatch(
    session: AsyncSession,
    row: CaseRow,
    sight: Sight,
    now: datetime,
    offers: list[Offer],
) -> dict[str, object]:
    """The offers, and what helps with those that hand the case to a unit."""
    names = {offer.action.name for offer in offers}
    helped: dict[str, object] = {"offers": offers, "hints": (), "limit": None, "alike": []}
    if names & {"DISPATCH", "ALLOW_RETURN", "CONCLUDE_CONFERENCE"}:
        helped["hints"] = hints = await suggestions_for(session, row, city_time(now).date())
        for offer in offers:
            if offer.action.name == "DISPATCH":
                offer.values = _first_choice(row, hints)
    if "DISPATCH" in names:
        helped["limit"] = await limit_for(session, row, row.category or "", now)
    if "MERGE" in names:
        helped["alike"] = await merge_candidates(session, row, sight, now)
    return helped


def _first_choice(row: CaseRow, hints: Sequence[Suggestion]) -> dict[str, Any]:
    chosen: dict[str, Any] = {"category": row.category or ""}
    if hints:
        best = hints[0]
        chosen |= {
            "lead": best.unit.id, "supporting": list(best.supporting), "basis": best.basis,
        }  # fmt: skip
    return chosen


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
