"""Forms for print: each printing is written down, each form shows only what its reader may see."""

from collections.abc import Callable
from dataclasses import replace

from aiohttp import web

from agent_ui.case_file import case_file
from agent_ui.i18n import mark
from agent_ui.printing import FORMS, PrintSource
from agent_ui.web import address_of, deps_of, log_in_of, page
from analytics.kpis import KPIS
from analytics.offences import OFFENCE_NAMES
from core.actions.access import Seen, note_seen
from core.db.repos.appraisal import whole_sheet
from core.db.repos.case_history import names_of_people
from core.db.repos.case_views import Sight, case_row, case_view, visible_case
from core.db.repos.persons import person_of
from core.domain.access import SeenField
from core.domain.case_views import CaseView
from core.domain.redaction import Clues
from core.errors import NotFound

_SIGN_SHEET = (mark("单位确认人"), mark("中心审核人"), mark("中心主任"))


async def form(request: web.Request) -> web.StreamResponse:
    """One form about one row of the case."""
    deps, principal = deps_of(request), log_in_of(request).principal
    known = FORMS.get(request.match_info["form"])
    if known is None:
        raise NotFound("没有这种单据")
    async with deps.database.sessions() as session:
        row = await case_row(session, principal, request.match_info["case_id"])
        sight, now = Sight(principal, deps.vault), deps.clock.now()
        own = await visible_case(session, sight, row.id)
        person = await person_of(session, row, deps.vault)
        reader = case_view(row, replace(principal, role=known.reader), person)
        hide = _hider(reader, person.clues)
        file = await case_file(session, own, sight, now, hide)
        wanted = request.query.get("of", "")
        about = next((one for one in known.of(file) if not wanted or one.id == wanted), None)
        if about is None:
            raise NotFound("该工单没有可以打印的这种单据")
        file.names = await names_of_people(
            session,
            {str(value) for value in _people(about)} | {principal.agent_id},
        )
        source = PrintSource(reader, file, about, now, hide)
        lines = [(label, text) for label, text in known.lines(source) if text]
    looks = [Seen(row.id, SeenField.PRINT, known.title, address_of(request))]
    await note_seen(deps.database, looks, by=principal, vault=deps.vault)
    values = {
        "form": known, "lines": lines, "case": reader, "now": now,
        "printed_by": principal.name,
    }  # fmt: skip
    return page(request, "print/form.html", values)


async def deductions(request: web.Request) -> web.StreamResponse:
    """The slip on which a unit confirms what its month cost it."""
    deps, principal = deps_of(request), log_in_of(request).principal
    async with deps.database.sessions() as session:
        whole = await whole_sheet(session, principal, request.match_info["sheet_id"])
    values = {
        "whole": whole,
        "names": {**{code: kpi.name for code, kpi in KPIS.items()}, **OFFENCE_NAMES},
        "signatures": _SIGN_SHEET,
        "now": deps.clock.now(),
        "printed_by": principal.name,
    }
    return page(request, "print/deductions.html", values)


def _hider(view: CaseView, clues: Clues) -> Callable[[str], str]:
    return lambda text: view.masking.shown_text(text, clues)


def _people(about: object) -> list[object]:
    names = ("issued_by", "asked_by", "ruled_by", "opened_by", "sent_by", "called_by")
    return [value for name in names if (value := getattr(about, name, None))]
