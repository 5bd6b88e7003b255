"""The centre's pages over HTTP: each post sees its own, others are refused, bad input is told."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest

from agent_ui.steps.forms import FORMS
from core.auth import Role
from core.db.tables.cases import PlaceRow
from core.db.tables.handling import DutyRow
from core.domain.case_steps import STEPS, CaseAction
from core.ids import CaseId
from tests.fakes.clock import FakeClock
from tests.support.centre import Centre, running_centre
from tests.support.city import LAMPS, ROADS, person

EARLIER = datetime(2026, 11, 23, 3, tzinfo=UTC)
pytestmark = pytest.mark.integration
A = CaseAction
LAMP_DESK = person(Role.UNIT_OPS, LAMPS)
DISPATCHER = person(Role.DISPATCHER)
TO_LAMPS = {"category": "城市管理/路灯照明", "lead": LAMPS, "basis": "派单目录1"}
REPLY = {
    "demand_true": "是", "contacted": "已联系", "solved": "已解决", "handling_detail": "更换灯泡",
    "public_reply": "路灯已修复", "handler": "张三",
}  # fmt: skip


@pytest.fixture
async def centre(database_url: str, redis_url: str, clock: FakeClock) -> AsyncIterator[Centre]:
    async with running_centre(database_url, redis_url, clock) as running:
        yield running


async def test_the_pool_shows_critical_cases_first_and_leads_to_each(centre: Centre) -> None:
    plain = await centre.new_case(title="小区垃圾没人清")
    urgent = await centre.new_case(title="燃气泄漏", urgency="特急")
    await centre.log_in("dispatcher")
    status, text = await centre.see("/dispatch")
    assert status == 200
    assert text.index(f"/cases/{urgent}") < text.index(f"/cases/{plain}")
    assert "待派遣" in text
    assert "特急" in text


async def test_the_pool_says_who_should_act_and_why(centre: Centre) -> None:
    async with centre.stack.database.work() as work:
        work.session.add_all(
            [
                DutyRow(
                    id="duty-lamps", category_prefix="城市管理/路灯照明", lead_id=LAMPS,
                    basis="照明管理规定", valid_from=date(2026, 1, 1),
                ),
                DutyRow(
                    id="duty-town", category_prefix="城市管理/路灯照明", area="青石镇",
                    lead_id=ROADS, basis="委托书", valid_from=date(2026, 1, 1),
                ),
                PlaceRow(id="p1", name="柳溪村", kind="村", parent="青石镇"),
                PlaceRow(id="p2", name="青石镇", kind="镇", parent=None),
            ]
        )  # fmt: skip
        await work.commit()
    await centre.new_case(title="城里的路灯", place_text="人民路", created_at=EARLIER)
    await centre.new_case(title="村里的路灯", place_text="柳溪村口")
    await centre.log_in("dispatcher")
    _, text = await centre.see("/dispatch")
    town, village = text.split("村里的路灯")
    assert "市城市管理局" in town
    assert "派单目录：城市管理/路灯照明" in town
    assert "市交通运输局" in village
    assert "（青石镇）" in village


@pytest.mark.parametrize("name", ["zhangmin", "lampdesk", "officer", "guanli"])
async def test_the_pool_is_for_those_who_dispatch(centre: Centre, name: str) -> None:
    await centre.log_in(name)
    for path in ("/dispatch", "/dispatch/returns", "/dispatch/requests"):
        assert (await centre.see(path))[0] == 403


async def test_the_navigation_shows_what_a_post_may_do(centre: Centre) -> None:
    await centre.log_in("dispatcher")
    _, text = await centre.see("/dispatch")
    assert 'href="/dispatch"' in text
    assert 'href="/desk"' not in text
    await centre.log_in("zhangmin")
    _, text = await centre.see("/cases")
    assert 'href="/desk"' in text
    assert 'href="/dispatch"' not in text


async def test_a_dispatched_case_shows_its_clock_in_words(centre: Centre, clock: FakeClock) -> None:
    case_id = await centre.new_case()
    await centre.step(case_id, A.DISPATCH, DISPATCHER, TO_LAMPS)
    await centre.log_in("dispatcher")
    _, text = await centre.see("/cases")
    assert "还剩" in text
    assert "市城市管理局" in text
    clock.advance(30 * 24 * 3600)
    await centre.log_in("dispatcher")
    _, text = await centre.see("/cases")
    assert "已超期" in text


async def dispatch_form(centre: Centre, case_id: CaseId) -> dict[str, str]:
    """What the dispatch form begins with, as a browser would send it."""
    _, text = await centre.see(f"/cases/{case_id}")
    due = re.search(r'name="due_seen" value="([^"]+)"', text)
    assert due is not None
    return {
        "category": "城市管理/路灯照明", "lead": LAMPS, "basis": "派单目录1", "due_seen": due[1],
        "back": "/dispatch",
    }  # fmt: skip


async def test_a_dispatch_shows_its_limit_first_and_says_what_was_done(centre: Centre) -> None:
    case_id = await centre.new_case(number="2026112300007")
    await centre.log_in("dispatcher")
    form = await dispatch_form(centre, case_id)
    assert form["due_seen"] == "2026-12-01 18:00"
    path = f"/cases/{case_id}/steps/dispatch"
    status, text = await centre.send(path, form, start=f"/cases/{case_id}")
    assert status == 200
    assert "2026 112 300 007：派遣已完成，主办单位 市城市管理局，期限 2026-12-01 18:00" in text
    assert await centre.status(case_id) == "DISPATCHED"
    assert "派遣已完成" not in (await centre.see("/dispatch"))[1]


async def test_a_limit_that_the_dispatcher_has_not_seen_is_shown_first(
    centre: Centre, clock: FakeClock
) -> None:
    case_id = await centre.new_case()
    await centre.log_in("dispatcher")
    form = await dispatch_form(centre, case_id)
    clock.advance(12 * 3600)
    await centre.log_in("dispatcher")
    status, text = await centre.send(
        f"/cases/{case_id}/steps/dispatch", form, start=f"/cases/{case_id}"
    )
    assert status == 409
    assert "办理期限已变为 2026-12-02 18:00" in text
    assert await centre.status(case_id) == "PENDING_ANALYSE"


async def test_a_refused_step_says_why_and_keeps_what_was_typed(centre: Centre) -> None:
    case_id = await centre.new_case(accused="市城市管理局")
    await centre.log_in("dispatcher")
    form = await dispatch_form(centre, case_id) | {"instruction": "请两日内<到>现场"}
    status, text = await centre.send(
        f"/cases/{case_id}/steps/dispatch", form, start=f"/cases/{case_id}"
    )
    assert status == 409
    assert "被举报或被反映的单位不能作为承办单位" in text
    assert "请两日内&lt;到&gt;现场" in text
    assert await centre.status(case_id) == "PENDING_ANALYSE"


@pytest.mark.parametrize(
    ("step", "data", "said"),
    [
        ("ask_info", {"reason": "  "}, "请填写：需要补充什么"),
        ("answer", {"answer": "已说明"}, "请勾选确认"),
        ("merge", {"master": "2026112399999", "same_demand_confirmed": "1"}, "没有找到该编号"),
        ("merge", {"same_demand_confirmed": "1"}, "请填写：主单编号"),
        ("terminate", {"channel": "诉讼", "reason": "已起诉", "confirmed": "1"}, "您的岗位不能"),
        ("rework", {"reason": "不清楚"}, "当前状态不能"),
        ("ask_info", {"reason": "长" * 20_001}, "两万字"),
    ],
)
async def test_bad_input_gets_a_clerks_sentence_and_changes_nothing(
    centre: Centre, step: str, data: dict[str, str], said: str
) -> None:
    case_id = await centre.new_case()
    await centre.log_in("dispatcher")
    status, text = await centre.send(
        f"/cases/{case_id}/steps/{step}", data, start=f"/cases/{case_id}"
    )
    assert 400 <= status < 500
    assert said in text
    assert await centre.status(case_id) == "PENDING_ANALYSE"


async def test_an_unknown_step_and_a_foreign_case_are_not_there(centre: Centre) -> None:
    case_id = await centre.new_case()
    await centre.log_in("dispatcher")
    path = f"/cases/{case_id}"
    assert (await centre.send(f"{path}/steps/nonsense", {}, start=path))[0] == 404
    await centre.log_in("lampdesk")
    assert (await centre.see(path))[0] == 404
    assert (await centre.send(f"{path}/steps/sign", {}, start="/cases"))[0] == 404


async def test_duplicates_are_merged_by_number_after_both_were_seen(centre: Centre) -> None:
    master = await centre.new_case(
        number="2026112300001", place_text="人民路与建设路口", caller_hash="a"
    )
    child = await centre.new_case(
        number="2026112300002", place_text="人民路与建设路口", caller_hash="b"
    )
    await centre.log_in("dispatcher")
    _, text = await centre.see(f"/cases/{child}")
    assert "同地点" in text
    form = {"master": "2026112300001", "same_demand_confirmed": "1"}
    await centre.send(f"/cases/{child}/steps/merge", form, start=f"/cases/{child}")
    assert await centre.status(child) == "MERGED"
    assert await centre.status(master) == "PENDING_ANALYSE"
    _, text = await centre.see(f"/cases/{child}")
    assert "主单" in text


async def test_a_return_is_ruled_with_both_arguments_in_view(centre: Centre) -> None:
    case_id = await centre.new_case()
    await centre.step(case_id, A.DISPATCH, DISPATCHER, TO_LAMPS)
    asked = {"reason_code": "职能不符", "basis": "三定方案第三条", "proposed_unit": ROADS}
    await centre.step(case_id, A.ASK_RETURN, LAMP_DESK, asked)
    await centre.log_in("dispatcher")
    _, text = await centre.see("/dispatch/returns")
    assert "退单待审" in text
    _, text = await centre.see(f"/cases/{case_id}")
    for words in (
        "职能不符",
        "三定方案第三条",
        "派单目录1",
        "市交通运输局",
        "同意改派",
        "驳回退单",
    ):
        assert words in text
    form = {"lead": ROADS, "reason": "属公路照明"}
    await centre.send(f"/cases/{case_id}/steps/allow_return", form, start=f"/cases/{case_id}")
    assert await centre.status(case_id) == "DISPATCHED"


async def test_an_extension_is_allowed_from_the_list_of_requests(centre: Centre) -> None:
    case_id = await centre.new_case(title="路灯要换灯杆")
    await centre.step(case_id, A.DISPATCH, DISPATCHER, TO_LAMPS)
    await centre.step(case_id, A.SIGN, LAMP_DESK)
    asked = {"days": "2", "reason_code": "需工程施工", "words": "待料", "told_caller": True}
    await centre.step(case_id, A.ASK_EXTENSION, LAMP_DESK, asked)
    await centre.log_in("dispatcher")
    _, text = await centre.see("/dispatch/requests")
    assert "路灯要换灯杆" in text
    assert "需工程施工" in text
    _, text = await centre.see(f"/cases/{case_id}")
    request = re.search(r'name="request_id"[^>]*>\s*<option value="([^"]+)"', text)
    assert request is not None
    form = {"request_id": request[1]}
    await centre.send(f"/cases/{case_id}/steps/allow_extension", form, start=f"/cases/{case_id}")
    _, text = await centre.see(f"/cases/{case_id}")
    assert "2026-12-03 18:00" in text


async def test_every_step_that_a_person_may_take_has_a_form_or_a_page(centre: Centre) -> None:
    machine, units = {Role.ADMIN}, {Role.UNIT_OPS, Role.UNIT_LEAD, Role.UNIT3, Role.ADMIN}
    elsewhere = {A.ACCEPT, A.NOTE_ATTEMPT}  # the desk and the callback page
    missing = {
        rule.action.name
        for rule in STEPS.values()
        if rule.roles - units and rule.roles - machine and rule.action.name not in FORMS
    }
    assert missing == {action.name for action in elsewhere}
    needs = {
        (rule.action.name, name)
        for rule in STEPS.values()
        if (form := FORMS.get(rule.action.name)) and rule.roles - units
        for name in rule.needs
        if form.field(name) is None
    }
    # An answer given in the call comes with the draft's own content and type.
    assert needs == {("ANSWER", "content"), ("ANSWER", "case_type")}


async def test_a_ruler_finds_the_form_filled_with_what_was_asked(centre: Centre) -> None:
    case_id = await centre.new_case()
    await centre.step(case_id, A.DISPATCH, DISPATCHER, TO_LAMPS)
    await centre.step(case_id, A.SIGN, LAMP_DESK)
    asked = {"condition": "等灯杆到货", "resume_on": "2026-12-20"}
    await centre.step(case_id, A.ASK_SUSPENSION, LAMP_DESK, asked)
    await centre.log_in("dispatcher")
    _, text = await centre.see(f"/cases/{case_id}")
    form = text.split(f"/cases/{case_id}/steps/")[1]
    assert form.startswith("suspend")
    assert "等灯杆到货</textarea>" in form
    assert 'value="2026-12-20"' in form
    await centre.send(f"/cases/{case_id}/steps/suspend", asked, start=f"/cases/{case_id}")
    assert await centre.status(case_id) == "SUSPENDED"


async def test_a_case_to_call_back_leads_the_officer_to_the_callback_page(centre: Centre) -> None:
    case_id = await centre.new_case()
    await centre.step(case_id, A.DISPATCH, DISPATCHER, TO_LAMPS)
    await centre.step(case_id, A.SIGN, LAMP_DESK)
    await centre.step(case_id, A.REPLY, LAMP_DESK, REPLY)
    await centre.log_in("officer")
    _, text = await centre.see(f"/cases/{case_id}")
    assert f"/callbacks/{case_id}" in text
    assert (await centre.see(f"/callbacks/{case_id}"))[0] == 200
