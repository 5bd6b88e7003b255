"""A draft that was left over: corrected and submitted on its case page, also without scripts."""

from aiohttp import web

from agent_ui.web import deps_of, log_in_of, see_other
from core.actions.drafts import edit_draft, submit_draft
from core.db.repos.case_views import Sight, visible_case
from core.ids import CaseId

#: The fields of the short form, in its order.
FIELDS = ("case_type", "category", "place_text", "phone", "summary")


async def keep(request: web.Request) -> web.StreamResponse:
    """Save what the form changed; with `submit`, make it a case."""
    deps, principal = deps_of(request), log_in_of(request).principal
    data = await request.post()
    async with deps.database.work() as work:
        sight = Sight(principal, deps.vault)
        case = await visible_case(work.session, sight, request.match_info["case_id"])
        # What the form showed: a mask that comes back unchanged is no new number.
        before = case.fields
        given = {name: str(data[name]).strip() for name in FIELDS if name in data}
        changes = {
            name: value
            for name, value in given.items()
            if value != (str(before[name].value or "") if name in before else "")
        }
        case_id = CaseId(case.id)
        if changes:
            await edit_draft(work, case_id, changes, actor=principal.agent_id)
        if "submit" in data:
            await submit_draft(
                work,
                case_id,
                actor=principal.agent_id,
                vault=deps.vault,
                answered=data["submit"] == "answered",
            )
        await work.commit()
    raise see_other(f"/cases/{case_id}")
