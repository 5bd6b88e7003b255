"""Taking a step from the page of a case; a refusal says why and keeps what was typed."""

from typing import Any

from aiohttp import web
from multidict import MultiMapping

from agent_ui.dispatching_help import limit_for
from agent_ui.middleware import STATUS_OF
from agent_ui.pages.cases import Attempt, show_case
from agent_ui.steps.fields import Kind, StepForm, missing_fields, read_form
from agent_ui.steps.forms import FORMS
from agent_ui.web import deps_of, done, log_in_of, page, safe_next, texts_of
from core.actions.case_steps import attempt_step
from core.clock import city_time
from core.db.repos.case_views import case_row
from core.db.tables.cases import CaseRow
from core.domain.case_steps import CaseAction
from core.domain.cases import spoken_groups
from core.errors import HotlineError, InputRefused, NotFound, TransitionRefused
from core.ids import CaseId

_NAMED = {action.name.lower(): action for action in CaseAction}


async def take(request: web.Request) -> web.StreamResponse:
    """Take the step that the address names, with what the form gave."""
    deps, principal = deps_of(request), log_in_of(request).principal
    slug = request.match_info["step"]
    action, form = _NAMED.get(slug), FORMS.get(slug.upper())
    if action is None or form is None:
        raise NotFound("没有这个操作")
    async with deps.database.sessions() as session:
        row = await case_row(session, principal, request.match_info["case_id"])
    data = await request.post()
    try:
        given = _checked(form, data)
        await _find_case(request, form, given)
        if action is CaseAction.DISPATCH:
            await _check_limit_shown(request, row, str(given.get("category", "")), data)
        case = await attempt_step(deps.database, CaseId(row.id), action, by=principal, given=given)
    except HotlineError as refused:
        return await _refused(request, slug, form, data, refused)
    raise done(_next_page(data, case), _said(request, action, case))


async def limit(request: web.Request) -> web.StreamResponse:
    """The limit under another category: the part of the dispatch form that follows it."""
    deps, principal = deps_of(request), log_in_of(request).principal
    category = request.query.get("category", "")[:200]
    async with deps.database.sessions() as session:
        row = await case_row(session, principal, request.match_info["case_id"])
        shown = await limit_for(session, row, category, deps.clock.now())
    return page(request, "cases/_limit.html", {"limit": shown})


def _checked(form: StepForm, data: MultiMapping[Any]) -> dict[str, Any]:
    """What was typed. Raises InputRefused when something needed or the confirmation is missing."""
    given = read_form(form, data)
    missing = missing_fields(form, given)
    if missing:
        raise InputRefused("", fields=[field.name for field in missing])
    if form.final and not data.get("confirmed"):
        raise InputRefused("请勾选确认后再提交", fields=["confirmed"])
    return given


async def _find_case(request: web.Request, form: StepForm, given: dict[str, Any]) -> None:
    """People know cases by their numbers, the law by their ids. Raises InputRefused."""
    deps, principal = deps_of(request), log_in_of(request).principal
    for field in form.fields:
        if field.kind is not Kind.CASE or field.name not in given:
            continue
        async with deps.database.sessions() as session:
            try:
                found = await case_row(session, principal, str(given[field.name]))
            except NotFound as none:
                raise InputRefused("没有找到该编号的工单", fields=[field.name]) from none
        given[field.name] = found.id


async def _check_limit_shown(
    request: web.Request, row: CaseRow, category: str, data: MultiMapping[Any]
) -> None:
    """A dispatcher commits units to a limit only after having seen it."""
    deps = deps_of(request)
    async with deps.database.sessions() as session:
        now_due = await limit_for(session, row, category, deps.clock.now())
    seen = str(data.get("due_seen", ""))
    if seen != f"{city_time(now_due.due_at):%Y-%m-%d %H:%M}":
        due = f"{city_time(now_due.due_at):%Y-%m-%d %H:%M}"
        raise TransitionRefused(f"办理期限已变为 {due}，请核对后再派遣")


async def _refused(
    request: web.Request,
    slug: str,
    form: StepForm,
    data: MultiMapping[Any],
    refused: HotlineError,
) -> web.StreamResponse:
    gettext = texts_of(request).gettext
    wrong = refused.details.get("fields")
    names = [str(name) for name in wrong] if isinstance(wrong, list) else []
    labels = [gettext(known.label) for name in names if (known := form.field(name))]
    problem = gettext(refused.message)
    if labels and refused.message in ("", refused.code, "请补全必填内容"):
        problem = gettext("请填写：{fields}").format(fields="、".join(labels))
    attempt = Attempt(slug, data, problem, frozenset(names))
    status = next(
        (STATUS_OF[code] for kind in type(refused).__mro__
         if (code := str(getattr(kind, "code", ""))) in STATUS_OF),
        400,
    )  # fmt: skip
    return await show_case(request, attempt, status=status)


def _next_page(data: MultiMapping[Any], case: CaseRow) -> str:
    back = safe_next(str(data.get("back", "")))
    return back if back != "/" else f"/cases/{case.number or case.id}"


def _said(request: web.Request, action: CaseAction, case: CaseRow) -> str:
    gettext = texts_of(request).gettext
    number = " ".join(spoken_groups(case.number)) if case.number else case.title[:20]
    said = gettext("{number}：{step}已完成").format(number=number, step=gettext(action.value))
    if action in (CaseAction.DISPATCH, CaseAction.ALLOW_RETURN) and case.due_at:
        more = gettext("，主办单位 {unit}，期限 {due}")
        said += more.format(unit=case.department, due=f"{city_time(case.due_at):%Y-%m-%d %H:%M}")
    return said
