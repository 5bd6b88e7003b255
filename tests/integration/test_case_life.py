"""A case's life on real PostgreSQL: the whole way, returns, rounds, clocks, two people at once."""

import asyncio
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions.requests import appeal, ask_extension, rule_extension
from core.auth import Role
from core.clock import city_time
from core.db.engine import Database
from core.db.repos.cases import timeline
from core.db.tables.cases import CaseRow
from core.db.tables.handling import ClockAlarmRow, DutyRow, RequestRow, SuperviseRow
from core.db.tables.outbox import AuditRow
from core.domain.case_steps import STEPS, CaseAction
from core.domain.cases import CaseStatus
from core.errors import HotlineError, InputRefused, NotAllowed, TransitionRefused
from core.events.memory_bus import MemoryBus
from core.events.relay import Relay
from tests.fakes.clock import FakeClock
from tests.support.city import LAMPS, ROADS, build_city, person
from tests.support.lives import (
    CHIEF,
    DISPATCHER,
    LAMP_DESK,
    OFFICER,
    REPLY,
    RETURN,
    ROAD_DESK,
    TO_LAMPS,
    TO_ROADS,
    A,
    Life,
    new_case,
)

pytestmark = pytest.mark.integration


@pytest.fixture
async def database(engine: AsyncEngine, clock: FakeClock) -> Database:
    made = Database(engine, publish=Relay(MemoryBus(), clock).publish, clock=clock)
    async with made.work() as work:
        await build_city(work)
        await work.commit()
    return made


@pytest.fixture
async def life(database: Database) -> Life:
    return Life(database, await new_case(database))


async def test_a_case_goes_all_the_way_from_dispatch_to_a_satisfied_citizen(life: Life) -> None:
    assert await life.step(A.DISPATCH, DISPATCHER, TO_LAMPS) == "DISPATCHED"
    assert await life.step(A.SIGN, LAMP_DESK) == "HANDLING"
    assert await life.step(A.REPLY, LAMP_DESK, REPLY) == "REPLIED"
    assert await life.step(A.APPROVE_REPLY, OFFICER) == "PENDING_CALLBACK"
    happy = {"satisfaction": "满意", "solved": "解决"}
    assert await life.step(A.SATISFIED, OFFICER, happy) == "CLOSED"
    case = await life.case()
    assert (case.public_reply, case.close_code) == ("路灯已修复", "已解决")
    assert (case.satisfaction_first, case.satisfaction_final) == ("满意", "满意")
    async with life.database.sessions() as session:
        rows = await timeline(session, life.case_id)
    assert [row.action for row in rows] == ["派遣", "签收", "反馈", "审核通过", "回访满意"]
    assert all("clock" in row.facts for row in rows)


async def test_the_clock_starts_at_dispatch_and_signing_does_not_move_it(
    life: Life, clock: FakeClock
) -> None:
    await life.step(A.DISPATCH, DISPATCHER, TO_LAMPS)
    due = (await life.case()).due_at
    assert due is not None
    # Monday 23 Nov noon + 5 working days, Wednesday being a day off
    assert city_time(due).isoformat() == "2026-12-01T18:00:00+08:00"
    clock.advance(48 * 3600)
    await life.step(A.SIGN, LAMP_DESK)
    assert (await life.case()).due_at == due


async def test_a_justified_return_gives_the_next_unit_its_full_limit(
    life: Life, clock: FakeClock
) -> None:
    await life.step(A.DISPATCH, DISPATCHER, TO_LAMPS)
    await life.step(A.SIGN, LAMP_DESK)
    assert await life.step(A.ASK_RETURN, LAMP_DESK, RETURN) == "RETURN_REVIEW"
    clock.advance(3600)
    assert await life.step(A.ALLOW_RETURN, DISPATCHER, TO_ROADS) == "DISPATCHED"
    old, new = await life.legs()
    assert (old.status, new.status) == ("RETURNED", "TO_SIGN")
    assert new.department_id == ROADS
    with pytest.raises(TransitionRefused):
        await life.step(A.SIGN, LAMP_DESK)
    assert await life.step(A.SIGN, ROAD_DESK) == "HANDLING"


async def test_a_refused_return_leaves_the_clock_running(life: Life, clock: FakeClock) -> None:
    await life.step(A.DISPATCH, DISPATCHER, TO_LAMPS)
    due = (await life.case()).due_at
    await life.step(A.ASK_RETURN, LAMP_DESK, RETURN)
    clock.advance(3600)
    assert await life.step(A.REFUSE_RETURN, DISPATCHER, {"reason": "属你单位职责"}) == "HANDLING"
    assert (await life.case()).due_at == due
    assert await life.count(RequestRow, RequestRow.verdict == "REFUSED") == 1


