"""The department's page of one case, and its steps."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from agent_ui.deps import Deps
from agent_ui.i18n import mark
from agent_ui.looks import VERDICT_LOOKS
from agent_ui.outgoing_words import call_words
from agent_ui.pages.unit_gather import UnitCase, gather
from agent_ui.uploads import texts_of_form, uploads_of
from agent_ui.web import address_of, deps_of, done, log_in_of, page, texts_of
from core.actions.access import Seen, note_seen
from core.actions.unit_approvals import Wish, approve, attempt_wish
from core.auth import Principal, Role
from core.db.repos.callback_work import latest_call_about
from core.db.repos.case_views import Sight, case_row
from core.db.repos.unit_case import desk_phone_of, last_replies
from core.domain import forms
from core.domain.access import SeenField
from core.domain.legs import SOLVED_CHOICES, looks_like_a_template
from core.domain.sides import (
    DISPUTE_TYPES,
    EXTENSION_REASONS,
    ORDER_NAMES,
    REQUEST_NAMES,
    RETURN_REASONS,
    SUPERVISION_LEVELS,
)
from core.domain.unit_steps import UNIT_STEPS, UnitStep
from core.domain.units import APPROVAL_NAMES, LEAD_APPROVAL, Approval
from core.errors import Conflict, HotlineError, InputRefused, NotFound, TransitionRefused
from core.ids import CaseId

CHOICES: Mapping[str, Sequence[str]] = {
    "demand_true": forms.TRUE_CHOICES,
    "contacted": forms.CONTACTED_CHOICES,
    "solved": SOLVED_CHOICES,
    "apply_type": forms.APPLY_TYPES,
    "return_reason": RETURN_REASONS,
    "extension_reason": EXTENSION_REASONS,
    "dispute_type": DISPUTE_TYPES,
    "unreasonable_reason": forms.UNREASONABLE_REASONS,
}
_PROPOSED = mark("已提交单位领导审批")
_DECIDED = mark("审批完成")
TEMPLATE_LIKE = mark("公开答复与本单位以往的答复几乎相同，请针对本件诉求答复，或确认确需如此答复")
#: Refusals that are shown on the page itself, beside what was typed.
_SHOWN = (InputRefused, TransitionRefused, Conflict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A form that was not taken: which step, what was typed, why not."""

    step: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""
    fields: Sequence[str] = ()
    template_like: bool = False
    status: int = 200


NOTHING = Refusal()


async def show(request: web.Request) -> web.StreamResponse:
    """The case, what is asked of the unit, and every step it may take now."""
    return await render(request, NOTHING)


async def take(request: web.Request) -> web.StreamResponse:
    """Take one step of the unit; what is refused is shown beside what was typed."""
    name = request.match_info["step"]
    step = UNIT_STEPS.get(name)
    if step is None:
        raise NotFound("没有找到这个页面")
    texts = await texts_of_form(request)
    try:
        taken = await _take(request, name, step, texts)
    except _SHOWN as refused:
        return await render(request, refusal(request, name, texts, refused))
    said = texts_of(request).gettext(step.done if taken else _PROPOSED)
    raise done(f"/unit/cases/{request.match_info['case_id']}", said)


async def _take(request: web.Request, name: str, step: UnitStep, texts: Mapping[str, str]) -> bool:
    deps, principal = deps_of(request), log_in_of(request).principal
    async with deps.database.sessions() as session:
        row = await case_row(session, principal, request.match_info["case_id"])
    given = step.given(texts)
    if name == "reply":
        await _check_own_words(deps, principal, texts, given)
    wish = Wish(CaseId(row.id), step.action, given, uploads_of(request))
    return await attempt_wish(deps.database, wish, by=principal, vault=deps.vault)


async def _check_own_words(
    deps: Deps, principal: Principal, texts: Mapping[str, str], given: dict[str, Any]
) -> None:
    """Warn of a reply that says what the unit has said before; who confirms it may send it."""
    async with deps.database.sessions() as session:
        earlier = await last_replies(session, principal.department_id or "")
    alike = await asyncio.to_thread(looks_like_a_template, given["public_reply"], earlier)
    if not alike:
        return
    if texts.get("template_confirmed") != "是":
        raise InputRefused(TEMPLATE_LIKE, fields=["public_reply"], template=True)
    given["template_confirmed"] = True


async def decide(request: web.Request) -> web.StreamResponse:
    """The leader's word on a step that an operator of the unit proposed."""
    deps, principal = deps_of(request), log_in_of(request).principal
    texts = await texts_of_form(request)
    allowed = texts.get("allowed") == "yes"
    try:
        async with deps.database.work() as work:
            await case_row(work.session, principal, request.match_info["case_id"])
            await approve(
                work, request.match_info["request_id"], allowed=allowed, by=principal,
                reason=texts.get("reason", "").strip()[: forms.LONGEST],
            )  # fmt: skip
            await work.commit()
    except _SHOWN as refused:
        return await render(request, refusal(request, "decide", texts, refused))
    said = texts_of(request).gettext(_DECIDED)
    raise done(f"/unit/cases/{request.match_info['case_id']}", said)


async def refused_step(
    request: web.Request, step: str, texts: Mapping[str, str], refused: HotlineError
) -> web.Response:
    """The page again, with why a step was not taken."""
    return await render(request, refusal(request, step, texts, refused))


def refusal(
    request: web.Request, step: str, texts: Mapping[str, str], refused: HotlineError
) -> Refusal:
    """What the page says about a form that was not taken."""
    wrong = refused.details.get("fields", ())
    return Refusal(
        step=step,
        texts=texts,
        sentence=texts_of(request).gettext(refused.message),
        fields=[str(name) for name in wrong] if isinstance(wrong, list | tuple) else (),
        template_like=bool(refused.details.get("template")),
        status=400 if isinstance(refused, InputRefused) else 409,
    )


async def render(request: web.Request, refused: Refusal) -> web.Response:
    """The page, with the form that was not taken open and filled in again."""
    deps, principal = deps_of(request), log_in_of(request).principal
    async with deps.database.sessions() as session:
        sight = Sight(principal, deps.vault)
        found = await gather(session, sight, request.match_info["case_id"], deps.clock.now())
        last_call = await latest_call_about(session, found.case.id, principal.agent_id)
        desk_phone = await desk_phone_of(session, principal)
    looks = [Seen(found.case.id, SeenField.VIEW, address=address_of(request))]
    await note_seen(deps.database, looks, by=principal, vault=deps.vault)
    values = {
        "shown": found,
        "refused": refused,
        "call": call_words(last_call, principal),
        "desk_phone": desk_phone,
        "choices": CHOICES,
        "may_step": principal.role in (Role.UNIT_OPS, Role.UNIT_LEAD),
        "is_lead": principal.role is Role.UNIT_LEAD,
        "proposals": _proposals(found),
        "order_names": ORDER_NAMES,
        "supervision_levels": SUPERVISION_LEVELS,
        "verdict_looks": VERDICT_LOOKS,
        "request_names": {**REQUEST_NAMES, LEAD_APPROVAL: mark("单位内部审批")},
        "approval_names": {step.value: name for step, name in APPROVAL_NAMES.items()},
    }
    return page(request, "units/case.html", values, status=refused.status)


def _proposals(found: UnitCase) -> list[tuple[str, str, Mapping[str, object]]]:
    """What waits for the unit's own leader: request, step, and what was written."""
    return [
        (one.id, APPROVAL_NAMES[Approval(one.reason_code)], one.facts.get("given", {}))
        for one in found.requests
        if one.kind == LEAD_APPROVAL and one.verdict is None
    ]
