"""A small city for tests of case life: two departments, limits, a calendar, people of each post."""

from datetime import date

from sqlalchemy import delete

from core.auth import Principal, Role
from core.db.engine import UnitOfWork
from core.db.tables.cases import CaseRow, DepartmentRow
from core.db.tables.handling import DutyRow, SlaRuleRow
from core.db.tables.lines import HolidayRow
from core.domain.cases import CaseStatus
from core.ids import AgentId, new_id

LAMPS, ROADS = "dep-lamps", "dep-roads"


def person(role: Role, department: str | None = None) -> Principal:
    """Somebody of this post."""
    name = f"{role.value}-{department or 'centre'}".lower()
    return Principal(AgentId(name), name, name, role, department)


async def build_city(work: UnitOfWork) -> None:
    """Departments, one general limit, and a holiday, in the place of the default city's."""
    for table in (DutyRow, SlaRuleRow, HolidayRow, DepartmentRow):
        await work.session.execute(delete(table))
    work.session.add_all(
        [
            DepartmentRow(id=LAMPS, name="市城市管理局", kind="局"),
            DepartmentRow(id=ROADS, name="市交通运输局", kind="局"),
            SlaRuleRow(
                id="general", limit_type="work_day", limit_value=5, sign_type="work_hour",
                sign_value=4, contact_type="work_day", contact_value=1,
            ),
            HolidayRow(day=date(2026, 11, 25), kind="OFF", name="测试假日"),
        ]
    )  # fmt: skip


def make_case(work: UnitOfWork, status: CaseStatus = CaseStatus.PENDING_ANALYSE) -> CaseRow:
    """A case of this state; every default valid."""
    case = CaseRow(
        id=new_id(),
        number=None,
        status=status.value,
        case_type="投诉",
        category="城市管理/路灯照明",
        title="路灯不亮",
        content="人民路路灯不亮",
        created_at=work.clock.now(),
    )
    work.session.add(case)
    return case
