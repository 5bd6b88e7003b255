"""The director's figures on the first page: this month's rates, the telephone, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent_ui.deps import Deps
from agent_ui.figure_views import WORDS, Cell, cell
from agent_ui.pages.figures import asked_from, question_of, with_year_before
from analytics.calls import ANSWER_TARGET, CallFigures, call_figures, last_day
from analytics.figures import ALL
from core.auth import Permission, Principal
from core.clock import city_time
from core.db.repos.appraisal import open_objections, sheets_to_sign
from core.db.repos.exports import exports_to_rule

CODES = ("timely", "closing", "satisfaction", "second_assignment")


@dataclass(frozen=True, slots=True)
class FiguresBlock:
    """What the block shows. Numbers of things that wait are None for whoever cannot act."""

    month: str
    cells: Sequence[tuple[str, Cell]]
    calls: CallFigures
    answer_target: int
    to_sign: int | None
    objections: int | None
    exports: int | None

    @property
    def calls_low(self) -> bool:
        """Whether the rolling answer rate is below the standard."""
        percent = self.calls.answered.percent
        return percent is not None and percent < self.answer_target


async def figures_block(deps: Deps, principal: Principal) -> FiguresBlock:
    """This month so far, the last 24 hours on the telephone, and what waits for a decision."""
    now = deps.clock.now()
    asked = asked_from({}, today=city_time(now).date())
    table, before = await with_year_before(deps, await question_of(deps, asked, codes=CODES))
    decides = principal.can(Permission.SUPERVISE)
    async with deps.database.sessions() as session:
        return FiguresBlock(
            month=f"{asked.period.days[0]:%Y-%m}",
            cells=[(WORDS[code][0], cell(code, ALL, table, before, asked.query)) for code in CODES],
            calls=await call_figures(session, last_day(now)),
            answer_target=ANSWER_TARGET,
            to_sign=await sheets_to_sign(session) if decides else None,
            objections=await open_objections(session) if decides else None,
            exports=await exports_to_rule(session) if decides else None,
        )
