"""A department's own figures with the cases behind them, its settings, and its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

from aiohttp import web

from agent_ui.i18n import mark
from agent_ui.web import address_of, deps_of, done, log_in_of, page, texts_of
from analytics.drill import Behind, Side, cases_behind
from analytics.figures import Question, figures
from analytics.kpis import KPIS, Better, Moment
from analytics.periods import month_before, month_of, of_month
from analytics.rates import Rate
from core.actions.access import Seen, note_seen
from core.actions.attachments import content_of
from core.actions.unit_approvals import settle_approvals
from core.auth import Permission, Role
from core.db.repos.case_views import Sight, case_row, visible_cases
from core.db.repos.unit_case import approvals_of, attachment_of
from core.db.tables.cases import DepartmentRow
from core.domain.access import SeenField
from core.domain.units import APPROVAL_NAMES
from core.domain.uploads import MEDIA_TYPES
from core.errors import InputRefused, NotFound

#: What a unit is shown of itself, in this order.
SHOWN = (
    "timely", "closing", "signing", "response", "satisfaction", "first_satisfaction", "solved",
    "second_assignment", "returns", "improper_returns",
)  # fmt: skip
MOST_CASES = 100


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the unit; behind: how many rows lowered it."""

    code: str
    name: str
    shown: str
    num: str
    den: str
    lower_is_better: bool


async def show(request: web.Request) -> web.StreamResponse:
    """The month's figures, and the cases behind the one that was chosen."""
    deps, principal = deps_of(request), log_in_of(request).principal
    now, unit = deps.clock.now(), principal.department_id or ""
    month, problem = request.query.get("month", ""), ""
    try:
        period = of_month(month or month_of(now))
    except InputRefused as refused:
        problem = texts_of(request).gettext(refused.message)
        month, period = "", of_month(month_of(now))
    question = Question(period=period, moment=Moment(now), codes=SHOWN)
    table = await figures(deps.database, question)
    code = request.query.get("of", "timely")
    code = code if code in SHOWN else "timely"
    side = Side.NUM if KPIS[code].better is Better.LOWER else Side.REST
    async with deps.database.sessions() as session:
        behind = await cases_behind(session, Behind(question, code, unit, side))
        cases = await visible_cases(session, Sight(principal, deps.vault), behind.limit(MOST_CASES))
        approvals = await approvals_of(session, unit)
        department = await session.get(DepartmentRow, unit)
    month = month or month_of(now)
    values = {
        "unit_name": department.name if department else "",
        "month": month,
        "month_before": month_before(month),
        "problem": problem,
        "figures": [_figure(code, table.rate(unit, code)) for code in SHOWN],
        "of": code,
        "of_name": KPIS[code].name,
        "cases": cases,
        "is_lead": principal.role is Role.UNIT_LEAD,
        "approvals": approvals,
        "approval_names": [(step.value, name) for step, name in APPROVAL_NAMES.items()],
    }
    return page(request, "units/figures.html", values, status=400 if problem else 200)


def _figure(code: str, rate: Rate) -> Figure:
    kpi = KPIS[code]
    return Figure(
        code, kpi.name, rate.shown(), _plain(rate.num), _plain(rate.den), kpi.better is Better.LOWER
    )


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


async def settle(request: web.Request) -> web.StreamResponse:
    """The leader settles which steps wait for an approval."""
    deps, principal = deps_of(request), log_in_of(request).principal
    chosen: Sequence[str] = [str(one) for one in (await request.post()).getall("approvals", [])]
    async with deps.database.work() as work:
        await settle_approvals(work, chosen, by=principal)
        await work.commit()
    raise done("/unit/figures", texts_of(request).gettext(mark("设置已保存")))


async def attachment(request: web.Request) -> web.StreamResponse:
    """A file of a case, for the unit that attached it and for the centre; never shown inline."""
    deps, principal = deps_of(request), log_in_of(request).principal
    async with deps.database.sessions() as session:
        row = await attachment_of(session, request.match_info["file_id"])
        if row is None:
            raise NotFound("没有找到该附件")
        await case_row(session, principal, row.case_id)
        centre = principal.can(Permission.SEE_ALL_CASES) and principal.role is not Role.LEADER
        if not centre and row.department_id != principal.department_id:
            raise NotFound("没有找到该附件")
        content = content_of(row, deps.vault)
    looks = [Seen(row.case_id, SeenField.VIEW, "附件", address=address_of(request))]
    await note_seen(deps.database, looks, by=principal, vault=deps.vault)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.name)}",
        "Cache-Control": "no-store",
    }
    return web.Response(body=content, content_type=MEDIA_TYPES[row.kind], headers=headers)
