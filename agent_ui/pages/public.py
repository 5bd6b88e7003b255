"""For citizens, without a log-in: how far is my case? By its number and the phone's last digits."""

import re
from datetime import datetime

from aiohttp import web

from agent_ui.web import address_of, deps_of, page, texts_of
from core.db.repos.cases import public_status, timeline
from core.db.tables.cases import CaseRow
from core.domain.cases import STATUS_NAMES, CaseStatus, is_case_number
from core.errors import LoginRefused
from core.rate_limit import LOOK_UP_LIMIT

_TAIL = re.compile(r"\d{4}")


async def form(request: web.Request) -> web.StreamResponse:
    """The empty form."""
    return _page(request, number="", problem="")


async def look_up(request: web.Request) -> web.StreamResponse:
    """The answer; a wrong number and a wrong phone get the same one."""
    deps = deps_of(request)
    data = await request.post()
    number = re.sub(r"\D", "", str(data.get("number", "")))[:20]
    tail = str(data.get("tail", "")).strip()
    gettext = texts_of(request).gettext
    if not is_case_number(number) or not _TAIL.fullmatch(tail):
        problem = gettext("请输入 13 位工单编号和来电号码的后四位")
        return _page(request, number=number, problem=problem, status=400)
    address = address_of(request)
    try:
        await deps.limiter.check("status", address, LOOK_UP_LIMIT)
    except LoginRefused as refused:
        return _page(request, number=number, problem=gettext(refused.message), status=429)
    async with deps.database.sessions() as session:
        case = await public_status(session, number, tail, deps.vault)
        events = await timeline(session, case.id) if case else []
    if case is None:
        await deps.limiter.failed("status", address, LOOK_UP_LIMIT)
        problem = gettext("没有找到相符的工单，请核对编号和号码后四位")
        return _page(request, number=number, problem=problem, status=404)
    steps = [(event.at, event.action) for event in events]
    return _page(request, number=number, problem="", case=case, steps=steps)


def _page(
    request: web.Request,
    *,
    number: str,
    problem: str,
    case: CaseRow | None = None,
    steps: list[tuple[datetime, str]] | None = None,
    status: int = 200,
) -> web.Response:
    values = {
        "number": number,
        "problem": problem,
        "case": case,
        "status_name": STATUS_NAMES.get(CaseStatus(case.status), "") if case else "",
        "steps": steps or [],
    }
    return page(request, "status/public.html", values, status=status)
