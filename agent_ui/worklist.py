"""Rows of a worklist: each case with its state, its clock and its legs as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from agent_ui.clocks import ClockView, clock_view
from agent_ui.looks import CASE_LOOKS, LEG_LOOKS, URGENCY_LOOKS, Look
from core.actions.legs import clock_of
from core.db.repos.rules import calendar
from core.db.repos.worklists import legs_of_cases, supervised_cases
from core.db.tables.cases import CaseRow
from core.db.tables.handling import LegRow
from core.domain.case_views import CaseView
from core.domain.cases import CaseStatus
from core.domain.legs import LegRole, LegStatus
from core.domain.sla import CaseClock
from core.domain.workdays import Limit, LimitType, WorkCalendar

ROWS_A_PAGE = 30
#: How long a case may wait in the pool (domain.md 1.1): a quarter of an office hour.
ANALYSE_LIMIT = Limit(LimitType.WORK_HOUR, 0.25)
_GONE = frozenset({LegStatus.RETURNED.value, LegStatus.WITHDRAWN.value})


@dataclass(frozen=True, slots=True)
class LegLine:
    """One department's part in a row."""

    unit: str
    support: bool
    look: Look
    clock: ClockView


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a worklist."""

    case: CaseView
    look: Look
    urgency: Look
    clock: ClockView | None
    legs: Sequence[LegLine]
    supervised: bool

    @property
    def address(self) -> str:
        """The page of the case."""
        return f"/cases/{self.case.number or self.case.id}"

    @property
    def title(self) -> str:
        """What it is about, in a line."""
        return self.case.title or self.case.content[:40]


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of a list is shown."""

    number: int
    last: int
    path: str
    query: dict[str, str]

    def address(self, number: int) -> str:
        """The address of another page of the same list."""
        return f"{self.path}?{urlencode({**self.query, 'page': str(number)})}"


def page_number(request: web.Request) -> int:
    """The page asked for; nonsense is the first page."""
    text = request.query.get("page", "1")
    return max(1, min(int(text), 10_000)) if text.isdecimal() and len(text) < 6 else 1  # noqa: PLR2004


def paging(request: web.Request, total: int, *, rows: int = ROWS_A_PAGE) -> Paging:
    """Where in a list of so many rows the request is."""
    last = max(1, ceil(total / rows))
    query = {key: value for key, value in request.query.items() if key != "page"}
    return Paging(min(page_number(request), last), last, request.path, query)


async def rows_of(session: AsyncSession, cases: Sequence[CaseView], now: datetime) -> list[Row]:
    """The rows of these cases, in their order."""
    ids = [case.id for case in cases]
    legs = await legs_of_cases(session, ids)
    days = await calendar(session)
    supervised = await supervised_cases(session, ids)
    return [_row(case, legs.get(case.id, ()), case.id in supervised, (now, days)) for case in cases]


def _row(
    case: CaseView,
    legs: Sequence[tuple[LegRow, str]],
    supervised: bool,
    at: tuple[datetime, WorkCalendar],
) -> Row:
    shown = [pair for pair in legs if pair[0].status not in _GONE]
    lines = [
        LegLine(
            unit=name,
            support=leg.role == LegRole.SUPPORT.value,
            look=LEG_LOOKS[leg.status],
            clock=clock_view(clock_of(leg), *at),
        )
        for leg, name in shown
        if leg.round == max(other.round for other, _ in shown)
    ]
    return Row(
        case=case,
        look=CASE_LOOKS[case.status],
        urgency=URGENCY_LOOKS.get(case.urgency, URGENCY_LOOKS["一般"]),
        clock=case_clock(case, [leg for leg, _ in shown], *at),
        legs=lines,
        supervised=supervised,
    )


def case_clock(
    case: CaseView | CaseRow, legs: Sequence[LegRow], now: datetime, days: WorkCalendar
) -> ClockView | None:
    """The clock of the newest lead leg; of a case in the pool, how long it has waited there."""
    if case.status == CaseStatus.PENDING_ANALYSE.value and case.submitted_at is not None:
        return clock_view(CaseClock.start(ANALYSE_LIMIT, case.submitted_at, days), now, days)
    leads = [leg for leg in legs if leg.role == LegRole.LEAD.value]
    if not leads:
        return None
    newest = max(leads, key=lambda leg: (leg.round, leg.dispatched_at))
    return clock_view(clock_of(newest), now, days)
