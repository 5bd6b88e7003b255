"""What accompanies a case on real PostgreSQL: requests, third level, pressing, families, rounds."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions.drafts import submit_draft
from core.actions.intake import open_form, take_in
from core.actions.mediation import seal_parties
from core.actions.rules import change_rule
from core.auth import SYSTEM, Role
from core.clock import city_time
from core.db.engine import Database
from core.db.tables.cases import CaseRow, DepartmentRow
from core.db.tables.handling import (
    CallbackAttemptRow,
    ClockAlarmRow,
    DutyRow,
    LegRow,
    RequestRow,
    SuperviseRow,
    UrgeRow,
)
from core.db.tables.sides import ConferenceRow, MediationRow, RuleSettingRow, StageClockRow
from core.domain.cases import CaseStatus, Channel
from core.errors import InputRefused, NotAllowed, TransitionRefused
from core.ids import CaseId
from core.vault import Vault
from tests.fakes.clock import FakeClock
from tests.support.city import LAMPS, ROADS, build_city, person
from tests.support.lives import (
    AGENT,
    CHIEF,
    DISPATCHER,
    HAPPY,
    LAMP_DESK,
    LAMP_LEAD,
    OFFICER,
    REPLY,
    RETURN,
    ROAD_DESK,
    TO_LAMPS,
    TO_ROADS,
    UNHAPPY,
    A,
    Life,
    new_case,
)

pytestmark = pytest.mark.integration
TEAM = "dep-lamps-team"
TEAM_DESK = person(Role.UNIT3, TEAM)
VAULT = Vault(bytes(32))
TWO_DAYS = {"days": 2, "told_caller": True, "told_at": "2026-11-23T11:00+08:00"}


@pytest.fixture
async def database(engine: AsyncEngine, clock: FakeClock) -> Database:
    made = Database(engine, clock=clock)
    async with made.work() as work:
        await build_city(work)
        work.session.add(DepartmentRow(id=TEAM, name="路灯管理所", kind="所", parent_id=LAMPS))
        await work.commit()
    return made


@pytest.fixture
async def life(database: Database) -> Life:
    return Life(database, await new_case(database))


async def due_of(life: Life) -> str:
    due = (await life.case()).due_at
    assert due is not None
    return city_time(due).strftime("%m-%d %H:%M")


# --- requests --------------------------------------------------------------------------------


async def test_a_refused_extension_costs_no_try_and_two_allowed_ones_are_all(life: Life) -> None:
    await life.handling()
    for verdict in ("refused", "allowed", "refused", "allowed"):
        await life.step(A.ASK_EXTENSION, LAMP_DESK, TWO_DAYS)
        with pytest.raises(TransitionRefused, match="重复"):
            await life.step(A.ASK_EXTENSION, LAMP_DESK, TWO_DAYS)
        (request,) = await life.all(RequestRow, RequestRow.verdict.is_(None))
        action = A.ALLOW_EXTENSION if verdict == "allowed" else A.REFUSE_REQUEST
        await life.step(action, DISPATCHER, {"request_id": request.id, "reason": "见附件"})
    assert (await life.case()).extensions == 2
    assert await due_of(life) == "12-07 18:00", "old due plus two and two working days"
    with pytest.raises(TransitionRefused, match="延期次数"):
        await life.step(A.ASK_EXTENSION, LAMP_DESK, TWO_DAYS)


async def test_while_more_time_is_asked_for_nobody_is_called_late(
    life: Life, clock: FakeClock
) -> None:
    await life.handling()
    clock.advance(timedelta(days=8))  # Tuesday noon, due at 18:00
    await life.step(A.ASK_EXTENSION, LAMP_DESK, TWO_DAYS)
    assert await life.count(ClockAlarmRow, ClockAlarmRow.kind == "LATE") == 0
    clock.advance(timedelta(days=1))
    (request,) = await life.all(RequestRow)
    await life.step(A.REFUSE_REQUEST, DISPATCHER, {"request_id": request.id, "reason": "不必"})
    assert await due_of(life) == "12-02 18:00", "four hours were left, and are left again"
    assert await life.count(ClockAlarmRow, ClockAlarmRow.kind == "LATE") == 1


async def test_a_limit_in_hours_is_extended_in_hours(life: Life) -> None:
    await life.handling()
    async with life.database.work() as work:
        leg = await work.session.get_one(LegRow, (await life.legs())[0].id)
        leg.limit_type, leg.limit_value = "urgent_hour", 24
        await work.commit()
    with pytest.raises(InputRefused, match="小时"):
        await life.step(A.ASK_EXTENSION, LAMP_DESK, TWO_DAYS)
    with pytest.raises(InputRefused, match="原办理期限"):
        await life.step(A.ASK_EXTENSION, LAMP_DESK, {"hours": 25, "told_caller": True})
    await life.step(A.ASK_EXTENSION, LAMP_DESK, {"hours": 12, "told_caller": True})


async def test_a_unit_asks_for_suspension_and_the_centre_decides(life: Life) -> None:
    await life.handling()
    wish = {"condition": "等施工", "resume_on": "2026-12-20"}
    await life.step(A.ASK_SUSPENSION, LAMP_DESK, wish)
    assert await life.step(A.SUSPEND, DISPATCHER, wish) == "SUSPENDED"
    (request,) = await life.all(RequestRow)
    assert (request.verdict, request.asked_by) == ("ALLOWED", LAMP_DESK.agent_id)


async def test_a_unit_whose_leader_must_approve_waits_for_him(life: Life) -> None:
    async with life.database.work() as work:
        admin = person(Role.ADMIN)
        await change_rule(work, "unit_approval", True, by=admin)
        await work.commit()
    await life.dispatched()
    await life.step(A.ASK_RETURN, LAMP_DESK, RETURN)
    with pytest.raises(TransitionRefused, match="领导审批"):
        await life.step(A.ALLOW_RETURN, DISPATCHER, TO_ROADS)
    (request,) = await life.all(RequestRow)
    await life.step(A.APPROVE_REQUEST, LAMP_LEAD, {"request_id": request.id})
    assert await life.step(A.ALLOW_RETURN, DISPATCHER, TO_ROADS) == "DISPATCHED"


async def test_a_case_that_ends_settles_what_was_asked_for(life: Life) -> None:
    await life.handling()
    await life.step(A.ASK_UNREASONABLE, LAMP_DESK, {"reason_code": "无理", "evidence": "录音"})
    await life.step(A.ASK_TERMINATION, DISPATCHER, {"channel": "诉讼", "reason": "已起诉"})
    await life.step(A.TERMINATE, CHIEF, {"channel": "诉讼", "reason": "已立案"})
    rows = await life.all(RequestRow)
    assert {row.kind: row.verdict for row in rows} == {
        "UNREASONABLE": "REFUSED",
        "TERMINATION": "ALLOWED",
    }
    other = await Life(life.database, await new_case(life.database)).handling()
    with pytest.raises(InputRefused, match="诉讼"):
        await other.step(A.TERMINATE, CHIEF, {"channel": "拖延", "reason": "不想办"})


async def test_a_rule_changed_by_an_administrator_holds_from_the_next_step_on(life: Life) -> None:
    async with life.database.work() as work:
        with pytest.raises(NotAllowed):
            await change_rule(work, "suspensions", 2, by=DISPATCHER)
        with pytest.raises(InputRefused):
            await change_rule(work, "suspensions", -1, by=person(Role.ADMIN))
        await change_rule(work, "suspensions", 2, by=person(Role.ADMIN))
        await work.commit()
    wish = {"condition": "等", "resume_on": "2026-12-20"}
    await life.handling()
    for _ in range(2):
        await life.step(A.SUSPEND, DISPATCHER, wish)
        await life.step(A.RESUME, DISPATCHER)
    with pytest.raises(TransitionRefused, match="挂账次数"):
        await life.step(A.SUSPEND, DISPATCHER, wish)
    (row,) = await life.all(RuleSettingRow, RuleSettingRow.name == "suspensions")
    assert (row.value, row.version) == (2, 2)


# --- owners ----------------------------------------------------------------------------------


async def test_the_case_keeps_its_due_when_it_changes_hands(life: Life, clock: FakeClock) -> None:
    await life.dispatched()
    clock.advance(timedelta(days=1))
    await life.step(A.ASK_RETURN, LAMP_DESK, RETURN)
    await life.step(A.ALLOW_RETURN, DISPATCHER, TO_ROADS)
    assert await due_of(life) == "12-01 18:00"
    new = (await life.legs())[-1]
    assert city_time(new.due_at).strftime("%m-%d") == "12-02", "the new unit has its full limit"
    assert await life.count(ClockAlarmRow, ClockAlarmRow.kind == "CASE_LATE") == 1


async def test_a_refused_return_counts_as_improper(life: Life) -> None:
    await life.dispatched()
    await life.step(A.ASK_RETURN, LAMP_DESK, RETURN)
    await life.step(A.REFUSE_RETURN, DISPATCHER, {"reason": "属你单位"})
    (request,) = await life.all(RequestRow)
    assert request.facts["improper"] is True
    assert await life.step(A.SIGN, LAMP_DESK) == "HANDLING"


async def test_a_unit_that_does_not_sign_does_not_keep_the_right_to_return(
    life: Life, clock: FakeClock
) -> None:
    await life.dispatched()
    clock.advance(timedelta(days=1, hours=3))  # Tuesday afternoon: more than eight office hours
    with pytest.raises(TransitionRefused, match="退单时限"):
        await life.step(A.ASK_RETURN, LAMP_DESK, RETURN)


async def test_a_form_waits_with_a_clock_until_somebody_accepts_it(
    database: Database, clock: FakeClock
) -> None:
    async with database.work() as work:
        fields = {"case_type": "投诉", "summary": "路灯不亮", "phone": "13800001234"}
        case = await open_form(work, fields, channel=Channel.WEB, by=AGENT)
        await work.commit()
    clock.advance(timedelta(minutes=20))
    async with database.work() as work:
        await submit_draft(work, CaseId(case.id), actor=AGENT.agent_id, vault=VAULT)
        await work.commit()
    stages = await Life(database, CaseId(case.id)).all(StageClockRow)
    assert {row.stage: row.late for row in stages} == {"ACCEPT": True, "DISPATCH": False}


async def test_a_precedent_ends_the_line_that_said_otherwise(life: Life) -> None:
    async with life.database.work() as work:
        work.session.add(
            DutyRow(
                id="old", category_prefix=TO_LAMPS["category"], area=None, lead_id=LAMPS,
                basis="旧", valid_from=work.clock.now().date(), source="初始数据",
            )
        )  # fmt: skip
        await work.commit()
    await life.dispatched()
    await life.step(A.ASK_RETURN, LAMP_DESK, RETURN)
    await life.step(A.CALL_CONFERENCE, DISPATCHER, {"topic": "路灯", "no_owner": True})
    decided = {"lead": ROADS, "minutes": "由交通承办", "precedent": True}
    await life.step(A.CONCLUDE_CONFERENCE, DISPATCHER, decided)
    rows = {row.lead_id: row for row in await life.all(DutyRow)}
    assert rows[LAMPS].valid_to == rows[ROADS].valid_from
    assert rows[ROADS].valid_to is None
    (conference,) = await life.all(ConferenceRow)
    assert (conference.minutes, conference.precedent) == ("由交通承办", True)
    assert conference.number in rows[ROADS].source


async def test_an_inner_deadline_lies_within_ones_own_and_the_reply_goes_up(life: Life) -> None:
    await life.handling()
    hand_on: dict[str, Any] = {"unit": TEAM, "inner_due": "2026-12-02"}
    with pytest.raises(TransitionRefused, match="不晚于"):
        await life.step(A.SUB_DISPATCH, LAMP_DESK, hand_on)
    with pytest.raises(TransitionRefused, match="下属"):
        await life.step(A.SUB_DISPATCH, LAMP_DESK, {**hand_on, "unit": ROADS})
    hand_on["inner_due"] = "2026-11-27"
    await life.step(A.SUB_DISPATCH, LAMP_DESK, hand_on)
    with pytest.raises(TransitionRefused, match="已在承办"):
        await life.step(A.SUB_DISPATCH, LAMP_DESK, hand_on)
    below = (await life.legs())[-1]
    assert (below.level, city_time(below.due_at).strftime("%m-%d %H:%M")) == (3, "11-27 18:00")
    await life.step(A.SIGN, TEAM_DESK)
    assert await life.step(A.REPLY, TEAM_DESK, REPLY) == "HANDLING", "the unit above answers"
    assert await life.step(A.REPLY, LAMP_DESK, REPLY) == "REPLIED"
    await life.step(A.APPROVE_REPLY, OFFICER)
    assert {leg.status for leg in await life.legs()} == {"ACCEPTED"}


async def test_a_reply_from_above_takes_back_what_was_handed_on(life: Life) -> None:
    await life.handling()
    await life.step(A.SUB_DISPATCH, LAMP_DESK, {"unit": TEAM, "inner_due": "2026-11-27"})
    assert await life.step(A.REPLY, LAMP_DESK, REPLY) == "REPLIED"
    assert {leg.department_id: leg.status for leg in await life.legs()} == {
        LAMPS: "REPLIED",
        TEAM: "WITHDRAWN",
    }


async def test_a_supporting_unit_is_added_with_no_more_time_than_the_lead(
    life: Life, clock: FakeClock
) -> None:
    await life.handling()
    clock.advance(timedelta(days=1))
    await life.step(A.ADD_SUPPORT, LAMP_DESK, {"unit": ROADS})
    lead, support = await life.legs()
    assert support.due_at == lead.due_at
    with pytest.raises(TransitionRefused, match="主办"):
        await life.step(A.ADD_SUPPORT, ROAD_DESK, {"unit": TEAM})
    assert await life.step(A.SIGN, ROAD_DESK) == "HANDLING"
    with pytest.raises(TransitionRefused, match="签收"):
        await life.step(A.SIGN, ROAD_DESK)


async def test_rework_gives_back_what_was_left_and_a_late_reply_stays_late(
    life: Life, clock: FakeClock
) -> None:
    await life.handling()
    clock.advance(timedelta(days=1))  # Tuesday noon
    await life.step(A.REPLY, LAMP_DESK, REPLY)
    clock.advance(timedelta(days=14))  # our own review takes two weeks
    await life.step(A.REWORK, OFFICER, {"reason": "答非所问"})
    (leg,) = await life.legs()
    assert city_time(leg.due_at).strftime("%m-%d %H:%M") == "12-14 18:00"
    assert not leg.due_at < clock.now()
    clock.advance(timedelta(days=30))
    await life.step(A.REPLY, LAMP_DESK, REPLY)
    await life.step(A.REWORK, OFFICER, {"reason": "还是不行"})
    (late,) = await life.legs()
    assert late.due_at == leg.due_at


async def test_what_was_asked_for_a_leg_that_is_no_more_is_settled(life: Life) -> None:
    await life.dispatched()
    await life.step(A.ASK_EXTENSION, LAMP_DESK, TWO_DAYS)
    await life.step(A.ASK_RETURN, LAMP_DESK, RETURN)
    await life.step(A.ALLOW_RETURN, DISPATCHER, TO_ROADS)
    assert {row.kind: row.verdict for row in await life.all(RequestRow)} == {
        "EXTENSION": "REFUSED",
        "RETURN": "ALLOWED",
    }


async def test_a_reply_ends_the_waiting_for_more_time(life: Life) -> None:
    await life.handling()
    await life.step(A.ASK_EXTENSION, LAMP_DESK, TWO_DAYS)
    await life.step(A.REPLY, LAMP_DESK, REPLY)
    await life.step(A.REWORK, OFFICER, {"reason": "答非所问"})
    assert await life.count(ClockAlarmRow, ClockAlarmRow.kind == "LATE") == 1


# --- pressing --------------------------------------------------------------------------------


async def test_three_urgings_of_the_caller_call_supervision_once(life: Life) -> None:
    await life.handling()
    for seq in range(1, 5):
        await life.step(A.URGE, AGENT, {"words": "快一点", "call_id": f"call-{seq}"})
        assert await life.count(SuperviseRow) == (1 if seq >= 3 else 0)
    rows = await life.all(UrgeRow)
    assert sorted(row.seq for row in rows) == [1, 2, 3, 4]
    assert (await life.case()).status == "HANDLING"
    await life.step(A.READ_URGES, LAMP_DESK)
    assert all(row.read_by == LAMP_DESK.agent_id for row in await life.all(UrgeRow))


async def test_a_supervisor_who_presses_does_not_count_as_the_caller(life: Life) -> None:
    await life.handling()
    for _ in range(4):
        await life.step(A.URGE, CHIEF, {"words": "请抓紧"})
    assert await life.count(SuperviseRow) == 0


async def test_an_order_goes_its_way_from_issue_to_close(life: Life) -> None:
    await life.handling()
    await life.step(A.SUPERVISE, CHIEF, {"kind": "leader", "reason": "批示", "level": "2"})
    (order,) = await life.all(SuperviseRow)
    named = {"order_id": order.id}
    assert (order.level, order.department_id, order.state) == (2, LAMPS, "OPEN")
    with pytest.raises(TransitionRefused, match="您的单位"):
        await life.step(A.REPLY_SUPERVISION, ROAD_DESK, {**named, "reply": "我来"})
    await life.step(A.ASK_SUPERVISION_BACK, LAMP_DESK, {**named, "reason": "已办完"})
    await life.step(A.REVIEW_SUPERVISION, CHIEF, {**named, "accepted": False})
    await life.step(A.REPLY_SUPERVISION, LAMP_DESK, {**named, "reply": "已更换"})
    with pytest.raises(TransitionRefused, match="督办单"):
        await life.step(A.REPLY_SUPERVISION, LAMP_DESK, {**named, "reply": "再说一次"})
    await life.step(A.REVIEW_SUPERVISION, CHIEF, {**named, "accepted": True})
    await life.step(A.CLOSE_SUPERVISION, CHIEF, named)
    (order,) = await life.all(SuperviseRow)
    assert (order.state, order.reply) == ("ORDER_CLOSED", "已更换")
    assert await life.count(ClockAlarmRow, ClockAlarmRow.kind == "ORDER_LATE") == 0


async def test_what_a_leader_has_instructed_is_supervised_from_its_dispatch_on(
    database: Database,
) -> None:
    async with database.work() as work:
        fields = {"case_type": "投诉", "summary": "路灯不亮"}
        case = await take_in(work, fields, channel=Channel.LEADER, by=AGENT, vault=VAULT)
        await work.commit()
    life = await Life(database, CaseId(case.id)).dispatched()
    (order,) = await life.all(SuperviseRow)
    assert (order.kind, order.level, order.department_id) == ("leader", 2, LAMPS)
    assert order.number == f"{case.number}-D1"


# --- families --------------------------------------------------------------------------------


async def child_of(life: Life) -> Life:
    child = Life(life.database, await new_case(life.database))
    given = {"master": life.case_id, "same_demand_confirmed": True, "similarity": 0.9}
    assert await child.step(A.MERGE, DISPATCHER, given) == "MERGED"
    return child


async def test_children_follow_their_master_into_callbacks_of_their_own(life: Life) -> None:
    await life.handling()
    one, two = await child_of(life), await child_of(life)
    await life.step(A.REPLY, LAMP_DESK, REPLY)
    await life.step(A.APPROVE_REPLY, OFFICER)
    for child in (one, two):
        case = await child.case()
        assert (case.status, case.public_reply) == ("PENDING_CALLBACK", "路灯已修复")
    assert await one.step(A.SATISFIED, OFFICER, HAPPY) == "CLOSED"
    assert (await life.case()).status == "PENDING_CALLBACK", "closing one child closes only it"
    assert await two.step(A.DISSATISFIED, OFFICER, UNHAPPY) == "REASSIGNED"
    (leg,) = await two.legs()
    assert (leg.department_id, leg.round) == (LAMPS, 2)
    assert await life.step(A.SATISFIED, OFFICER, HAPPY) == "CLOSED"


async def test_a_master_that_ends_otherwise_sets_its_children_free(life: Life) -> None:
    await life.handling()
    child = await child_of(life)
    await life.step(A.TERMINATE, CHIEF, {"channel": "诉讼", "reason": "已起诉"})
    assert (await child.case()).status == "PENDING_ANALYSE"


async def test_unmerging_is_possible_until_the_reply_and_merging_again_after_it(life: Life) -> None:
    await life.handling()
    child = await child_of(life)
    await life.step(A.ASK_RETURN, LAMP_DESK, RETURN)
    await life.step(A.ASK_INFO, DISPATCHER, {"reason": "不清"})
    await life.step(A.COMPLETE_INFO, AGENT, {"content": "补充"})
    into = {"master": await new_case(life.database), "same_demand_confirmed": True}
    with pytest.raises(TransitionRefused, match="子单"):
        await life.step(A.MERGE, DISPATCHER, into)
    assert await child.step(A.UNMERGE, DISPATCHER, {"reason": "不同"}) == "PENDING_ANALYSE"
    again = {"master": life.case_id, "same_demand_confirmed": True}
    assert await child.step(A.MERGE, DISPATCHER, again) == "MERGED"
    await life.dispatched()
    await life.step(A.SIGN, LAMP_DESK)
    await life.step(A.REPLY, LAMP_DESK, REPLY)
    with pytest.raises(TransitionRefused, match="已反馈"):
        await child.step(A.UNMERGE, DISPATCHER, {"reason": "不同"})


async def test_nothing_is_merged_into_itself_or_into_what_has_ended(life: Life) -> None:
    for master in (life.case_id, "no-such-case"):
        with pytest.raises(TransitionRefused, match="主单"):
            await life.step(
                A.MERGE, DISPATCHER, {"master": master, "same_demand_confirmed": True}
            )  # fmt: skip


# --- callbacks -------------------------------------------------------------------------------


async def test_three_attempts_need_two_days_an_hour_off_and_a_message(
    life: Life, clock: FakeClock
) -> None:
    await life.to_call_back()
    clock.advance(timedelta(hours=3))  # 15:00, in office hours
    for _ in range(3):
        await life.step(A.NOTE_ATTEMPT, OFFICER, {"attempt": 7, "off_hours": True})
    with pytest.raises(TransitionRefused, match="两天"):
        await life.step(A.UNREACHABLE, OFFICER, {"sms": "已发"})
    clock.advance(timedelta(days=1))
    await life.step(A.NOTE_ATTEMPT, OFFICER)
    rows = await life.all(CallbackAttemptRow)
    assert [row.attempt for row in sorted(rows, key=lambda row: row.attempt)] == [1, 2, 3, 4]
    off = [row.off_hours for row in rows]
    # Wednesday is a local day off: the server's own calendar says so, not the form.
    clock.advance(timedelta(days=1))
    await life.step(A.NOTE_ATTEMPT, OFFICER)
    assert off == [False] * 4
    with pytest.raises(InputRefused):
        await life.step(A.UNREACHABLE, OFFICER)
    assert await life.step(A.UNREACHABLE, SYSTEM, {"sms": "已发短信"}) == "CLOSED"
    case = await life.case()
    assert (case.close_code, case.satisfaction_final) == ("无法联系", None)


async def test_a_third_plain_assignment_is_refused_and_both_satisfactions_are_kept(
    life: Life,
) -> None:
    await life.to_call_back()
    for round_ in (2, 3):
        await life.step(A.DISSATISFIED, OFFICER, UNHAPPY)
        assert await life.count(SuperviseRow) == round_ - 2, "the second time under supervision"
        await life.step(A.REPLY, LAMP_DESK, REPLY)
        await life.step(A.APPROVE_REPLY, OFFICER)
    with pytest.raises(TransitionRefused, match="督办或会商"):
        await life.step(A.DISSATISFIED, OFFICER, UNHAPPY)
    assert await life.step(A.SATISFIED, OFFICER, {**HAPPY, "satisfaction": "基本满意"}) == "CLOSED"
    case = await life.case()
    assert (case.satisfaction_first, case.satisfaction_final) == ("不满意", "基本满意")


async def test_an_objective_cause_needs_a_leader_and_an_explanation(life: Life) -> None:
    await life.to_call_back()
    given = {"satisfaction": "不满意", "cause": "政策限制", "explanation": "依规定不能办理"}
    with pytest.raises(NotAllowed):
        await life.step(A.EXPLAINED, OFFICER, given)
    with pytest.raises(InputRefused):
        await life.step(A.EXPLAINED, CHIEF, {**given, "explanation": ""})
    assert await life.step(A.EXPLAINED, CHIEF, given) == "CLOSED"
    case = await life.case()
    assert (case.close_code, case.round) == ("政策不允许", 1)


async def test_a_citizen_who_is_not_content_cannot_be_noted_as_content(life: Life) -> None:
    await life.to_call_back()
    for word in ("不满意", "随便"):
        with pytest.raises(InputRefused):
            await life.step(A.SATISFIED, OFFICER, {"satisfaction": word, "solved": "解决"})
    assert await life.count(CallbackAttemptRow) == 0


async def test_a_reopened_case_starts_a_new_round_only_in_time(
    life: Life, clock: FakeClock
) -> None:
    await life.closed()
    await life.step(A.ASK_REOPEN, AGENT, {"reason": "又灭了"})
    assert await life.step(A.REOPEN, CHIEF, {"reason": "属实"}) == "REASSIGNED"
    case = await life.case()
    assert (case.round, case.closed_at, case.close_code) == (2, None, None)
    other = await Life(life.database, await new_case(life.database)).closed()
    clock.advance(timedelta(days=16))
    with pytest.raises(TransitionRefused, match="期限"):
        await other.step(A.ASK_REOPEN, AGENT, {"reason": "又灭了"})


async def test_an_inspector_who_finds_it_undone_starts_a_new_round(life: Life) -> None:
    await life.replied()
    await life.step(A.ASK_CHECK, OFFICER, {"instruction": "看现场"})
    seen = {"result": "灯仍不亮", "outcome": "不通过"}
    assert await life.step(A.REPORT_CHECK, person(Role.INSPECTOR), seen) == "REASSIGNED"
    assert (await life.case()).round == 2


# --- mediation and intake ----------------------------------------------------------------------


async def test_the_parties_of_a_mediation_are_sealed_everywhere(life: Life) -> None:
    await life.handling()
    parties = {"A": {"name": "王小明", "phone": "13800001234"}, "B": {"name": "李四", "phone": ""}}
    given = {"dispute_type": "邻里", "both_parties_willing": True}
    await life.step(A.START_MEDIATION, LAMP_DESK, {**given, **seal_parties(VAULT, parties)})
    (row,) = await life.all(MediationRow)
    assert "王小明" in VAULT.open(row.parties_sealed)
    assert "小明" not in row.parties_mask
    assert "0000" not in row.parties_mask
    await life.step(A.NOTE_SESSION, DISPATCHER, {"words": "双方到场"})
    done = {"result": "达成协议", "agreement_number": "调字1号", "performed": True}
    assert await life.step(A.END_MEDIATION, DISPATCHER, done) == "HANDLING"
    (row,) = await life.all(MediationRow)
    assert (row.result, row.performed, len(row.sessions)) == ("达成协议", True, 1)


async def test_numbers_taken_at_once_are_all_different(database: Database) -> None:
    async def one() -> str | None:
        async with database.work() as work:
            fields = {"case_type": "投诉", "summary": "路灯不亮", "phone": "13800001234"}
            case = await take_in(work, fields, channel=Channel.WEB, by=AGENT, vault=VAULT)
            await work.commit()
            return case.number

    numbers = await asyncio.gather(*(one() for _ in range(20)))
    assert len(set(numbers)) == 20
    assert sorted(str(n)[-5:] for n in numbers) == [f"{n:05d}" for n in range(1, 21)]


async def test_an_accused_unit_and_its_team_never_get_the_case(database: Database) -> None:
    async with database.work() as work:
        fields = {"case_type": "举报", "summary": "执法不公", "category": "城市管理/路灯照明"}
        case = await take_in(
            work, fields, channel=Channel.LETTER, by=AGENT, vault=VAULT, accused="城管局"
        )
        await work.commit()
    life = Life(database, CaseId(case.id))
    checked = {"redaction_checked": True}
    with pytest.raises(TransitionRefused, match="被举报"):
        await life.step(A.DISPATCH, DISPATCHER, {**TO_LAMPS, **checked})
    with pytest.raises(TransitionRefused, match="脱敏"):
        await life.step(A.DISPATCH, DISPATCHER, {**TO_LAMPS, "lead": ROADS})
    await life.step(A.DISPATCH, DISPATCHER, {**TO_LAMPS, "lead": ROADS, **checked})
    with pytest.raises(TransitionRefused, match="被举报"):
        await life.step(A.ADD_SUPPORT, DISPATCHER, {"unit": LAMPS})
    assert (await life.case()).status == CaseStatus.DISPATCHED
    assert await life.count(CaseRow, CaseRow.number.is_not(None)) == 1


# --- what comes from outside --------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad", ["\x00", "路灯\x00", "\ud800", ["好", "\x00"], {"a": {"b": "\x00"}}], ids=repr
)
async def test_text_that_no_database_keeps_is_refused_in_words(life: Life, bad: Any) -> None:
    with pytest.raises(InputRefused, match="字符"):
        await life.step(A.DISPATCH, DISPATCHER, {**TO_LAMPS, "instruction": bad})
    assert (await life.case()).status == "PENDING_ANALYSE"


@pytest.mark.parametrize("days", ["nan", "inf", "-1", "0", "61", "三", "1e9", "²"])
async def test_an_order_with_an_impossible_limit_is_refused(life: Life, days: str) -> None:
    await life.handling()
    with pytest.raises(InputRefused, match="工作日"):
        await life.step(A.SUPERVISE, CHIEF, {"kind": "leader", "reason": "批示", "days": days})


async def test_a_no_that_comes_as_a_word_is_a_no(life: Life) -> None:
    await life.handling()
    with pytest.raises(InputRefused, match="告知"):
        await life.step(A.ASK_EXTENSION, LAMP_DESK, {"days": 1, "told_caller": "false"})
    with pytest.raises(InputRefused, match="是或否"):
        await life.step(A.ASK_EXTENSION, LAMP_DESK, {"days": 1, "told_caller": "也许"})
    with pytest.raises(TransitionRefused, match="自愿"):
        await life.step(
            A.START_MEDIATION, LAMP_DESK, {"dispute_type": "邻里", "both_parties_willing": "否"}
        )


@pytest.mark.parametrize("forged", ["", "no-such-id", "'; DROP TABLE leg; --", "x" * 500])
async def test_a_forged_id_is_refused(life: Life, forged: str) -> None:
    await life.handling()
    for action, by, given in (
        (A.ALLOW_EXTENSION, DISPATCHER, {"request_id": forged}),
        (A.REVIEW_SUPERVISION, CHIEF, {"order_id": forged, "accepted": True}),
        (A.SUB_DISPATCH, LAMP_DESK, {"unit": forged, "inner_due": "2026-11-27"}),
        (A.ADD_SUPPORT, DISPATCHER, {"unit": forged}),
    ):
        with pytest.raises((InputRefused, TransitionRefused)):
            await life.step(action, by, given)
    assert (await life.actions()) == ["派遣", "签收"]


async def test_praise_is_handed_on_and_nobody_is_called_back(life: Life) -> None:
    async with life.database.work() as work:
        case = await work.session.get_one(CaseRow, life.case_id)
        case.case_type = "表扬"
        await work.commit()
    await life.replied()
    assert await life.step(A.APPROVE_REPLY, OFFICER) == "CLOSED"
