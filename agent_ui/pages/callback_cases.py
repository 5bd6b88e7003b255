"""The officer's page of one case: what was answered, ringing the citizen, and what follows."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from agent_ui.i18n import mark
from agent_ui.looks import CASE_LOOKS, URGENCY_LOOKS, Look
from agent_ui.outgoing_words import call_words
from agent_ui.pages.callback_queue import state_of
from agent_ui.pages.unit_cases import NOTHING, Refusal, refusal
from agent_ui.web import address_of, deps_of, done, log_in_of, page, texts_of
from core.actions.access import Seen, note_seen
from core.actions.callback_outcomes import record_answer, sign_off
from core.actions.case_steps import attempt_step
from core.auth import Role
from core.db.repos import callback_work, unit_case
from core.db.repos.case_views import Sight, case_row, views_of, visible_case
from core.db.repos.rules import calendar, case_limits
from core.db.tables.cases import CaseRow
from core.db.tables.handling import CallbackAttemptRow, LegRow, RequestRow
from core.db.tables.units import AttachmentRow
from core.domain import forms
from core.domain.access import SeenField
from core.domain.callback_rules import TrialState
from core.domain.case_limits import CaseLimits
from core.domain.case_steps import CaseAction
from core.domain.case_views import CaseView
from core.domain.sides import SATISFACTIONS, SOLVED_ANSWERS
from core.errors import Conflict, HotlineError, InputRefused, NotFound, TransitionRefused
from core.ids import CaseId

Texts = Mapping[str, str]
#: A step of the page; returns the name of what it led to.
Step = Callable[[web.Request, CaseId, Texts], Awaitable[str]]
_SHOWN = (InputRefused, TransitionRefused, Conflict)
_RULERS = (Role.SUPERVISOR, Role.DIRECTOR)

DONE: Mapping[str, str] = {
    "closed": mark("回访完成，工单已结案"),
    "again": mark("已二次交办给原主办单位"),
    "explained": mark("已解释办结"),
    "to-sign-off": mark("已提请督办员审定解释办结"),
    "to-judge": mark("已提请认定不合理诉求"),
    "failed": mark("未接通已记录"),
    "unreachable": mark("已按联系不上办结"),
    "approve": mark("反馈已通过，进入回访"),
    "rework": mark("反馈已退回承办单位"),
    "check": mark("已请监督员核查"),
    "signed": mark("审定完成"),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """One unit's reply as the officer reviews it."""

    unit: str
    leg: LegRow
    files: Sequence[AttachmentRow]


@dataclass(slots=True)
class CallbackCase:
    """Everything the officer's page shows."""

    case: CaseView
    look: Look
    urgency: Look
    state: TrialState
    limits: CaseLimits
    replies: Sequence[Reply] = ()
    attempts: Sequence[CallbackAttemptRow] = ()
    explanation: RequestRow | None = None
    master: CaseView | None = None
    children: Sequence[CaseView] = ()
    has_person: bool = True


async def show(request: web.Request) -> web.StreamResponse:
    """The case beside the call."""
    return await _render(request, NOTHING)


async def take(request: web.Request) -> web.StreamResponse:
    """Take one step; what is refused is shown beside what was typed."""
    name = request.match_info["step"]
    step = STEPS.get(name)
    if step is None:
        raise NotFound("没有找到这个页面")
    deps, principal = deps_of(request), log_in_of(request).principal
    data = await request.post()
    texts = {key: str(data[key]) for key in data}
    async with deps.database.sessions() as session:
        row = await case_row(session, principal, request.match_info["case_id"])
    try:
        led_to = await step(request, CaseId(row.id), texts)
    except _SHOWN as refused:
        return await _render(request, refusal(request, name, texts, refused))
    said = texts_of(request).gettext(DONE[led_to])
    raise done(f"/callbacks/{row.number or row.id}" if led_to == "failed" else "/callbacks", said)


async def _answered(request: web.Request, case_id: CaseId, texts: Texts) -> str:
    async with deps_of(request).database.sessions() as session:
        limits = await case_limits(session)
    given = forms.callback_given(texts, limits) | await _call_of(request, case_id)
    by = log_in_of(request).principal
    return await record_answer(deps_of(request).database, case_id, by=by, given=given)


async def _failed(request: web.Request, case_id: CaseId, texts: Texts) -> str:
    given = forms.fail_given(texts) | await _call_of(request, case_id)
    await _attempt(request, case_id, CaseAction.NOTE_ATTEMPT, given)
    return "failed"


async def _unreachable(request: web.Request, case_id: CaseId, texts: Texts) -> str:
    if texts.get("sms") != "是":
        raise InputRefused("办结前须先给诉求人发送短信", fields=["sms"])
    await _attempt(request, case_id, CaseAction.UNREACHABLE, {"sms": True})
    return "unreachable"


