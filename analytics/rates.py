"""Rates with their numerator and denominator, and how they compare with an earlier period.

Source: domain.md 3. Percent has two decimals, half up; a rate without cases is "—", never 100 %.
Counts compare in relative percent, rates in percentage points.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

NO_CASES = "—"
_CENT = Decimal("0.01")


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of cases. num may be fractional where half a case counts (partly solved)."""

    num: Decimal
    den: Decimal

    @classmethod
    def of(cls, num: float | Decimal, den: float | Decimal) -> "Rate":
        return cls(Decimal(str(num)), Decimal(str(den)))

    @property
    def percent(self) -> Decimal | None:
        """The rate in percent with two decimals; None without cases."""
        if self.den == 0:
            return None
        return _rounded(self.num * 100 / self.den)

    def shown(self) -> str:
        """As a report prints it: 99.13% or —."""
        return NO_CASES if self.percent is None else f"{self.percent}%"


def count_change(now: int, before: int) -> Decimal | None:
    """Relative change of a count in percent; None when there was nothing before."""
    if before == 0:
        return None
    return _rounded(Decimal(now - before) * 100 / Decimal(before))


def point_change(now: Rate, before: Rate) -> Decimal | None:
    """Change of a rate in percentage points; None when either period had no cases."""
    if now.percent is None or before.percent is None:
        return None
    return now.percent - before.percent
