"""A department's inbox: its trays with their counts, and signing many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from agent_ui.clocks import ClockView, clock_view
from agent_ui.looks import CASE_LOOKS, LEG_LOOKS, URGENCY_LOOKS, Look
from agent_ui.pages.unit_gather import sign_clock
from agent_ui.web import deps_of, log_in_of, page, see_other, texts_of
from agent_ui.worklist import ROWS_A_PAGE, LegLine, page_number, paging
from core.actions.case_steps import attempt_step
from core.actions.legs import clock_of
from core.auth import Role
from core.db.repos.case_views import Sight, case_row, views_of
from core.db.repos.rules import calendar
from core.db.repos.unit_inbox import InboxRow, inbox, tray_counts
from core.db.tables.cases import DepartmentRow
from core.domain.case_steps import CaseAction
from core.domain.case_views import CaseView
from core.domain.units import TRAY_NAMES, Tray
from core.errors import HotlineError, InputRefused
from core.ids import CaseId

MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One line of the inbox as the shared list shows it."""

    case: CaseView
    look: Look
    urgency: Look
    clock: ClockView
    sign_clock: ClockView | None
    legs: Sequence[LegLine]
    supervised: bool
    unread_urges: int

    @property
    def address(self) -> str:
        """The unit's page of the case."""
        return f"/unit/cases/{self.case.number or self.case.id}"

    @property
    def title(self) -> str:
        """What it is about, in a line."""
        return self.case.title or self.case.content[:40]


async def show(request: web.Request) -> web.StreamResponse:
    """One tray, what is due first on top."""
    deps, principal = deps_of(request), log_in_of(request).principal
    now, unit = deps.clock.now(), principal.department_id or ""
    async with deps.database.sessions() as session:
        counts = await tray_counts(session, unit, now)
        tray = _tray(request, counts[Tray.TO_SIGN])
        pages = paging(request, counts[tray])
        offset = (min(page_number(request), pages.last) - 1) * ROWS_A_PAGE
        found = await inbox(session, unit, tray, now, limit=ROWS_A_PAGE, offset=offset)
        rows = await _rows(session, found, Sight(principal, deps.vault), request)
        department = await session.get(DepartmentRow, unit)
    values = {
        "unit_name": department.name if department else "",
        "tray": tray,
        "trays": _tabs(counts, leader=principal.role is Role.UNIT_LEAD),
        "here": f"/unit?tray={tray.value}",
        "rows": rows,
        "paging": pages,
        "signed": _number(request, "signed"),
        "refused": _number(request, "refused"),
    }
    return page(request, "units/inbox.html", values)


async def sign_many(request: web.Request) -> web.StreamResponse:
    """Sign every ticked case; one that cannot be signed does not hold up the others."""
    deps, principal = deps_of(request), log_in_of(request).principal
    keys = [str(key) for key in (await request.post()).getall("case", [])]
    if not keys:
        raise InputRefused("请先勾选要签收的工单")
    if len(keys) > MOST_AT_ONCE:
        raise InputRefused("一次最多签收 50 件")
    signed = refused = 0
    for key in dict.fromkeys(keys):
        try:
            async with deps.database.sessions() as session:
                row = await case_row(session, principal, key)
            await attempt_step(
                deps.database, CaseId(row.id), CaseAction.SIGN, by=principal, given={}
            )
            signed += 1
        except HotlineError:
            refused += 1
    raise see_other(f"/unit?tray=to-sign&signed={signed}&refused={refused}")


def _tray(request: web.Request, unsigned: int) -> Tray:
    name = request.query.get("tray", "")
    if name in set(Tray):
        return Tray(name)
    return Tray.TO_SIGN if unsigned else Tray.HANDLING


def _tabs(counts: Mapping[Tray, int], *, leader: bool) -> list[tuple[str, str, int]]:
    return [
        (f"/unit?tray={tray.value}", name, counts[tray])
        for tray, name in TRAY_NAMES.items()
        if tray is not Tray.TO_APPROVE or leader or counts[tray]
    ]


def _number(request: web.Request, name: str) -> int:
    text = request.query.get(name, "0")
    return int(text) if text.isdecimal() and len(text) < len(str(MOST_AT_ONCE)) + 1 else 0


async def _rows(
    session: AsyncSession, found: Sequence[InboxRow], sight: Sight, request: web.Request
) -> list[UnitRow]:
    now, days = deps_of(request).clock.now(), await calendar(session)
    gettext = texts_of(request).gettext
    views = await views_of(session, sight, [one.case for one in found])
    return [
        UnitRow(
            case=view,
            look=CASE_LOOKS[one.case.status],
            urgency=URGENCY_LOOKS.get(one.case.urgency, URGENCY_LOOKS["一般"]),
            clock=(clock := clock_view(clock_of(one.leg), now, days)),
            sign_clock=sign_clock(one.leg, now, days) if one.leg.signed_at is None else None,
            legs=[
                LegLine(gettext("本单位"), one.leg.role != "LEAD", LEG_LOOKS[one.leg.status], clock)
            ],
            supervised=one.supervision is not None,
            unread_urges=one.unread_urges,
        )
        for one, view in zip(found, views, strict=True)
    ]