async def test_a_second_return_goes_to_a_conference_and_a_third_is_not_taken(life: Life) -> None:
    await life.step(A.DISPATCH, DISPATCHER, TO_LAMPS)
    await life.step(A.ASK_RETURN, LAMP_DESK, RETURN)
    with pytest.raises(TransitionRefused, match="会商"):
        await life.step(A.CALL_CONFERENCE, DISPATCHER, {"topic": "路灯归谁"})
    await life.step(A.ALLOW_RETURN, DISPATCHER, TO_ROADS)
    await life.step(A.ASK_RETURN, ROAD_DESK, {**RETURN, "proposed_unit": LAMPS})
    with pytest.raises(TransitionRefused, match="会商"):
        await life.step(A.ALLOW_RETURN, DISPATCHER, {"lead": LAMPS, "reason": "属市容照明"})
    with pytest.raises(TransitionRefused, match="督办员"):
        await life.step(A.REFUSE_RETURN, DISPATCHER, {"reason": "属你单位职责"})
    assert await life.step(A.CALL_CONFERENCE, DISPATCHER, {"topic": "路灯归谁"}) == "CONSULT"
    assert await life.count(SuperviseRow, SuperviseRow.reason == "多次退单") == 1
    decided = {"lead": LAMPS, "minutes": "会议认定由城管承办", "precedent": True}
    assert await life.step(A.CONCLUDE_CONFERENCE, DISPATCHER, decided) == "DISPATCHED"
    assert await life.count(DutyRow, DutyRow.source.startswith("会商纪要")) == 1
    with pytest.raises(TransitionRefused, match="上限"):
        await life.step(A.ASK_RETURN, LAMP_DESK, RETURN)


async def test_a_dissatisfied_citizen_starts_a_second_shorter_round(life: Life) -> None:
    for action, by, given in (
        (A.DISPATCH, DISPATCHER, TO_LAMPS),
        (A.REPLY, LAMP_DESK, REPLY),
    ):
        if action is A.REPLY:
            await life.step(A.SIGN, LAMP_DESK)
        await life.step(action, by, given)
    await life.step(A.APPROVE_REPLY, OFFICER)
    bad = {"satisfaction": "不满意", "cause": "敷衍", "solved": "未解决"}
    assert await life.step(A.DISSATISFIED, OFFICER, bad) == "REASSIGNED"
    first, second = await life.legs()
    assert (second.round, second.department_id) == (2, first.department_id)
    assert second.limit_value == first.limit_value / 2
    assert await life.count(SuperviseRow) == 0
    await life.step(A.REPLY, LAMP_DESK, REPLY)
    await life.step(A.APPROVE_REPLY, OFFICER)
    await life.step(A.DISSATISFIED, OFFICER, bad)
    assert await life.count(SuperviseRow) == 1
    case = await life.case()
    assert (case.round, case.satisfaction_first) == (3, "不满意")


async def test_an_objective_cause_is_no_second_assignment(life: Life) -> None:
    case_id = await new_case(life.database, CaseStatus.PENDING_CALLBACK)
    other = Life(life.database, case_id)
    given = {"satisfaction": "不满意", "cause": "政策限制"}
    with pytest.raises(TransitionRefused, match="主观"):
        await other.step(A.DISSATISFIED, OFFICER, given)


async def test_a_reply_without_its_form_is_refused_and_nothing_changes(life: Life) -> None:
    await life.step(A.DISPATCH, DISPATCHER, TO_LAMPS)
    await life.step(A.SIGN, LAMP_DESK)
    reply = {**REPLY, "solved": "列入计划"}
    with pytest.raises(InputRefused) as refused:
        await life.step(A.REPLY, LAMP_DESK, reply)
    assert refused.value.details["fields"] == ["plan_date"]
    assert (await life.case()).status == "HANDLING"


async def test_a_case_waits_for_every_unit_before_its_review(life: Life) -> None:
    await life.step(A.DISPATCH, DISPATCHER, {**TO_LAMPS, "supporting": [ROADS]})
    await life.step(A.SIGN, LAMP_DESK)
    assert await life.step(A.REPLY, LAMP_DESK, REPLY) == "HANDLING"
    assert await life.step(A.REPLY, ROAD_DESK, REPLY) == "REPLIED"


async def test_the_accused_unit_is_never_addressed(life: Life) -> None:
    async with life.database.work() as work:
        case = await work.session.get_one(CaseRow, life.case_id)
        case.accused = "市城市管理局"
        await work.commit()
    with pytest.raises(TransitionRefused, match="被举报"):
        await life.step(A.DISPATCH, DISPATCHER, TO_LAMPS)
    assert await life.step(A.DISPATCH, DISPATCHER, {**TO_LAMPS, "lead": ROADS}) == "DISPATCHED"


async def test_suspension_stops_the_clock_and_resuming_moves_due(
    life: Life, clock: FakeClock
) -> None:
    await life.step(A.DISPATCH, DISPATCHER, TO_LAMPS)
    await life.step(A.SIGN, LAMP_DESK)
    due = (await life.case()).due_at
    await life.step(A.SUSPEND, DISPATCHER, {"condition": "等施工", "resume_on": "2026-12-20"})
    assert await life.count(ClockAlarmRow, ClockAlarmRow.kind == "LATE") == 0
    clock.advance(24 * 3600)  # Monday noon to Tuesday noon: eight working hours
    await life.step(A.RESUME, DISPATCHER)
    moved = (await life.case()).due_at
    assert due is not None
    assert moved is not None
    assert (city_time(due).day, city_time(moved).day) == (1, 2)
    with pytest.raises(TransitionRefused, match="挂账"):
        await life.step(A.SUSPEND, DISPATCHER, {"condition": "再等", "resume_on": "2026-12-20"})


