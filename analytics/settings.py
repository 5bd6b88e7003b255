"""The rules about figures in force: rows over defaults."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from analytics.kpis import Rules
from core.db.repos.rules import case_limits
from core.db.tables.appraisal import FigureRuleRow
from core.errors import InputRefused


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputRefused("该规则只能开或关")
    return value


def _number(least: int, most: int) -> Callable[[Any], Decimal]:
    def read(value: Any) -> Decimal:
        try:
            number = Decimal(str(value))
        except InvalidOperation as error:
            raise InputRefused("该规则应为数字") from error
        if not number.is_finite() or not least <= number <= most:
            raise InputRefused(f"该规则应在 {least} 与 {most} 之间")
        return number

    return read


#: Every rule an administrator may set, and what it must be.
READERS: Mapping[str, Callable[[Any], Any]] = {
    "praise_counts": _flag,
    "direct_consult_counts": _flag,
    "partly": _number(0, 1),
    "province_baseline": _number(0, 100),
    "ranking": _flag,
    "objection_days": _number(1, 30),
}
#: Those that are on or off.
FLAGS = frozenset({"praise_counts", "direct_consult_counts", "ranking"})


def checked(name: str, value: Any) -> Any:
    """The value as this rule takes it. Raises InputRefused."""
    if name not in READERS:
        raise InputRefused("没有这个规则", name=name)
    return READERS[name](value)


async def rules_in_force(session: AsyncSession) -> Rules:
    """The rules with what has been set; a row that cannot be read changes nothing."""
    rows = (await session.scalars(select(FigureRuleRow))).all()
    causes = (await case_limits(session)).subjective_causes
    known = {row.name: row.value for row in rows if row.name in _FIELDS}
    return replace(
        Rules(subjective=causes), **{name: checked(name, value) for name, value in known.items()}
    )


_FIELDS = frozenset(READERS) - {"objection_days"}
