"""The callback officers' pages over HTTP: the queue's order, the form, what follows from it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.db.tables.handling import CallbackAttemptRow, RequestRow
from core.db.tables.outgoing import OutgoingRow
from core.db.tables.people import AgentRow
from core.domain.units import EXPLANATION
from tests.fakes.clock import FakeClock
from tests.support.portal import DISPATCHER, LAMP_DESK, OFFICER, PHONE, REPLY, A, Portal, portal

pytestmark = pytest.mark.integration
HAPPY = {
    "handle_trueness": "属实", "staff_contacted": "是", "solved": "解决", "satisfaction": "满意",
}  # fmt: skip
UNHAPPY = {
    **HAPPY, "solved": "未解决", "satisfaction": "不满意", "cause": "敷衍", "opinion": "灯还是不亮",
}  # fmt: skip


@pytest.fixture
async def pages(database_url: str, redis_url: str, clock: FakeClock) -> AsyncIterator[Portal]:
    async with portal(database_url, redis_url, clock) as running:
        yield running


async def test_people_come_first_and_among_them_who_has_waited_longest(
    pages: Portal, clock: FakeClock
) -> None:
    nobody = {"phone_sealed": "", "phone_mask": "", "caller_mask": ""}
    await pages.to_call_back(title="监督员上报", **nobody)
    clock.advance(60)
    await pages.to_call_back(title="等得最久")
    clock.advance(60)
    await pages.to_call_back(title="刚刚才到")
    await pages.log_in("officer")
    status, page = await pages.see("/")
    assert status == 200
    assert page.index("等得最久") < page.index("刚刚才到") < page.index("监督员上报")
    assert PHONE not in page


@pytest.mark.parametrize("name", ["lampops", "dispatcher"])
async def test_the_callbacks_are_for_officers(pages: Portal, name: str) -> None:
    case_id = await pages.to_call_back()
    await pages.log_in(name)
    assert (await pages.see("/callbacks"))[0] == 403
    status, _ = await pages.send(f"/callbacks/{case_id}/answered", HAPPY, start="/cases")
    assert status == 403
    assert (await pages.case(case_id)).status == "PENDING_CALLBACK"


async def test_a_content_citizen_closes_the_case(pages: Portal) -> None:
    case_id = await pages.to_call_back()
    await pages.log_in("officer")
    where = f"/callbacks/{case_id}"
    _, page = await pages.see(where)
    assert "人民路路灯已更换灯泡" in page
    assert PHONE not in page
    status, page = await pages.send(f"{where}/answered", HAPPY, start=where)
    assert status == 200
    assert "回访完成，工单已结案" in page
    case = await pages.case(case_id)
    assert (case.status, case.satisfaction_first) == ("CLOSED", "满意")
    status, page = await pages.send(f"{where}/answered", HAPPY, start="/callbacks")
    assert status == 409


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"satisfaction": "一般"}, "请选择满意度"),
        ({"satisfaction": "不满意"}, "不满意的须选择原因"),
        ({"satisfaction": "不满意", "cause": "敷衍"}, "须写明诉求人意见"),
        ({"satisfaction": "不满意", "cause": "政策限制", "opinion": "x"}, "须写明向诉求人的解释"),
        ({"solved": ""}, "请选择是否解决"),
        ({"opinion": "长" * 20_001}, "内容过长"),
    ],
)
async def test_a_bad_form_is_told_and_changes_nothing(
    pages: Portal, change: dict[str, str], sentence: str
) -> None:
    case_id = await pages.to_call_back()
    await pages.log_in("officer")
    where = f"/callbacks/{case_id}"
    status, page = await pages.send(f"{where}/answered", {**HAPPY, **change}, start=where)
    assert status == 400
    assert sentence in page
    assert (await pages.case(case_id)).status == "PENDING_CALLBACK"
    assert await pages.count(CallbackAttemptRow) == 0


async def test_a_subjective_cause_is_a_second_assignment_and_a_third_is_refused(
    pages: Portal,
) -> None:
    case_id = await pages.to_call_back()
    await pages.log_in("officer")
    where = f"/callbacks/{case_id}"
    for round_ in (1, 2):
        status, page = await pages.send(f"{where}/answered", UNHAPPY, start=where)
        assert status == 200
        assert "已二次交办" in page
        assert (await pages.case(case_id)).round == round_ + 1
        await pages.step(case_id, A.SIGN, LAMP_DESK)
        await pages.step(case_id, A.REPLY, LAMP_DESK, REPLY)
        await pages.step(case_id, A.APPROVE_REPLY, OFFICER)
    status, page = await pages.send(f"{where}/answered", UNHAPPY, start=where)
    assert status == 409
    assert "请转督办或会商" in page
    assert (await pages.case(case_id)).satisfaction_first == "不满意"


async def test_an_objective_cause_is_closed_by_a_rulers_signature(pages: Portal) -> None:
    case_id = await pages.to_call_back()
    await pages.log_in("officer")
    where = f"/callbacks/{case_id}"
    form = {**UNHAPPY, "cause": "政策限制", "explanation": "该路段未列入今年改造计划"}
    status, page = await pages.send(f"{where}/answered", form, start=where)
    assert status == 200
    assert "已提请督办员审定" in page
    assert (await pages.case(case_id)).status == "PENDING_CALLBACK"
    assert "路灯不亮" not in (await pages.see("/callbacks"))[1]
    async with pages.stack.database.sessions() as session:
        query = select(RequestRow).where(RequestRow.kind == EXPLANATION)
        wish = (await session.scalars(query)).one()
    sign = f"{where}/sign-off"
    yes = {"request_id": wish.id, "allowed": "yes"}
    assert (await pages.send(sign, yes, start=where))[0] == 403
    await pages.log_in("chief")
    assert "未列入今年改造计划" in (await pages.see("/callbacks?part=sign-off"))[1]
    assert (await pages.send(sign, {**yes, "allowed": "no"}, start=where))[0] == 400
    assert (await pages.send(sign, yes, start=where))[0] == 200
    case = await pages.case(case_id)
    assert (case.status, case.close_code) == ("CLOSED", "政策不允许")
    assert case.satisfaction_final == "不满意"


async def test_an_unreasonable_demand_is_sent_to_be_judged(pages: Portal) -> None:
    case_id = await pages.to_call_back()
    await pages.log_in("officer")
    where = f"/callbacks/{case_id}"
    form = {**UNHAPPY, "cause": "期望过高", "opinion": "要求每户门口一盏灯"}
    assert (await pages.send(f"{where}/answered", form, start=where))[0] == 200
    async with pages.stack.database.sessions() as session:
        wish = (await session.scalars(select(RequestRow))).one()
    assert (wish.kind, wish.words) == ("UNREASONABLE", "要求每户门口一盏灯")
    assert "路灯不亮" not in (await pages.see("/callbacks"))[1]


async def test_three_attempts_on_two_days_close_a_case_nobody_answers(
    pages: Portal, clock: FakeClock
) -> None:
    case_id = await pages.to_call_back()
    await pages.log_in("officer")
    where = f"/callbacks/{case_id}"
    gone = {"fail_reason": "无人接听"}
    assert (await pages.send(f"{where}/failed", {}, start=where))[0] == 400
    status, page = await pages.send(f"{where}/unreachable", {"sms": "是"}, start=where)
    assert status == 409
    assert "至少三次联系" in page
    for pause in (timedelta(hours=7), timedelta(hours=14), timedelta(0)):
        status, page = await pages.send(f"{where}/failed", gone, start=where)
        assert status == 200
        clock.advance(pause)
        await pages.log_in("officer")  # a session may have run out meanwhile
    assert "已按规定联系 3 次" in page
    assert "路灯不亮" in (await pages.see("/callbacks?part=over"))[1]
    assert (await pages.send(f"{where}/unreachable", {}, start=where))[0] == 400
    assert (await pages.send(f"{where}/unreachable", {"sms": "是"}, start=where))[0] == 200
    case = await pages.case(case_id)
    assert (case.status, case.close_code) == ("CLOSED", "无法联系")


async def test_who_was_just_tried_waits_for_an_hour(pages: Portal, clock: FakeClock) -> None:
    case_id = await pages.to_call_back()
    await pages.log_in("officer")
    where = f"/callbacks/{case_id}"
    await pages.send(f"{where}/failed", {"fail_reason": "占线"}, start=where)
    assert "路灯不亮" not in (await pages.see("/callbacks"))[1]
    _, later = await pages.see("/callbacks?part=later")
    assert "第 2 次，共 3 次" in later
    assert "还须另选一天" in later  # noon is out of office hours already
    clock.advance(3600)
    assert "路灯不亮" in (await pages.see("/callbacks"))[1]


async def test_a_reply_is_reviewed_before_the_callback(pages: Portal) -> None:
    first, second = await pages.replied(title="好的答复"), await pages.replied(title="差的答复")
    await pages.log_in("officer")
    _, page = await pages.see("/callbacks?part=review")
    assert "好的答复" in page
    assert (await pages.send(f"/callbacks/{first}/approve", {}, start="/callbacks"))[0] == 200
    where = f"/callbacks/{second}"
    status, page = await pages.send(f"{where}/rework", {"reason": " "}, start=where)
    assert status == 400
    assert "请写明退回的理由" in page
    assert (await pages.send(f"{where}/rework", {"reason": "没有说明"}, start=where))[0] == 200
    assert (await pages.case(first)).status == "PENDING_CALLBACK"
    assert (await pages.case(second)).status == "HANDLING"
    third = await pages.replied()
    check = f"/callbacks/{third}"
    assert (await pages.send(f"{check}/check", {"instruction": "看灯"}, start=check))[0] == 200
    assert (await pages.case(third)).status == "PENDING_CHECK"


async def test_merged_children_are_called_back_each_on_its_own(pages: Portal) -> None:
    master = await pages.signed(title="主单路灯")
    child = await pages.new_case(title="子单路灯")
    merge = {"master": master, "same_demand_confirmed": True}
    await pages.step(child, A.MERGE, DISPATCHER, merge)
    await pages.step(master, A.REPLY, LAMP_DESK, REPLY)
    await pages.step(master, A.APPROVE_REPLY, OFFICER)
    await pages.log_in("officer")
    _, page = await pages.see("/callbacks")
    assert "主单路灯" in page
    assert "子单路灯" in page
    _, page = await pages.see(f"/callbacks/{child}")
    assert "已并入主单" in page
    assert "人民路路灯已更换灯泡" in page
    assert (await pages.send(f"/callbacks/{child}/answered", HAPPY, start="/callbacks"))[0] == 200
    assert (await pages.case(child)).status == "CLOSED"
    assert (await pages.case(master)).status == "PENDING_CALLBACK"


async def test_the_desk_dials_and_the_attempt_keeps_the_call(pages: Portal) -> None:
    case_id = await pages.to_call_back()
    await pages.log_in("officer")
    where = f"/callbacks/{case_id}"
    status, page = await pages.send(f"{where}/dial", {}, start=where)
    assert status == 400
    assert "请先打开工作台" in page
    async with pages.stack.database.work() as work:
        now = work.clock.now()
        work.session.add(AgentRow(id="id-officer", state="PAUSED", reason="BREAK", since=now))
        await work.commit()
    status, page = await pages.send(f"{where}/dial", {}, start=where)
    assert status == 200
    assert "正在拨打诉求人电话" in page
    assert (await pages.send(f"{where}/dial", {}, start=where))[0] == 409
    async with pages.stack.database.sessions() as session:
        call = (await session.scalars(select(OutgoingRow))).one()
    forged = {"call_id": "forged", **HAPPY}
    assert (await pages.send(f"{where}/answered", forged, start=where))[0] == 200
    async with pages.stack.database.sessions() as session:
        attempt = (await session.scalars(select(CallbackAttemptRow))).one()
    assert attempt.call_id == call.id


async def test_a_forged_case_or_step_is_not_found(pages: Portal) -> None:
    case_id = await pages.to_call_back()
    await pages.log_in("officer")
    assert (await pages.see("/callbacks/forged"))[0] == 404
    assert (await pages.send("/callbacks/forged/answered", HAPPY, start="/callbacks"))[0] == 404
    assert (await pages.send(f"/callbacks/{case_id}/erase", {}, start="/callbacks"))[0] == 404
