"""What helps a dispatcher: who should act and why, which limit applies, what may be the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from agent_ui.i18n import mark
from core.db.repos.alike import Alike, alike_cases
from core.db.repos.case_views import Sight, visible_cases
from core.db.repos.rules import calendar, sla_rules
from core.db.repos.worklists import by_ids
from core.db.tables.cases import CaseRow
from core.domain.case_views import CaseView
from core.domain.sla import choose_rule
from core.domain.workdays import Limit, LimitType, due_at

LIMIT_WORDS: Mapping[LimitType, str] = {
    LimitType.WORK_DAY: mark("{amount} 个工作日"),
    LimitType.WORK_HOUR: mark("{amount} 个工作小时"),
    LimitType.URGENT_HOUR: mark("{amount} 小时，昼夜连续"),
    LimitType.NATURAL_DAY: mark("{amount} 个自然日"),
}


@dataclass(frozen=True, slots=True)
class LimitView:
    """The limits that a dispatch now would set."""

    limit: Limit
    due_at: datetime
    sign_due_at: datetime
    contact_due_at: datetime

    @property
    def amount(self) -> str:
        """The number of the limit, without an idle fraction."""
        return f"{self.limit.value:g}"

    @property
    def words(self) -> str:
        """How the limit is said."""
        return LIMIT_WORDS[self.limit.type]


async def limit_for(
    session: AsyncSession, case: CaseRow, category: str, now: datetime
) -> LimitView:
    """The limit if the case were dispatched now under this category. Raises NotFound."""
    rule = choose_rule(
        await sla_rules(session),
        case_type=case.case_type or "",
        category=category,
        urgency=case.urgency,
        channel=case.channel,
    )
    days = await calendar(session)
    return LimitView(
        limit=rule.limit,
        due_at=due_at(now, rule.limit, days),
        sign_due_at=due_at(now, rule.sign_limit, days),
        contact_due_at=due_at(now, rule.contact_limit, days),
    )


async def merge_candidates(
    session: AsyncSession, case: CaseRow, sight: Sight, now: datetime
) -> list[tuple[Alike, CaseView]]:
    """Open cases that may be the same matter, with why."""
    found = {one.case_id: one for one in await alike_cases(session, case, now)}
    views = {view.id: view for view in await visible_cases(session, sight, by_ids(found))}
    return [(one, views[key]) for key, one in found.items() if key in views]
