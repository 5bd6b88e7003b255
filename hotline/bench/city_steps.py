"""How many steps of cases one process takes in a second, each with its audit entry and event."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from core.actions.case_steps import attempt_step
from core.auth import Principal, Role
from core.clock import SystemClock
from core.db.engine import Database, make_engine
from core.db.tables.cases import CaseRow
from core.domain.case_actions import CaseAction
from core.domain.cases import CaseStatus
from core.events.relay import Relay
from core.ids import AgentId, CaseId, new_id
from hotline.bench.figures import Figure, at_least, at_most, percentile, plain
from hotline.bench.instance import Instance

CASES, WORKERS = 200, 8
TARGET, TARGET_MS = 50, 500
A = CaseAction
REPLY: Mapping[str, str] = {
    "demand_true": "是", "contacted": "已联系", "solved": "已解决", "handling_detail": "已处理",
    "public_reply": "已安排处理并修复完成", "handler": "经办人",
}  # fmt: skip
ANSWER: Mapping[str, str] = {"satisfaction": "满意", "solved": "解决"}


def _person(role: Role, unit: str | None = None) -> Principal:
    name = f"bench-{role.value.lower()}"
    return Principal(AgentId(name), name, name, role, unit)


def _life(unit: str) -> Sequence[tuple[CaseAction, Principal, Mapping[str, Any]]]:
    """The shortest whole way of a case."""
    desk, officer = _person(Role.UNIT_OPS, unit), _person(Role.CALLBACK)
    dispatch = {"category": "城市管理/路灯照明", "lead": unit, "basis": "派单目录"}
    return (
        (A.DISPATCH, _person(Role.DISPATCHER), dispatch),
        (A.SIGN, desk, {}),
        (A.REPLY, desk, REPLY),
        (A.APPROVE_REPLY, officer, {}),
        (A.SATISFIED, officer, ANSWER),
    )


async def measure_steps(instance: Instance, units: Sequence[str]) -> list[Figure]:
    """Whole lives of fresh cases, several at once, in this one process."""
    clock = SystemClock()
    engine = make_engine(instance.settings.database_url, pool_size=WORKERS)
    database = Database(engine, publish=Relay(instance.bus, clock).publish, clock=clock)
    waiting = list(enumerate(await _accepted(database)))
    taken: list[float] = []

    async def work_through() -> None:
        while waiting:
            number, case_id = waiting.pop()
            for action, by, given in _life(units[number % len(units)]):
                start = clock.monotonic()
                await attempt_step(database, case_id, action, by=by, given=given)
                taken.append((clock.monotonic() - start) * 1000)

    start = clock.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(WORKERS):
            group.create_task(work_through())
    seconds = clock.monotonic() - start
    await engine.dispose()
    return [
        at_least("工单流转（一个进程）", len(taken) / seconds, "steps/s", limit=TARGET),
        plain("流转一步 p50", percentile(taken, 0.5), "ms"),
        at_most("流转一步 p95", percentile(taken, 0.95), "ms", limit=TARGET_MS),
    ]


async def _accepted(database: Database) -> list[CaseId]:
    """Cases that wait to be dispatched."""
    async with database.work() as work:
        rows = [
            CaseRow(
                id=new_id(), status=CaseStatus.PENDING_ANALYSE.value, case_type="投诉",
                category="城市管理/路灯照明", title="路灯不亮", content=f"第{number}盏路灯不亮",
                created_at=work.clock.now(), submitted_at=work.clock.now(),
            )
            for number in range(CASES)
        ]  # fmt: skip
        work.session.add_all(rows)
        await work.commit()
    return [CaseId(row.id) for row in rows]
