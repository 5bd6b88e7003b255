"""A step that somebody wants to take: who, on which case, with what data, under which rules."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.auth import Principal
from core.db.engine import UnitOfWork
from core.db.tables.cases import CaseRow
from core.db.tables.handling import LegRow
from core.domain.case_actions import CaseAction
from core.domain.case_limits import CaseLimits
from core.domain.cases import CaseStatus
from core.errors import InputRefused

_YES = frozenset({"true", "1", "yes", "on", "y", "是"})
_NO = frozenset({"false", "0", "no", "off", "n", "否"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that somebody wants to take; every value in `given` came from outside."""

    work: UnitOfWork
    case: CaseRow
    action: CaseAction
    by: Principal
    given: Mapping[str, Any]
    limits: CaseLimits = field(default_factory=CaseLimits)
    #: The case's open legs, once they were asked for (core.actions.legs.owed_legs).
    owed: list[LegRow] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.work.clock.now()

    @property
    def unit(self) -> str:
        """The department of the person who asks; "" for the centre."""
        return self.by.department_id or ""

    def text(self, name: str, default: str = "") -> str:
        """A given text, without the white space around it."""
        return str(self.given.get(name) or default).strip()

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A given yes or no, also as a form or another program writes it. Raises InputRefused."""
        value = self.given.get(name)
        if value is None or value == "":
            return default
        word = str(value).strip().lower()
        if word in _YES:
            return True
        if word in _NO:
            return False
        raise InputRefused("请选择是或否", fields=[name])

    def choice(self, name: str, choices: Collection[str], default: str = "") -> str:
        """A given word that must be one of these. Raises InputRefused."""
        value = self.text(name, default)
        if value not in choices:
            raise InputRefused(f"请从“{'、'.join(choices)}”中选择", fields=[name])
        return value

    def units(self, name: str) -> tuple[str, ...]:
        """Given ids of departments, each once."""
        value = self.given.get(name) or ()
        if isinstance(value, str) or not all(isinstance(unit, str) for unit in value):
            raise InputRefused("承办单位应为列表", fields=[name])
        return tuple(dict.fromkeys(value))


def at_work(case: CaseRow) -> CaseStatus:
    """The state of a case that a unit works on: from the second round on it says so."""
    return CaseStatus.REASSIGNED if case.round > 1 else CaseStatus.HANDLING
