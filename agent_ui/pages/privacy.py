"""The person behind a case: shown for a reason, and everybody who looked is on record."""

from aiohttp import web

from agent_ui.pages.cases import Attempt, show_case
from agent_ui.web import address_of, deps_of, log_in_of, page, texts_of
from core.actions.access import reveal_person
from core.db.repos.access_log import who_saw
from core.db.repos.case_views import Sight, visible_case
from core.domain.access import SEEN_NAMES
from core.errors import InputRefused


async def reveal(request: web.Request) -> web.StreamResponse:
    """Show number and name once, after the reason has been written down."""
    deps, principal = deps_of(request), log_in_of(request).principal
    data = await request.post()
    try:
        async with deps.database.work() as work:
            person = await reveal_person(
                work,
                request.match_info["case_id"],
                by=principal,
                vault=deps.vault,
                reason=str(data.get("reason", "")),
                address=address_of(request),
            )
            await work.commit()
    except InputRefused as refused:
        problem = texts_of(request).gettext(refused.message)
        return await show_case(request, Attempt("reveal", data, problem), status=400)
    return await show_case(request, person=person)


async def seen(request: web.Request) -> web.StreamResponse:
    """Everybody who saw personal data of the case."""
    deps, principal = deps_of(request), log_in_of(request).principal
    async with deps.database.sessions() as session:
        sight = Sight(principal, deps.vault)
        case = await visible_case(session, sight, request.match_info["case_id"])
        looks = await who_saw(session, case.id)
    return page(
        request, "cases/seen.html", {"case": case, "looks": looks, "seen_names": SEEN_NAMES}
    )
