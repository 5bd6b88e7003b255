"""The callback officers' work: whom to ring now, whose reply to review, what to sign off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from agent_ui.i18n import mark
from agent_ui.looks import CASE_LOOKS, URGENCY_LOOKS, Look
from agent_ui.web import deps_of, log_in_of, page
from agent_ui.worklist import ROWS_A_PAGE, Row, page_number, paging, rows_of
from core.auth import Principal, Role
from core.db.repos.callback_work import (
    WaitingCallback,
    explanations_waiting,
    replies_to_review,
    waiting_callbacks,
)
from core.db.repos.case_views import Sight, views_of, visible_cases
from core.db.repos.rules import calendar, case_limits
from core.db.repos.worklists import count
from core.db.tables.handling import CallbackAttemptRow
from core.domain.callback_rules import TrialState, Tried, trial_state
from core.domain.case_limits import CaseLimits
from core.domain.case_views import CaseView
from core.domain.workdays import WorkCalendar

DUE, LATER, OVER, REVIEW, SIGN_OFF = "due", "later", "over", "review", "sign-off"
NAMES = {
    DUE: mark("现在可回访"),
    LATER: mark("稍后再试"),
    OVER: mark("可按联系不上办结"),
    REVIEW: mark("待审核的反馈"),
    SIGN_OFF: mark("待审定的解释"),
}


@dataclass(frozen=True, slots=True)
class CallbackLine:
    """One line of the queue."""

    case: CaseView
    look: Look
    urgency: Look
    since: datetime
    has_person: bool
    state: TrialState

    @property
    def address(self) -> str:
        """The officer's page of the case."""
        return f"/callbacks/{self.case.number or self.case.id}"

    @property
    def title(self) -> str:
        """What it is about, in a line."""
        return self.case.title or self.case.content[:40]


@dataclass(frozen=True, slots=True)
class Queue:
    """The lines of the three parts of the queue."""

    due: Sequence[CallbackLine]
    later: Sequence[CallbackLine]
    over: Sequence[CallbackLine]

    def part(self, name: str) -> Sequence[CallbackLine]:
        """The lines of one part."""
        return {DUE: self.due, LATER: self.later, OVER: self.over}.get(name, ())


async def show(request: web.Request) -> web.StreamResponse:
    """One part of the work; people first, then who has waited longest."""
    deps, principal = deps_of(request), log_in_of(request).principal
    part = request.query.get("part", DUE)
    part = part if part in NAMES else DUE
    sight = Sight(principal, deps.vault)
    reviewed: list[Row] = []
    async with deps.database.sessions() as session:
        queue = await read_queue(session, sight, deps.clock.now())
        to_review = await count(session, replies_to_review())
        pages = paging(request, to_review if part == REVIEW else len(queue.part(part)))
        start = (min(page_number(request), pages.last) - 1) * ROWS_A_PAGE
        if part == REVIEW:
            query = replies_to_review().limit(ROWS_A_PAGE).offset(start)
            cases = await visible_cases(session, sight, query)
            reviewed = await rows_of(session, cases, deps.clock.now())
        signing = await explanations_waiting(session)
        signing_views = await views_of(session, sight, [case for _, case in signing])
    values = {
        "part": part,
        "parts": _tabs(queue, to_review, len(signing), principal),
        "here": f"/callbacks?part={part}",
        "lines": queue.part(part)[start : start + ROWS_A_PAGE],
        "reviewed": reviewed,
        "signing": list(zip([one for one, _ in signing], signing_views, strict=True)),
        "paging": pages,
        "now": deps.clock.now(),
    }
    return page(request, "callbacks/queue.html", values)


def _tabs(
    queue: Queue, to_review: int, signing: int, principal: Principal
) -> list[tuple[str, str, int]]:
    counts = {
        DUE: len(queue.due), LATER: len(queue.later), OVER: len(queue.over), REVIEW: to_review,
        SIGN_OFF: signing,
    }  # fmt: skip
    rules = principal.role in (Role.SUPERVISOR, Role.DIRECTOR)
    shown = [name for name in NAMES if name != SIGN_OFF or rules or signing]
    return [(f"/callbacks?part={name}", NAMES[name], counts[name]) for name in shown]


async def read_queue(session: AsyncSession, sight: Sight, now: datetime) -> Queue:
    """The whole queue in its order."""
    waiting = await waiting_callbacks(session)
    days, limits = await calendar(session), await case_limits(session)
    views = await views_of(session, sight, [one.case for one in waiting])
    lines = [
        _line(one, view, state_of(one.attempts, now, days, limits))
        for one, view in zip(waiting, views, strict=True)
    ]
    lines.sort(key=lambda line: (not line.has_person, line.since))
    return Queue(
        due=[line for line in lines if line.state.is_due(now) and not line.state.may_close],
        later=[line for line in lines if not line.state.is_due(now) and not line.state.may_close],
        over=[line for line in lines if line.state.may_close],
    )


def state_of(
    attempts: Sequence[CallbackAttemptRow], now: datetime, days: WorkCalendar, limits: CaseLimits
) -> TrialState:
    """Where the attempts of this round stand under the rule in force."""
    tried = [Tried(one.at, off_hours=one.off_hours) for one in attempts if not one.connected]
    return trial_state(tried, now, days, needed=limits.callback_attempts, days=limits.callback_days)


def _line(waiting: WaitingCallback, view: CaseView, state: TrialState) -> CallbackLine:
    return CallbackLine(
        case=view,
        look=CASE_LOOKS[view.status],
        urgency=URGENCY_LOOKS.get(view.urgency, URGENCY_LOOKS["一般"]),
        since=waiting.since,
        has_person=waiting.has_person,
        state=state,
    )
