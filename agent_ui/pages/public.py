"""For citizens, without a log-in: how far is my case? By its number and the phone's last digits.

Whoever has not both learns nothing: a number that does not exist, one with another tail and one
that was tried too often get the same words in the same order of checks.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from agent_ui.clocks import ClockView, clock_view
from agent_ui.deps import Deps
from agent_ui.i18n import mark
from agent_ui.web import address_of, deps_of, page, texts_of
from core.actions.case_steps import attempt_step
from core.actions.legs import clock_of
from core.auth import Principal, Role
from core.db.repos import public_status
from core.db.repos.cases import public_status as find_case
from core.db.repos.rules import calendar, case_limits
from core.db.tables.cases import CaseRow
from core.domain.case_steps import CaseAction
from core.domain.cases import FINAL, CaseStatus, is_case_number
from core.domain.public_words import PLAIN_STATES, PLAIN_STEPS
from core.errors import HotlineError, InputRefused, LoginRefused
from core.ids import AgentId, CaseId
from core.rate_limit import LOOK_UP_LIMIT, NUMBER_LIMIT, URGE_LIMIT

_TAIL = re.compile(r"[0-9]{4}")
_LONGEST_WORDS = 500
#: Whoever acts here is known by nothing but the number and the tail.
CITIZEN = Principal(AgentId("citizen"), "citizen", mark("诉求人"), Role.ADMIN)
_NOT_FOUND = mark("没有找到相符的工单，请核对编号和号码后四位")
_WITH_REPLY = frozenset({CaseStatus.CLOSED.value, CaseStatus.ANSWERED.value})


@dataclass(frozen=True, slots=True)
class PublicCase:
    """What a citizen is shown of a case."""

    number: str
    state: str
    steps: Sequence[tuple[datetime, str]]
    confidential: bool
    ended: bool
    merged: bool
    unit: str = ""
    clock: ClockView | None = None
    reasons: Sequence[str] = ()
    reply: str = ""
    may_reopen_until: datetime | None = None
    reopening: bool = False
    may_urge: bool = False


async def form(request: web.Request) -> web.StreamResponse:
    """The empty form."""
    return _page(request, number="", problem="")


async def look_up(request: web.Request) -> web.StreamResponse:
    """The answer; a wrong number and a wrong phone get the same one."""
    return await _answer(request, await _texts(request))


async def press(request: web.Request) -> web.StreamResponse:
    """The citizen says that it is not solved (a closed case) or presses for progress."""
    deps, texts = deps_of(request), await _texts(request)
    gettext = texts_of(request).gettext
    try:
        case = await _find(request, deps, texts)
        done = await _press(deps, case, texts.get("words", "").strip())
    except HotlineError as refused:
        return await _answer(request, texts, problem=gettext(refused.message))
    return await _answer(request, texts, done=gettext(done))


async def _press(deps: Deps, case: CaseRow, words: str) -> str:
    if len(words) > _LONGEST_WORDS:
        raise InputRefused("请控制在 500 字以内")
    if case.status == CaseStatus.CLOSED.value:
        if not words:
            raise InputRefused("请写明哪里还没有解决")
        given: Mapping[str, object] = {"reason": words}
        await attempt_step(
            deps.database, CaseId(case.id), CaseAction.ASK_REOPEN, by=CITIZEN, given=given
        )
        return mark("已收到，工作人员将审核是否重新办理")
    await deps.limiter.check("urge", case.id, URGE_LIMIT)
    given = {"words": words, "channel": "WEB", "actor": CITIZEN.agent_id, "by_caller": True}
    await attempt_step(deps.database, CaseId(case.id), CaseAction.URGE, by=CITIZEN, given=given)
    await deps.limiter.failed("urge", case.id, URGE_LIMIT)
    return mark("已催办，承办单位会看到")


async def _texts(request: web.Request) -> dict[str, str]:
    data = await request.post()
    texts = {name: str(data[name]) for name in data}
    texts["number"] = re.sub(r"\D", "", texts.get("number", ""))[:20]
    texts["tail"] = texts.get("tail", "").strip()
    return texts


async def _answer(
    request: web.Request, texts: Mapping[str, str], *, problem: str = "", done: str = ""
) -> web.Response:
    deps, gettext = deps_of(request), texts_of(request).gettext
    number = texts["number"]
    try:
        case = await _find(request, deps, texts)
    except HotlineError as refused:
        status = _STATUS.get(str(refused.details.get("why")), 404)
        return _page(request, number=number, problem=gettext(refused.message), status=status)
    async with deps.database.sessions() as session:
        shown = await _shown(session, case, deps.clock.now())
    return _page(
        request,
        number=number,
        tail=texts["tail"],
        problem=problem,
        done=done,
        case=shown,
        status=400 if problem else 200,
    )


_STATUS = {"form": 400, "limit": 429}


async def _find(request: web.Request, deps: Deps, texts: Mapping[str, str]) -> CaseRow:
    """The case of this number and tail. Raises LoginRefused or InputRefused."""
    number, tail, address = texts["number"], texts["tail"], address_of(request)
    if not is_case_number(number) or not _TAIL.fullmatch(tail):
        raise InputRefused("请输入 13 位工单编号和来电号码的后四位", why="form")
    key = deps.vault.fingerprint(f"status:{number}")[:32]
    try:
        await deps.limiter.check("status", address, LOOK_UP_LIMIT)
        await deps.limiter.check("status-number", key, NUMBER_LIMIT)
    except LoginRefused as refused:
        raise InputRefused(refused.message, why="limit") from refused
    async with deps.database.sessions() as session:
        case = await find_case(session, number, tail, deps.vault)
    if case is None:
        await deps.limiter.failed("status", address, LOOK_UP_LIMIT)
        await deps.limiter.failed("status-number", key, NUMBER_LIMIT)
        raise InputRefused(_NOT_FOUND, why="none")
    return case


async def _shown(session: AsyncSession, case: CaseRow, now: datetime) -> PublicCase:
    worked = await public_status.case_worked_on(session, case)
    ids = [case.id] if worked.id == case.id else [case.id, worked.id]
    events = await public_status.told_steps(session, ids, list(PLAIN_STEPS))
    status = CaseStatus(case.status)
    shown = PublicCase(
        number=str(case.number),
        state=PLAIN_STATES[status],
        steps=[(event.at, PLAIN_STEPS[event.action]) for event in events],
        confidential=case.confidential,
        ended=status in FINAL - {CaseStatus.MERGED},
        merged=worked.id != case.id,
    )
    # Four digits are a weak key: of a case that is to stay secret only the state is told.
    return shown if case.confidential else await _with_handling(session, shown, case, worked, now)


async def _with_handling(
    session: AsyncSession, shown: PublicCase, case: CaseRow, worked: CaseRow, now: datetime
) -> PublicCase:
    leg = await public_status.lead_leg(session, worked.id)
    days = await calendar(session)
    limits = await case_limits(session)
    until = None
    if case.status == CaseStatus.CLOSED.value and case.closed_at is not None:
        until = case.closed_at + timedelta(days=limits.reopen_days)
    reopening = await public_status.reopening_asked(session, case.id)
    open_ = CaseStatus(case.status) not in FINAL | {CaseStatus.DRAFT}
    return replace(
        shown,
        unit=worked.department or "" if worked.dispatched_at else "",
        clock=clock_view(clock_of(leg), now, days) if leg is not None and not shown.ended else None,
        reasons=await public_status.reasons_of_delay(session, worked.id),
        reply=case.public_reply or worked.public_reply if case.status in _WITH_REPLY else "",
        may_reopen_until=until if until is not None and until > now and not reopening else None,
        reopening=reopening,
        may_urge=open_ and case.dispatched_at is not None,
    )


def _page(request: web.Request, *, status: int = 200, **said: object) -> web.Response:
    values = {"number": "", "tail": "", "problem": "", "done": "", "case": None} | said
    return page(request, "status/public.html", values, status=status)
