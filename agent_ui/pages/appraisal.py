"""Appraisal sheets: the month's list, one sheet with its cases, objections, signature."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date

from aiohttp import web

from agent_ui.figure_views import WORDS
from agent_ui.i18n import mark
from agent_ui.looks import Look
from agent_ui.pages.figures import check_may_see, tabs
from agent_ui.web import deps_of, log_in_of, page, see_other
from analytics.periods import month_before, month_of, of_month
from analytics.sheets import sheets_of
from core.actions import appraisal
from core.actions.appraisal import NOTE_KINDS
from core.auth import Permission
from core.db.engine import UnitOfWork
from core.db.repos.appraisal import sheets, unit_names, whole_sheet
from core.db.repos.case_views import Sight, visible_cases
from core.db.repos.worklists import by_ids
from core.domain.appraisal import SheetState
from core.errors import InputRefused

_S = SheetState
LOOKS: Mapping[str, Look] = {
    _S.DRAFTED.value: Look("paused", "pen", mark("草稿")),
    _S.OBJECTION.value: Look("ringing", "ask", mark("异议期")),
    _S.REVIEW.value: Look("talking", "eye", mark("复核中")),
    _S.SIGNED.value: Look("ready", "lock", mark("已签发")),
    _S.PUBLISHED.value: Look("good", "check", mark("已发布")),
}
OFFENCES: Mapping[str, str] = {
    "improper_return": mark("不当退单"),
    "false_closing": mark("虚假办结（核查不属实）"),
    "not_contacted": mark("未联系诉求人"),
    "exposed": mark("通报曝光"),
    "supervised": mark("被督办"),
    "supervised_again": mark("二次督办"),
    "knowledge_overdue": mark("知识库逾期未维护"),
    "leak": mark("泄露诉求人信息"),
}
NAMES: Mapping[str, str] = {**{code: words[0] for code, words in WORDS.items()}, **OFFENCES}
_MOST_CASES = 200


async def month(request: web.Request) -> web.StreamResponse:
    """The sheets of a month; without one named, the month before this one."""
    deps, principal = deps_of(request), log_in_of(request).principal
    check_may_see(principal)
    named = request.query.get("month", "").strip()
    wanted = named or month_before(month_of(deps.clock.now()))
    of_month(wanted)
    centre = principal.can(Permission.SEE_ALL_CASES)
    async with deps.database.sessions() as session:
        rows = await sheets(session, principal, wanted if centre or named else "")
        units = await unit_names(session)
    states = [row.state for row, _ in rows]
    values = {
        "month": wanted,
        "rows": rows,
        "looks": LOOKS,
        "states": {state.value: states.count(state.value) for state in SheetState},
        "units": units,
        "note_kinds": {kind: OFFENCES[kind] for kind in NOTE_KINDS},
        "centre": centre,
        "tabs": tabs(principal),
    }
    return page(request, "figures/appraisal.html", values)


async def sheet(request: web.Request) -> web.StreamResponse:
    """One sheet: every deduction with its cases."""
    deps, principal = deps_of(request), log_in_of(request).principal
    check_may_see(principal)
    async with deps.database.sessions() as session:
        whole = await whole_sheet(session, principal, request.match_info["sheet_id"])
        wanted = {key for line in whole.lines for key in [*line.case_ids, *line.exempted]}
        query = by_ids(sorted(wanted)[: _MOST_CASES * 10])
        cases = await visible_cases(session, Sight(principal, deps.vault), query)
    now = deps.clock.now()
    until = whole.sheet.objection_until
    values = {
        "whole": whole,
        "sheet": whole.sheet,
        "look": LOOKS[whole.sheet.state],
        "names": NAMES,
        "cases": {case.id: case for case in cases},
        "most": _MOST_CASES,
        "may_object": whole.sheet.state == _S.OBJECTION.value
        and principal.department_id == whole.sheet.department_id
        and until is not None
        and now <= until,
        "tabs": tabs(principal),
    }
    return page(request, "figures/sheet.html", values)


async def draft(request: web.Request) -> web.StreamResponse:
    """Make the month's drafts from what happened."""
    deps, principal = deps_of(request), log_in_of(request).principal
    principal.check_can(Permission.SUPERVISE)
    wanted = await _month(request)
    drafts = await sheets_of(deps.database, wanted)
    async with deps.database.work() as work:
        await appraisal.draft_sheets(work, wanted, drafts, by=principal)
        await work.commit()
    raise see_other(f"/appraisal?month={wanted}")


Change = Callable[[UnitOfWork, Mapping[str, str]], Awaitable[object]]


async def announce(request: web.Request) -> web.StreamResponse:
    """Open the windows for objections."""
    by = log_in_of(request).principal
    wanted = await _month(request)
    return await _change(
        request,
        lambda work, _: appraisal.announce_sheets(work, wanted, by=by),
        f"/appraisal?month={wanted}",
    )


async def review(request: web.Request) -> web.StreamResponse:
    """Close the windows that are over."""
    by = log_in_of(request).principal
    wanted = await _month(request)
    return await _change(
        request,
        lambda work, _: appraisal.review_sheets(work, wanted, by=by),
        f"/appraisal?month={wanted}",
    )


async def object_to(request: web.Request) -> web.StreamResponse:
    """The unit objects to a line."""
    by, key = log_in_of(request).principal, request.match_info["sheet_id"]

    def change(work: UnitOfWork, data: Mapping[str, str]) -> Awaitable[object]:
        line, words = data.get("result_id", ""), data.get("words", "")
        return appraisal.object_to(work, key, line, words=words, by=by)

    return await _change(request, change, f"/appraisal/{key}")


async def rule(request: web.Request) -> web.StreamResponse:
    """The centre rules on an objection."""
    by, key = log_in_of(request).principal, request.match_info["sheet_id"]

    def change(work: UnitOfWork, data: Mapping[str, str]) -> Awaitable[object]:
        given = {**data, "upheld": data.get("verdict") == "UPHELD"}
        return appraisal.rule_objection(work, data.get("objection_id", ""), given=given, by=by)

    return await _change(request, change, f"/appraisal/{key}")


async def sign(request: web.Request) -> web.StreamResponse:
    """The director signs and locks."""
    by, key = log_in_of(request).principal, request.match_info["sheet_id"]
    return await _change(
        request, lambda work, _: appraisal.sign_sheet(work, key, by=by), f"/appraisal/{key}"
    )


async def publish(request: web.Request) -> web.StreamResponse:
    """The director lets the unit and the leaders see it."""
    by, key = log_in_of(request).principal, request.match_info["sheet_id"]
    return await _change(
        request, lambda work, _: appraisal.publish_sheet(work, key, by=by), f"/appraisal/{key}"
    )


async def note(request: web.Request) -> web.StreamResponse:
    """Write down what no case tells."""
    by = log_in_of(request).principal
    return await _change(
        request, lambda work, data: appraisal.note_event(work, data, by=by), "/appraisal"
    )


async def _change(request: web.Request, change: Change, where: str) -> web.StreamResponse:
    data = {name: str(value).strip() for name, value in (await request.post()).items()}
    async with deps_of(request).database.work() as work:
        await change(work, data)
        await work.commit()
    raise see_other(where)


async def _month(request: web.Request) -> str:
    text = str((await request.post()).get("month", "")).strip()
    first: date = of_month(text).days[0]
    if f"{first:%Y-%m}" != text:
        raise InputRefused("月份应写作 2026-11")
    return text
