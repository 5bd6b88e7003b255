"""Searching the cases by everything one may know of them; kept searches; a number stays secret."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiMapping

from agent_ui.looks import CASE_LOOKS, CHANNEL_NAMES
from agent_ui.web import address_of, deps_of, done, log_in_of, page, see_other, texts_of
from agent_ui.worklist import rows_of
from core.actions.saved_views import drop_view, keep_view, logged_search
from core.db.repos.case_history import names_of_units
from core.db.repos.case_search import Found
from core.db.repos.case_views import Sight
from core.db.repos.saved_views import kept_views
from core.domain.cases import CaseType
from core.domain.searches import SearchQuery, read_query
from core.errors import HotlineError, InputRefused

#: What a search form may give; anything else in an address is left alone.
NAMES = (
    "q", "number", "phone", "words", "place", "first_day", "last_day", "unit", "status",
    "case_type", "channel", "overdue", "after",
)  # fmt: skip


async def search(request: web.Request) -> web.StreamResponse:
    """The form, and what was found when something was asked."""
    return await _answer(request, request.query)


async def look(request: web.Request) -> web.StreamResponse:
    """A search from a form: a telephone number never goes into an address."""
    data = await request.post()
    try:
        query = read_query(data)
    except InputRefused:
        return await _answer(request, data)
    if query.phone:
        return await _answer(request, data)
    raise see_other(_address(query))


async def more(request: web.Request) -> web.StreamResponse:
    """The next page of what was found."""
    return await _answer(request, await request.post())


async def keep(request: web.Request) -> web.StreamResponse:
    """Keep the search under a name."""
    deps, principal = deps_of(request), log_in_of(request).principal
    data = await request.post()
    try:
        query = read_query(data)
        async with deps.database.work() as work:
            await keep_view(work, str(data.get("name", "")), query, by=principal)
            await work.commit()
    except InputRefused as refused:
        return await _answer(request, data, problem=refused)
    raise done(_address(query), texts_of(request).gettext("查询已保存"))


async def drop(request: web.Request) -> web.StreamResponse:
    """Forget a kept search."""
    deps, principal = deps_of(request), log_in_of(request).principal
    async with deps.database.work() as work:
        await drop_view(work, request.match_info["view_id"], by=principal)
        await work.commit()
    raise done("/search", texts_of(request).gettext("已删除保存的查询"))


async def _answer(
    request: web.Request, given: MultiMapping[Any], problem: HotlineError | None = None
) -> web.StreamResponse:
    deps, principal = deps_of(request), log_in_of(request).principal
    sight, found, query = Sight(principal, deps.vault), None, SearchQuery()
    try:
        query = read_query(given)
        if query != SearchQuery():
            found = await logged_search(deps.database, sight, query, address=address_of(request))
    except HotlineError as refused:
        problem = problem or refused
    async with deps.database.sessions() as session:
        now = deps.clock.now()
        values: dict[str, object] = {
            "rows": await rows_of(session, found.cases, now) if found else [],
            "units": await names_of_units(session),
            "views": [
                (view, f"/search?{urlencode(view.query, doseq=True)}")
                for view in await kept_views(session, principal.agent_id)
            ],
        }
    values |= {
        "asked": _as_form(query, given), "statuses": CASE_LOOKS, "found": found,
        "case_types": [kind.value for kind in CaseType], "channels": CHANNEL_NAMES,
        "next_page": _next(given, found), "here": _address(query),
        "problem": texts_of(request).gettext(problem.message) if problem else "",
    }  # fmt: skip
    return page(request, "cases/search.html", values, status=400 if problem else 200)


def _address(query: SearchQuery) -> str:
    """Where the search can be found again; without a telephone number."""
    return f"/search?{urlencode(query.to_keep(), doseq=True)}"


def _as_form(query: SearchQuery, given: MultiMapping[Any]) -> Mapping[str, Any]:
    """The fields as the form shows them; what was typed wrongly stays as it was typed."""
    shown: dict[str, Any] = {name: str(given.get(name, "")) for name in NAMES}
    shown["status"] = given.getall("status", [])
    shown["case_type"] = given.getall("case_type", [])
    if query != SearchQuery():
        shown |= {"number": query.number, "phone": query.phone, "words": " ".join(query.words)}
        shown["status"] = [status.value for status in query.statuses]
        shown["case_type"] = [kind.value for kind in query.case_types]
    return shown


def _next(given: MultiMapping[Any], found: Found | None) -> list[tuple[str, str]]:
    """The hidden fields of the form that leads to the next page; empty at the end."""
    if found is None or not found.after:
        return []
    fields = [
        (name, str(value))
        for name in NAMES
        if name != "after"
        for value in given.getall(name, [])
        if str(value)
    ]
    return [*fields, ("after", found.after)]