async def test_an_extension_moves_due_from_its_old_instant(life: Life) -> None:
    await life.step(A.DISPATCH, DISPATCHER, TO_LAMPS)
    ask = {"days": 2, "reason_code": "需工程施工", "words": "待料", "told_caller": True}
    async with life.database.work() as work:
        request = await ask_extension(work, life.case_id, by=LAMP_DESK, given=ask)
        await work.commit()
    async with life.database.work() as work:
        await rule_extension(work, request.id, allowed=True, by=DISPATCHER, reason="同意")
        await work.commit()
    due = (await life.case()).due_at
    assert due is not None
    assert city_time(due).isoformat() == "2026-12-03T18:00:00+08:00"
    async with life.database.work() as work:
        with pytest.raises(TransitionRefused):
            await rule_extension(work, request.id, allowed=False, by=DISPATCHER, reason="x")


@pytest.mark.parametrize(
    "change",
    [{"days": 0}, {"days": -1}, {"days": "多"}, {"days": 99}, {"told_caller": False}],
)
async def test_a_bad_extension_is_refused_in_words(life: Life, change: dict[str, Any]) -> None:
    await life.step(A.DISPATCH, DISPATCHER, TO_LAMPS)
    ask = {"days": 2, "reason_code": "其他", "told_caller": True, **change}
    async with life.database.work() as work:
        with pytest.raises(InputRefused):
            await ask_extension(work, life.case_id, by=LAMP_DESK, given=ask)


async def test_after_due_nobody_asks_for_more_time(life: Life, clock: FakeClock) -> None:
    await life.step(A.DISPATCH, DISPATCHER, TO_LAMPS)
    clock.advance(30 * 24 * 3600)
    async with life.database.work() as work:
        with pytest.raises(TransitionRefused, match="超过"):
            await ask_extension(
                work, life.case_id, by=LAMP_DESK, given={"days": 1, "told_caller": True}
            )


async def test_an_appeal_comes_after_closing_and_only_once(life: Life) -> None:
    async with life.database.work() as work:
        with pytest.raises(TransitionRefused):
            await appeal(work, life.case_id, by=LAMP_DESK, given={"words": "不可抗力"})
    await life.closed()
    async with life.database.work() as work:
        request = await appeal(work, life.case_id, by=LAMP_DESK, given={"words": "不可抗力"})
        await work.commit()
    async with life.database.work() as work:
        with pytest.raises(TransitionRefused, match="一次"):
            await appeal(work, life.case_id, by=LAMP_DESK, given={"words": "再来"})
    async with life.database.work() as work:
        with pytest.raises(TransitionRefused, match="没有承办"):
            await appeal(work, life.case_id, by=ROAD_DESK, given={"words": "我也要"})
    verdict = {"request_id": request.id, "allowed": True, "reason": "台风"}
    with pytest.raises(TransitionRefused, match="初审"):
        await life.step(A.RULE_APPEAL, CHIEF, verdict)
    await life.step(A.REVIEW_APPEAL, CHIEF, verdict)
    with pytest.raises(TransitionRefused, match="同一人"):
        await life.step(A.RULE_APPEAL, CHIEF, verdict)
    assert await life.step(A.RULE_APPEAL, person(Role.DIRECTOR), verdict) == "CLOSED"
    (leg,) = await life.legs()
    assert leg.exempt
    assert leg.stopped_at is not None, "the fact stays"


async def test_two_people_at_once_take_one_step(life: Life) -> None:
    results = await asyncio.gather(
        *(life.step(A.DISPATCH, DISPATCHER, TO_LAMPS) for _ in range(6)), return_exceptions=True
    )
    done = [r for r in results if r == "DISPATCHED"]
    refused = [r for r in results if isinstance(r, TransitionRefused)]
    assert (len(done), len(refused)) == (1, 5)
    assert len(await life.legs()) == 1


async def test_every_refused_step_is_audited_and_changes_nothing(database: Database) -> None:
    for status in CaseStatus:
        case_id = await new_case(database, status)
        life = Life(database, case_id)
        for action in CaseAction:
            if (action, status) in STEPS:
                continue
            with pytest.raises(HotlineError):
                await life.step(action, CHIEF, {})
        assert (await life.case()).status == status.value
        refusals = await life.count(
            AuditRow, AuditRow.entity_id == case_id, AuditRow.action.startswith("refused:")
        )
        assert refusals == sum((action, status) not in STEPS for action in CaseAction)


async def test_a_clerk_without_the_post_is_refused(life: Life) -> None:
    with pytest.raises(NotAllowed):
        await life.step(A.DISPATCH, LAMP_DESK, TO_LAMPS)


async def test_twenty_megabytes_of_text_are_refused(life: Life) -> None:
    with pytest.raises(InputRefused, match="过长"):
        await life.step(A.DISPATCH, DISPATCHER, {**TO_LAMPS, "basis": "长" * 7_000_000})