async def _approve(request: web.Request, case_id: CaseId, texts: Texts) -> str:
    note = texts.get("note", "").strip()[: forms.LONGEST]
    await _attempt(request, case_id, CaseAction.APPROVE_REPLY, {"note": note})
    return "approve"


async def _rework(request: web.Request, case_id: CaseId, texts: Texts) -> str:
    reason = forms.needed_text(texts, "reason", "请写明退回的理由")
    await _attempt(request, case_id, CaseAction.REWORK, {"reason": reason})
    return "rework"


async def _check(request: web.Request, case_id: CaseId, texts: Texts) -> str:
    instruction = forms.needed_text(texts, "instruction", "请写明核查要求")
    await _attempt(request, case_id, CaseAction.ASK_CHECK, {"instruction": instruction})
    return "check"


async def _sign(request: web.Request, _case_id: CaseId, texts: Texts) -> str:
    deps = deps_of(request)
    async with deps.database.work() as work:
        await sign_off(
            work, texts.get("request_id", ""), allowed=texts.get("allowed") == "yes",
            by=log_in_of(request).principal,
            reason=texts.get("reason", "").strip()[: forms.LONGEST],
        )  # fmt: skip
        await work.commit()
    return "signed"


async def _attempt(
    request: web.Request, case_id: CaseId, action: CaseAction, given: Mapping[str, object]
) -> None:
    by = log_in_of(request).principal
    await attempt_step(deps_of(request).database, case_id, action, by=by, given=given)


async def _call_of(request: web.Request, case_id: CaseId) -> dict[str, str]:
    """The officer's own latest call about the case, unless an attempt has it already."""
    by = log_in_of(request).principal.agent_id
    async with deps_of(request).database.sessions() as session:
        call = await callback_work.latest_call_about(session, case_id, by)
        noted = (await callback_work.attempts_of(session, [case_id])).get(case_id, ())
    if call is None or any(one.call_id == call.id for one in noted):
        return {}
    return {"call_id": call.id}


STEPS: Mapping[str, Step] = {
    "answered": _answered,
    "failed": _failed,
    "unreachable": _unreachable,
    "approve": _approve,
    "rework": _rework,
    "check": _check,
    "sign-off": _sign,
}


async def refused_step(
    request: web.Request, step: str, texts: Texts, refused: HotlineError
) -> web.Response:
    """The page again, with why a step was not taken."""
    return await _render(request, refusal(request, step, texts, refused))


async def _render(request: web.Request, refused: Refusal) -> web.Response:
    deps, principal = deps_of(request), log_in_of(request).principal
    async with deps.database.sessions() as session:
        sight = Sight(principal, deps.vault)
        found = await _gather(request, session, sight)
        call = await callback_work.latest_call_about(session, found.case.id, principal.agent_id)
    looks = [Seen(found.case.id, SeenField.VIEW, address=address_of(request))]
    await note_seen(deps.database, looks, by=principal, vault=deps.vault)
    values = {
        "shown": found,
        "refused": refused,
        "call": call_words(call, principal),
        "is_ruler": principal.role in _RULERS,
        "now": deps.clock.now(),
        "choices": {
            "trueness": forms.TRUENESS,
            "solved": SOLVED_ANSWERS,
            "satisfaction": SATISFACTIONS,
            "opinion_type": forms.OPINION_TYPES,
            "fail": forms.FAIL_REASONS,
        },
    }
    return page(request, "callbacks/case.html", values, status=refused.status)


async def _gather(request: web.Request, session: AsyncSession, sight: Sight) -> CallbackCase:
    view = await visible_case(session, sight, request.match_info["case_id"])
    row = await session.get_one(CaseRow, view.id)
    limits = await case_limits(session)
    attempts = (await callback_work.attempts_of(session, [row.id])).get(row.id, ())
    this_round = [one for one in attempts if one.round == row.round]
    now = deps_of(request).clock.now()
    master, children = await callback_work.family_of(session, row.id)
    family = await views_of(session, sight, [one for one in (master, *children) if one])
    return CallbackCase(
        case=view,
        look=CASE_LOOKS[view.status],
        urgency=URGENCY_LOOKS.get(view.urgency, URGENCY_LOOKS["一般"]),
        state=state_of(this_round, now, await calendar(session), limits),
        limits=limits,
        replies=await _replies(session, master.id if master else row.id),
        attempts=attempts,
        explanation=await callback_work.explanation_of(session, row.id),
        master=family[0] if master else None,
        children=family[1:] if master else family,
        has_person=bool(row.phone_mask or row.caller_mask),
    )


async def _replies(session: AsyncSession, case_id: str) -> list[Reply]:
    units = await unit_case.department_names(session)
    files = await unit_case.attachments_of(session, case_id)
    return [
        Reply(
            units.get(leg.department_id, ""),
            leg,
            [file for file in files if file.id in (leg.reply.get("attachments") or ())],
        )
        for leg in await callback_work.replied_legs(session, case_id)
    ]
