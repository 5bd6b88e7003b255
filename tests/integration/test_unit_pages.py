"""The departments' portal over HTTP: own cases only, every step, bad input told and undone."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from sqlalchemy import select

from core.actions.unit_approvals import settle_approvals
from core.auth import Role
from core.db.tables.handling import RequestRow, SuperviseRow, UrgeRow
from core.db.tables.outgoing import OutgoingRow
from core.db.tables.units import AttachmentRow, UnitSettingRow
from core.domain.uploads import LARGEST_FILE
from tests.fakes.clock import FakeClock
from tests.support.city import LAMPS, ROADS, person
from tests.support.portal import (
    BULBS,
    CHIEF,
    DISPATCHER,
    LAMP_DESK,
    OFFICER,
    PHONE,
    REPLY,
    A,
    Portal,
    portal,
)

pytestmark = pytest.mark.integration
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
RETURN = {"reason_code": "职能不符", "basis": "三定方案", "proposed_unit": ROADS}
EXTENSION = {
    "days": "3", "reason_code": "需工程施工", "words": "需更换灯杆", "told_caller": "是",
    "told_how": "23 日电话告知",
}  # fmt: skip


@pytest.fixture
async def pages(database_url: str, redis_url: str, clock: FakeClock) -> AsyncIterator[Portal]:
    async with portal(database_url, redis_url, clock) as running:
        yield running


async def test_a_department_starts_at_its_inbox_with_what_is_due_first(
    pages: Portal, clock: FakeClock
) -> None:
    await pages.dispatched(title="先到的路灯")
    clock.advance(3600)
    await pages.dispatched(title="后到的路灯")
    await pages.log_in("lampops")
    status, page = await pages.see("/")
    assert status == 200
    assert page.index("先到的路灯") < page.index("后到的路灯")
    assert "待签收" in page
    assert "还剩" in page
    await pages.log_in("roadops")
    assert "路灯" not in (await pages.see("/unit"))[1]


async def test_another_units_case_is_not_found_and_takes_no_step(pages: Portal) -> None:
    case_id = await pages.signed()
    await pages.log_in("roadops")
    assert (await pages.see(f"/unit/cases/{case_id}"))[0] == 404
    status, _ = await pages.send(f"/unit/cases/{case_id}/steps/reply", REPLY, start="/unit")
    assert status == 404
    assert (await pages.send(f"/unit/cases/{case_id}/call", {"phone": "2001"}, start="/unit"))[
        0
    ] == 404
    assert (await pages.case(case_id)).status == "HANDLING"
    assert await pages.count(OutgoingRow) == 0


@pytest.mark.parametrize("name", ["officer", "dispatcher"])
async def test_the_portal_is_for_departments(pages: Portal, name: str) -> None:
    await pages.log_in(name)
    assert (await pages.see("/unit"))[0] == 403


async def test_a_department_sees_why_it_has_the_case_and_not_who_phoned(pages: Portal) -> None:
    case_id = await pages.signed(content=f"人民路路灯不亮，请打 {PHONE} 找我")
    await pages.log_in("lampops")
    _, page = await pages.see(f"/unit/cases/{case_id}")
    assert "派单目录第 7 条" in page
    assert "138****4310" in page
    assert PHONE not in page
    assert "签收" in page


async def test_a_confidential_case_shows_no_number_and_offers_no_call(pages: Portal) -> None:
    case_id = await pages.new_case(confidential=True)
    await pages.step(
        case_id, A.DISPATCH, DISPATCHER,
        {"category": "城市管理/路灯照明", "lead": LAMPS, "basis": "1", "redaction_checked": True},
    )  # fmt: skip
    await pages.step(case_id, A.SIGN, LAMP_DESK)
    await pages.log_in("lampops")
    _, page = await pages.see(f"/unit/cases/{case_id}")
    assert "138****4310" not in page
    assert '/call"' not in page
    assert "保密工单" in page


async def test_many_are_signed_at_once_and_a_forged_id_holds_up_nobody(pages: Portal) -> None:
    ids = [await pages.dispatched() for _ in range(3)]
    await pages.log_in("lampops")
    ticked = [("case", one) for one in (*ids, "forged", ids[0])]
    status, page = await pages.send("/unit/sign", ticked, start="/unit")
    assert status == 200
    assert "已签收 3 件" in page
    assert "1 件未能签收" in page
    assert [(await pages.case(one)).status for one in ids] == ["HANDLING"] * 3
    status, page = await pages.send("/unit/sign", [], start="/unit/figures")
    assert status == 400
    assert "请先勾选" in page


async def test_a_second_click_on_sign_says_so_and_changes_nothing(pages: Portal) -> None:
    case_id = await pages.dispatched()
    await pages.log_in("lampops")
    where = f"/unit/cases/{case_id}"
    assert (await pages.send(f"{where}/steps/sign", {}, start=where))[0] == 200
    signed = (await pages.leg(case_id)).signed_at
    status, page = await pages.send(f"{where}/steps/sign", {}, start=where)
    assert status == 409
    assert "可能已经签收" in page
    assert (await pages.leg(case_id)).signed_at == signed


async def test_a_reply_with_evidence_goes_to_review(pages: Portal) -> None:
    case_id = await pages.signed()
    await pages.log_in("lampops")
    where = f"/unit/cases/{case_id}"
    files = [("现场.png", PNG), ("说明.pdf", b"%PDF-1.7 test")]
    status, page = await pages.send_files(f"{where}/steps/reply", REPLY, files, start=where)
    assert status == 200
    assert "反馈已提交" in page
    assert (await pages.case(case_id)).status == "REPLIED"
    async with pages.stack.database.sessions() as session:
        kept = list(await session.scalars(select(AttachmentRow).order_by(AttachmentRow.name)))
    assert [(one.name, one.size) for one in kept] == [("现场.png", 48), ("说明.pdf", 13)]
    assert set((await pages.leg(case_id)).reply["attachments"]) == {one.id for one in kept}
    async with pages.browser.get(f"/unit/files/{kept[0].id}") as answer:
        assert await answer.read() == PNG
        assert answer.headers["Content-Disposition"].startswith("attachment")
    await pages.log_in("roadops")
    assert (await pages.see(f"/unit/files/{kept[0].id}"))[0] == 404


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"public_reply": ""}, "请补全反馈内容"),
        ({"solved": "列入计划"}, "请补全反馈内容"),
        ({"demand_true": "大概"}, "请选择诉求是否属实"),
        ({"public_reply": "更换灯泡"}, "不能完全相同"),
        ({"handling_detail": "长" * 20_001}, "内容过长"),
    ],
)
async def test_a_bad_reply_is_told_and_keeps_what_was_typed(
    pages: Portal, change: dict[str, str], sentence: str
) -> None:
    case_id = await pages.signed()
    await pages.log_in("lampops")
    where = f"/unit/cases/{case_id}"
    form = {**REPLY, "law_basis": "城市照明条例", **change}
    status, page = await pages.send(f"{where}/steps/reply", form, start=where)
    assert status == 400
    assert sentence in page
    assert 'value="城市照明条例"' in page
    assert (await pages.case(case_id)).status == "HANDLING"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("病毒.png", b"MZ" + bytes(100), "附件只接受"),
        ("照片.jpg", PNG, "与扩展名不符"),
        ("空.png", b"", "空文件"),
        ("巨大.png", PNG, "附件过大"),
    ],
)
async def test_a_file_that_is_not_what_it_says_stops_the_whole_reply(
    pages: Portal, name: str, content: bytes, sentence: str
) -> None:
    case_id = await pages.signed()
    await pages.log_in("lampops")
    where = f"/unit/cases/{case_id}"
    if name == "巨大.png":
        content += bytes(LARGEST_FILE)
    files = [("好的.png", PNG), (name, content)]
    status, page = await pages.send_files(f"{where}/steps/reply", REPLY, files, start=where)
    assert status == 400
    assert sentence in page
    assert (await pages.case(case_id)).status == "HANDLING"
    assert await pages.count(AttachmentRow) == 0


async def test_a_form_with_files_needs_its_token_first(pages: Portal) -> None:
    case_id = await pages.signed()
    await pages.log_in("lampops")
    form = {"csrf": "guess", **REPLY}
    async with pages.browser.post(f"/unit/cases/{case_id}/steps/reply", data=form) as answer:
        assert answer.status == 403
    files = aiohttp.FormData()
    files.add_field("attachments", PNG, filename="a.png")
    files.add_field("csrf", await pages.token("/unit"))
    async with pages.browser.post(f"/unit/cases/{case_id}/steps/reply", data=files) as answer:
        assert answer.status == 400
    assert (await pages.case(case_id)).status == "HANDLING"


async def test_a_reply_that_says_the_same_as_before_must_be_confirmed(pages: Portal) -> None:
    await pages.replied()
    case_id = await pages.signed()
    await pages.log_in("lampops")
    where = f"/unit/cases/{case_id}"
    status, page = await pages.send(f"{where}/steps/reply", REPLY, start=where)
    assert status == 400
    assert "几乎相同" in page
    assert 'name="template_confirmed"' in page
    sure = {**REPLY, "template_confirmed": "是"}
    assert (await pages.send(f"{where}/steps/reply", sure, start=where))[0] == 200
    assert (await pages.leg(case_id)).reply["template_confirmed"] is True


async def test_a_return_needs_its_grounds_and_goes_to_ruling(pages: Portal) -> None:
    case_id = await pages.signed()
    await pages.log_in("lampops")
    where = f"/unit/cases/{case_id}"
    for change in ({"basis": ""}, {"reason_code": "太远"}, {"proposed_unit": ""}):
        status, _ = await pages.send(f"{where}/steps/return", {**RETURN, **change}, start=where)
        assert status == 400
    status, page = await pages.send(f"{where}/steps/return", RETURN, start=where)
    assert status == 200
    assert "退单申请已提交" in page
    assert (await pages.case(case_id)).status == "RETURN_REVIEW"
    assert "退单与裁定" in (await pages.see("/unit?tray=disputed"))[1]


async def test_an_extension_is_asked_before_due_and_with_the_citizen_told(
    pages: Portal, clock: FakeClock
) -> None:
    case_id = await pages.signed()
    await pages.log_in("lampops")
    where = f"/unit/cases/{case_id}"
    not_told = {**EXTENSION, "told_caller": ""}
    assert (await pages.send(f"{where}/steps/extension", not_told, start=where))[0] == 400
    status, page = await pages.send(f"{where}/steps/extension", EXTENSION, start=where)
    assert status == 200, page[page.index("<main") :]
    status, page = await pages.send(f"{where}/steps/extension", EXTENSION, start=where)
    assert status == 409
    assert "正在审核" in page
    late = await pages.signed()
    clock.advance(20 * 24 * 3600)
    await pages.log_in("lampops")
    status, page = await pages.send(
        f"/unit/cases/{late}/steps/extension", EXTENSION, start=f"/unit/cases/{late}"
    )
    assert status == 409
    assert "已超过办理期限" in page


async def test_other_requests_of_a_unit_are_written_down(pages: Portal) -> None:
    case_id = await pages.signed()
    await pages.log_in("lampops")
    where = f"/unit/cases/{case_id}"
    wishes = {
        "suspension": {"condition": "等待电力部门停电窗口", "resume_on": "2027-01-15"},
        "unreasonable": {"reason_code": "超出政策标准", "evidence": "要求每户一灯"},
        "contact": {"how": "23 日电话", "note": "约定周五上门"},
        "support": {"unit": ROADS, "instruction": "配合封道"},
    }
    for name, form in wishes.items():
        status, page = await pages.send(f"{where}/steps/{name}", form, start=where)
        assert (name, status) == (name, 200), page
    async with pages.stack.database.sessions() as session:
        kinds = set(await session.scalars(select(RequestRow.kind)))
    assert kinds == {"SUSPENSION", "UNREASONABLE"}
    await pages.log_in("roadops")
    assert (await pages.see(where))[0] == 200


async def test_work_is_handed_to_an_own_third_level_unit_within_the_own_limit(
    pages: Portal,
) -> None:
    case_id = await pages.signed()
    await pages.log_in("lampops")
    where = f"/unit/cases/{case_id}"
    after_due = {"unit": BULBS, "inner_due": "2027-06-01T10:00"}
    assert (await pages.send(f"{where}/steps/sub", after_due, start=where))[0] == 409
    within = {"unit": BULBS, "inner_due": "2026-11-26T10:00", "instruction": "换灯泡"}
    assert (await pages.send(f"{where}/steps/sub", within, start=where))[0] == 200
    await pages.log_in("bulbs")
    assert (await pages.see("/unit"))[0] == 200
    status, page = await pages.see(where)
    assert status == 200
    assert "换灯泡" in page
    assert "申请退单" not in page


async def test_a_dispute_between_citizens_goes_to_mediation_when_both_are_willing(
    pages: Portal,
) -> None:
    case_id = await pages.signed()
    await pages.log_in("lampops")
    where = f"/unit/cases/{case_id}"
    form = {"dispute_type": "物业"}
    assert (await pages.send(f"{where}/steps/mediation", form, start=where))[0] == 400
    form["both_parties_willing"] = "是"
    assert (await pages.send(f"{where}/steps/mediation", form, start=where))[0] == 200
    assert (await pages.case(case_id)).status == "MEDIATION"


async def test_urges_are_read_and_supervision_is_answered(pages: Portal) -> None:
    case_id = await pages.signed()
    await pages.step(case_id, A.URGE, DISPATCHER, {"words": "请快一点"})
    await pages.step(case_id, A.SUPERVISE, CHIEF, {"kind": "important", "reason": "群众关注"})
    await pages.log_in("lampops")
    assert "路灯不亮" in (await pages.see("/unit?tray=pressed"))[1]
    where = f"/unit/cases/{case_id}"
    _, page = await pages.see(where)
    assert "请快一点" in page
    assert "群众关注" in page
    assert (await pages.send(f"{where}/steps/urges", {}, start=where))[0] == 200
    assert await pages.count(UrgeRow, UrgeRow.read_at.is_(None)) == 0
    async with pages.stack.database.sessions() as session:
        order = (await session.scalars(select(SuperviseRow))).one()
    answer = {"order_id": order.id, "reply": ""}
    assert (await pages.send(f"{where}/steps/order-reply", answer, start=where))[0] == 400
    answer["reply"] = "今晚修复"
    assert (await pages.send(f"{where}/steps/order-reply", answer, start=where))[0] == 200
    forged = {"order_id": "forged", "reply": "x"}
    assert (await pages.send(f"{where}/steps/order-reply", forged, start=where))[0] in (404, 409)


async def test_a_reply_waits_for_the_leader_where_the_unit_wants_it(pages: Portal) -> None:
    case_id = await pages.signed()
    await pages.log_in("lampops")
    settings = [("approvals", "REPLY")]
    assert (await pages.send("/unit/settings", settings, start="/unit/figures"))[0] == 403
    await pages.log_in("lamplead")
    assert (await pages.send("/unit/settings", settings, start="/unit/figures"))[0] == 200
    wrong = [("approvals", "EVERYTHING")]
    assert (await pages.send("/unit/settings", wrong, start="/unit/figures"))[0] == 400
    await pages.log_in("lampops")
    where = f"/unit/cases/{case_id}"
    files = [("现场.png", PNG)]
    _, page = await pages.send_files(f"{where}/steps/reply", REPLY, files, start=where)
    assert "已提交单位领导审批" in page
    assert (await pages.case(case_id)).status == "HANDLING"
    status, _ = await pages.send(f"{where}/steps/reply", REPLY, start=where)
    assert status == 409
    async with pages.stack.database.sessions() as session:
        wish = (await session.scalars(select(RequestRow))).one()
    decide = f"{where}/proposals/{wish.id}"
    assert (await pages.send(decide, {"allowed": "yes"}, start=where))[0] == 403
    await pages.log_in("lamplead")
    assert "路灯不亮" in (await pages.see("/unit?tray=to-approve"))[1]
    assert (await pages.send(decide, {"allowed": "no"}, start=where))[0] == 400
    assert (await pages.send(decide, {"allowed": "yes"}, start=where))[0] == 200
    assert (await pages.case(case_id)).status == "REPLIED"
    leg = await pages.leg(case_id)
    assert leg.reply["approver"] == "lamplead"
    assert len(leg.reply["attachments"]) == 1
    assert (await pages.send(decide, {"allowed": "yes"}, start=where))[0] == 409


async def test_only_an_own_leader_decides(pages: Portal) -> None:
    case_id = await pages.signed()
    lead = person(Role.UNIT_LEAD, LAMPS)
    async with pages.stack.database.work() as work:
        await settle_approvals(work, ["RETURN"], by=lead)
        await work.commit()
    assert await pages.count(UnitSettingRow) == 1
    await pages.log_in("lampops")
    where = f"/unit/cases/{case_id}"
    await pages.send(f"{where}/steps/return", RETURN, start=where)
    assert (await pages.case(case_id)).status == "HANDLING"
    async with pages.stack.database.sessions() as session:
        wish = (await session.scalars(select(RequestRow))).one()
    await pages.log_in("roadops")
    path = f"{where}/proposals/{wish.id}"
    assert (await pages.send(path, {"allowed": "yes"}, start="/unit"))[0] == 404


async def test_a_unit_sees_its_figures_with_the_cases_behind_and_appeals_once(
    pages: Portal, clock: FakeClock
) -> None:
    case_id = await pages.signed(title="晚了的路灯")
    clock.advance(20 * 24 * 3600)
    await pages.step(case_id, A.REPLY, LAMP_DESK, REPLY)
    await pages.step(case_id, A.APPROVE_REPLY, OFFICER)
    await pages.step(case_id, A.SATISFIED, OFFICER, {"satisfaction": "满意", "solved": "解决"})
    await pages.log_in("lampops")
    status, page = await pages.see("/unit/figures?month=2026-12&of=timely")
    assert status == 200
    assert "及时办结率" in page
    assert "晚了的路灯" in page
    where = f"/unit/cases/{case_id}"
    appeal = f"{where}/steps/appeal"
    assert (await pages.send(appeal, {"words": ""}, start=where))[0] == 400
    assert (await pages.send(appeal, {"words": "停电窗口由供电公司决定"}, start=where))[0] == 200
    assert (await pages.send(appeal, {"words": "再来"}, start=where))[0] == 409
    status, page = await pages.see("/unit/figures?month=fuenf")
    assert status == 400
    assert "月份应写作" in page


async def test_a_unit_phones_the_citizen_without_seeing_the_number(pages: Portal) -> None:
    case_id = await pages.signed()
    await pages.log_in("lampops")
    where = f"/unit/cases/{case_id}"
    status, page = await pages.send(f"{where}/call", {"phone": "抓狂"}, start=where)
    assert status == 400
    assert "话机号码" in page
    status, page = await pages.send(f"{where}/call", {"phone": "2001"}, start=where)
    assert status == 200
    assert "正在接通" in page
    assert PHONE not in page
    assert (await pages.send(f"{where}/call", {"phone": "2001"}, start=where))[0] == 409
    async with pages.stack.database.sessions() as session:
        row = (await session.scalars(select(OutgoingRow))).one()
    assert (await pages.see(f"/outgoing/{row.id}"))[0] == 200
    await pages.log_in("roadops")
    assert (await pages.see(f"/outgoing/{row.id}"))[0] == 404


async def test_a_similar_closed_case_shows_what_worked(pages: Portal) -> None:
    done = await pages.to_call_back(title="去年的路灯")
    await pages.step(done, A.SATISFIED, OFFICER, {"satisfaction": "满意", "solved": "解决"})
    case_id = await pages.signed()
    await pages.log_in("lampops")
    _, page = await pages.see(f"/unit/cases/{case_id}")
    assert "去年的路灯" in page
    assert "当晚恢复照明" in page


async def test_an_unknown_step_is_not_found(pages: Portal) -> None:
    case_id = await pages.signed()
    await pages.log_in("lampops")
    where = f"/unit/cases/{case_id}"
    assert (await pages.send(f"{where}/steps/delete", {}, start=where))[0] == 404
