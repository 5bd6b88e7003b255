"""Search, supervision, overview and the person behind a case, over HTTP."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from core.auth import Role
from core.db.tables.handling import PiAccessRow, SuperviseRow
from core.domain.case_steps import CaseAction
from core.ids import CaseId
from core.vault import normalise_phone
from tests.fakes.clock import FakeClock
from tests.support.centre import Centre, running_centre
from tests.support.city import LAMPS, person
from tests.support.desk import VAULT

pytestmark = pytest.mark.integration
A = CaseAction
PHONE = "13862754310"
DISPATCHER, CHIEF = person(Role.DISPATCHER), person(Role.SUPERVISOR)
LAMP_DESK = person(Role.UNIT_OPS, LAMPS)
TO_LAMPS = {"category": "城市管理/路灯照明", "lead": LAMPS, "basis": "派单目录1"}


@pytest.fixture
async def centre(database_url: str, redis_url: str, clock: FakeClock) -> AsyncIterator[Centre]:
    async with running_centre(database_url, redis_url, clock) as running:
        yield running


async def late_case(centre: Centre, clock: FakeClock) -> CaseId:
    case_id = await centre.new_case(title="灯杆倾斜", number="2026112300009")
    await centre.step(case_id, A.DISPATCH, DISPATCHER, TO_LAMPS)
    clock.advance(30 * 24 * 3600)
    return case_id


async def with_phone(centre: Centre, **values: object) -> CaseId:
    phone = normalise_phone(PHONE)
    return await centre.new_case(
        phone_sealed=VAULT.seal(phone), phone_hash=VAULT.fingerprint(phone),
        number="2026112300021", title="井盖松动", content="建设路井盖松动响动很大", **values,
    )  # fmt: skip


async def test_a_search_finds_by_words_number_and_state(centre: Centre) -> None:
    await with_phone(centre)
    await centre.new_case(title="公交晚点", number="2026112300022", content="十六路公交晚点")
    await centre.log_in("dispatcher")
    for query in (
        "words=井盖",
        "number=2026112300021",
        "place=&words=建设路&status=PENDING_ANALYSE",
    ):
        status, text = await centre.see(f"/search?{query}")
        assert status == 200
        assert "井盖松动" in text
        assert "公交晚点" not in text


async def test_a_telephone_never_goes_into_an_address_and_is_logged(centre: Centre) -> None:
    await with_phone(centre)
    await centre.log_in("dispatcher")
    form = {"csrf": await centre.token("/search"), "q": PHONE}
    async with centre.browser.post("/search", data=form) as answer:
        assert answer.url.query_string == ""
        assert "井盖松动" in await answer.text()
    async with centre.stack.database.sessions() as session:
        fields = (await session.scalars(select(PiAccessRow.field))).all()
    assert "SEARCH" in fields


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("words=井", "至少两个字"),
        ("first_day=2026-12-01&last_day=2026-11-01", "起始日期不能晚于"),
        ("status=NONSENSE", "没有这种工单状态"),
        ("number=12ab", "4 到 13 位"),
        ("after=nonsense&words=井盖", "翻页位置无效"),
    ],
)
async def test_a_senseless_search_is_answered_with_a_sentence(
    centre: Centre, query: str, said: str
) -> None:
    await centre.log_in("dispatcher")
    status, text = await centre.see(f"/search?{query}")
    assert status == 400
    assert said in text


async def test_a_search_is_kept_under_a_name_and_dropped(centre: Centre) -> None:
    await centre.log_in("dispatcher")
    form = {"words": "井盖", "overdue": "1", "name": "超期井盖"}
    _, text = await centre.send("/search/views", form, start="/search")
    assert "超期井盖" in text
    view = text.split("/search/views/")[1].split("/drop")[0]
    status, text = await centre.send(f"/search/views/{view}/drop", {}, start="/search")
    assert status == 200
    assert "超期井盖" not in text
    status, text = await centre.send("/search/views", {"words": "井盖"}, start="/search")
    assert status == 400
    assert "请填写视图名称" in text


async def test_a_department_does_not_search_by_telephone(centre: Centre) -> None:
    await with_phone(centre)
    await centre.log_in("lampdesk")
    status, text = await centre.send("/search", {"phone": PHONE}, start="/search")
    assert status == 400
    assert "不能按电话号码查询" in text


async def test_the_officer_sees_what_is_overdue_and_supervises_it(
    centre: Centre, clock: FakeClock
) -> None:
    case_id = await late_case(centre, clock)
    await centre.log_in("chief")
    _, text = await centre.see("/supervision")
    assert "灯杆倾斜" in text
    assert "已超期" in text
    form = {"kind": "timeout", "level": "2", "reason": "超期", "requirement": "三日内办结"}
    path = f"/cases/{case_id}/steps/supervise"
    status, _ = await centre.send(path, form, start=f"/cases/{case_id}")
    assert status == 200
    for list_page in ("/supervision/orders", "/supervision/cases"):
        _, text = await centre.see(list_page)
        assert "灯杆倾斜" in text
        assert "督办中" in text


async def test_an_answered_order_is_reviewed_and_closed(centre: Centre, clock: FakeClock) -> None:
    case_id = await late_case(centre, clock)
    await centre.step(case_id, A.SUPERVISE, CHIEF, {"kind": "timeout", "reason": "超期"})
    async with centre.stack.database.sessions() as session:
        order = (await session.scalars(select(SuperviseRow.id))).one()
    answer = {"order_id": order, "reply": "本周内更换灯杆"}
    await centre.step(case_id, A.REPLY_SUPERVISION, LAMP_DESK, answer)
    await centre.log_in("chief")
    _, text = await centre.see("/supervision/orders")
    assert "本周内更换灯杆" in text
    steps = f"/cases/{case_id}/steps"
    review = {"order_id": order, "accepted": "yes"}
    await centre.send(f"{steps}/review_supervision", review, start=f"/cases/{case_id}")
    await centre.send(f"{steps}/close_supervision", {"order_id": order}, start=f"/cases/{case_id}")
    _, text = await centre.see("/supervision/orders")
    assert "没有未办结的督办单" in text


@pytest.mark.parametrize("name", ["zhangmin", "dispatcher", "lampdesk"])
async def test_supervision_is_for_officers(centre: Centre, name: str) -> None:
    await centre.log_in(name)
    for path in ("/supervision", "/supervision/orders", "/supervision/again"):
        assert (await centre.see(path))[0] == 403


async def test_the_director_sees_what_burns(centre: Centre, clock: FakeClock) -> None:
    await late_case(centre, clock)
    await centre.new_case(title="新来的工单", number="2026122300001")
    await centre.log_in("director")
    status, text = await centre.see("/overview")
    assert status == 200
    for words in ("现在什么最急", "市城市管理局", "灯杆倾斜", "/figures", "城市管理/路灯照明"):
        assert words in text


async def test_a_number_is_shown_for_a_reason_and_the_log_says_who_saw_it(
    centre: Centre,
) -> None:
    case_id = await with_phone(centre)
    await centre.log_in("dispatcher")
    _, text = await centre.see(f"/cases/{case_id}")
    assert PHONE not in text
    path = f"/cases/{case_id}/person"
    status, text = await centre.send(path, {"reason": " "}, start=f"/cases/{case_id}")
    assert status == 400
    assert "请说明查看理由" in text
    assert PHONE not in text
    status, text = await centre.send(path, {"reason": "核对地址"}, start=f"/cases/{case_id}")
    assert status == 200
    assert PHONE in text
    _, text = await centre.see(f"/cases/{case_id}/seen")
    assert "核对地址" in text
    assert "查看号码" in text
    assert PHONE not in text


@pytest.mark.parametrize("name", ["zhangmin", "lampdesk", "guanli"])
async def test_others_reveal_nothing(centre: Centre, name: str) -> None:
    case_id = await with_phone(centre, created_by="id-zhangmin")
    await centre.step(case_id, A.DISPATCH, DISPATCHER, TO_LAMPS)
    await centre.log_in(name)
    start = "/search" if name != "guanli" else "/admin/status"
    status, text = await centre.send(f"/cases/{case_id}/person", {"reason": "想看"}, start=start)
    assert status == 403
    assert PHONE not in text


async def test_an_agent_sees_own_cases_and_urges(centre: Centre) -> None:
    mine = await centre.new_case(title="我接的工单", created_by="id-zhangmin")
    await centre.new_case(title="别人的工单", created_by="id-liqiang")
    await centre.step(mine, A.DISPATCH, DISPATCHER, TO_LAMPS)
    await centre.log_in("zhangmin")
    _, text = await centre.see("/cases")
    assert "我接的工单" in text
    assert "别人的工单" not in text
    form = {"words": "来电人再次询问"}
    await centre.send(f"/cases/{mine}/steps/urge", form, start=f"/cases/{mine}")
    _, text = await centre.see(f"/cases/{mine}")
    assert "来电人再次询问" in text
    assert "催办 1 次" in text
