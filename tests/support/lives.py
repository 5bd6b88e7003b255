"""Steps of one case's life, each by somebody, for tests on real PostgreSQL."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from core.actions.case_steps import attempt_step
from core.auth import Principal, Role
from core.db.engine import Database
from core.db.tables.cases import CaseEventRow, CaseRow
from core.db.tables.handling import LegRow
from core.domain.case_steps import CaseAction
from core.domain.cases import CaseStatus
from core.ids import CaseId
from tests.support.city import LAMPS, ROADS, make_case, person

A = CaseAction
DISPATCHER = person(Role.DISPATCHER)
OFFICER = person(Role.CALLBACK)
CHIEF = person(Role.SUPERVISOR)
BOSS = person(Role.DIRECTOR)
AGENT = person(Role.AGENT)
LAMP_DESK = person(Role.UNIT_OPS, LAMPS)
LAMP_LEAD = person(Role.UNIT_LEAD, LAMPS)
ROAD_DESK = person(Role.UNIT_OPS, ROADS)
TO_LAMPS = {"category": "城市管理/路灯照明", "lead": LAMPS, "basis": "派单目录1"}
TO_ROADS = {"lead": ROADS, "reason": "属道路照明设施"}
RETURN = {"reason_code": "职能不符", "basis": "三定方案", "proposed_unit": ROADS}
REPLY = {
    "demand_true": "是", "contacted": "已联系", "solved": "已解决", "handling_detail": "更换灯泡",
    "public_reply": "路灯已修复", "handler": "张三",
}  # fmt: skip
HAPPY = {"satisfaction": "满意", "solved": "解决"}
UNHAPPY = {"satisfaction": "不满意", "cause": "敷衍", "solved": "未解决"}


async def new_case(database: Database, status: CaseStatus = CaseStatus.PENDING_ANALYSE) -> CaseId:
    async with database.work() as work:
        case = make_case(work, status)
        await work.commit()
    return CaseId(case.id)


class Life:
    """Steps of one case, each by somebody."""

    def __init__(self, database: Database, case_id: CaseId) -> None:
        self.database = database
        self.case_id = case_id

    async def step(
        self, action: CaseAction, by: Principal, given: Mapping[str, Any] | None = None
    ) -> str:
        case = await attempt_step(self.database, self.case_id, action, by=by, given=given or {})
        return case.status

    async def case(self) -> CaseRow:
        async with self.database.sessions() as session:
            return await session.get_one(CaseRow, self.case_id)

    async def legs(self) -> list[LegRow]:
        async with self.database.sessions() as session:
            query = select(LegRow).where(LegRow.case_id == self.case_id)
            return list((await session.scalars(query.order_by(LegRow.dispatched_at))).all())

    async def count(self, row: Any, *where: Any) -> int:
        async with self.database.sessions() as session:
            query = select(func.count()).select_from(row).where(*where)
            return int(await session.scalar(query) or 0)

    async def all(self, row: Any, *where: Any) -> list[Any]:
        async with self.database.sessions() as session:
            return list((await session.scalars(select(row).where(*where))).all())

    async def actions(self) -> list[str]:
        """The words on the timeline, in order."""
        rows = await self.all(CaseEventRow, CaseEventRow.case_id == self.case_id)
        return [row.action for row in sorted(rows, key=lambda row: (row.at, row.id))]

    async def dispatched(self) -> "Life":
        await self.step(A.DISPATCH, DISPATCHER, TO_LAMPS)
        return self

    async def handling(self) -> "Life":
        await self.dispatched()
        await self.step(A.SIGN, LAMP_DESK)
        return self

    async def replied(self) -> "Life":
        await self.handling()
        await self.step(A.REPLY, LAMP_DESK, REPLY)
        return self

    async def to_call_back(self) -> "Life":
        await self.replied()
        await self.step(A.APPROVE_REPLY, OFFICER)
        return self

    async def closed(self) -> "Life":
        await self.to_call_back()
        await self.step(A.SATISFIED, OFFICER, HAPPY)
        return self
