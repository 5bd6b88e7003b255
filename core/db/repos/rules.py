"""Queries about the rules that administrators edit: calendar, limits, duty catalogue."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.kept_rules import kept
from core.db.tables.handling import DutyRow, SlaRuleRow
from core.db.tables.lines import HolidayRow
from core.db.tables.sides import RuleSettingRow
from core.domain.case_limits import CaseLimits
from core.domain.sla import SlaRule
from core.domain.workdays import DayKind, Limit, LimitType, WorkCalendar


async def calendar(session: AsyncSession) -> WorkCalendar:
    """The city's working calendar with every day that differs from Monday-Friday."""
    return await kept(session, "calendar", _read_calendar)


async def _read_calendar(session: AsyncSession) -> WorkCalendar:
    rows = (await session.execute(select(HolidayRow.day, HolidayRow.kind))).all()
    return WorkCalendar({row.day: DayKind(row.kind) for row in rows})


async def case_limits(session: AsyncSession) -> CaseLimits:
    """The city's rules about how often and how long; what no row sets has its default."""
    return await kept(session, "limits", _read_limits)


async def _read_limits(session: AsyncSession) -> CaseLimits:
    rows = (await session.execute(select(RuleSettingRow.name, RuleSettingRow.value))).all()
    return CaseLimits.of({row.name: row.value for row in rows})


async def sla_rules(session: AsyncSession) -> Sequence[SlaRule]:
    """Every limit in force."""
    return await kept(session, "sla_rules", _read_sla_rules)


async def _read_sla_rules(session: AsyncSession) -> Sequence[SlaRule]:
    rows = (await session.scalars(select(SlaRuleRow))).all()
    return tuple(_rule(row) for row in rows)


def _rule(row: SlaRuleRow) -> SlaRule:
    return SlaRule(
        limit=Limit(LimitType(row.limit_type), row.limit_value),
        sign_limit=Limit(LimitType(row.sign_type), row.sign_value),
        contact_limit=Limit(LimitType(row.contact_type), row.contact_value),
        case_type=row.case_type,
        category_prefix=row.category_prefix,
        urgency=row.urgency,
        channel=row.channel,
        statutory=row.statutory,
        extensions=row.extensions,
    )


async def duty_of(
    session: AsyncSession, category: str, area: str | None, day: date
) -> DutyRow | None:
    """The line of the duty catalogue that says who must act; the most specific one wins."""
    query = select(DutyRow).where(
        DutyRow.valid_from <= day,
        or_(DutyRow.valid_to.is_(None), DutyRow.valid_to > day),
        or_(DutyRow.area.is_(None), DutyRow.area == area),
    )
    fitting = [
        row
        for row in (await session.scalars(query)).all()
        if category == row.category_prefix or category.startswith(row.category_prefix + "/")
    ]
    return max(
        fitting, key=lambda row: (row.area is not None, len(row.category_prefix)), default=None
    )
