"""Printed forms: each with its data, each as its reader may see the case, each printing logged."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from agent_ui.printing import FORMS
from core.auth import Role
from core.db.tables.handling import PiAccessRow
from core.domain.case_steps import CaseAction
from core.ids import CaseId
from tests.fakes.clock import FakeClock
from tests.support.centre import Centre, running_centre
from tests.support.city import LAMPS, ROADS, person
from tests.support.desk import VAULT

pytestmark = pytest.mark.integration
A = CaseAction
PHONE = "13862754310"
DISPATCHER, CHIEF = person(Role.DISPATCHER), person(Role.SUPERVISOR)
LAMP_DESK, LAMP_LEAD = person(Role.UNIT_OPS, LAMPS), person(Role.UNIT_LEAD, LAMPS)
TO_LAMPS = {
    "category": "城市管理/路灯照明", "lead": LAMPS, "basis": "派单目录1",
    "instruction": "请两日内到场",
}  # fmt: skip


@pytest.fixture
async def centre(database_url: str, redis_url: str, clock: FakeClock) -> AsyncIterator[Centre]:
    async with running_centre(database_url, redis_url, clock) as running:
        yield running


async def busy_case(centre: Centre) -> CaseId:
    """A case around which everything has happened that a form can be about."""
    case_id = await centre.new_case(
        number="2026112300031", content=f"人民路路灯不亮，请打我电话{PHONE}", urgency="特急",
        phone_sealed=VAULT.seal(PHONE), phone_hash=VAULT.fingerprint(PHONE),
    )  # fmt: skip
    steps = (
        (A.DISPATCH, DISPATCHER, TO_LAMPS),
        (A.SIGN, LAMP_DESK, {}),
        (A.URGE, DISPATCHER, {"words": "再次来电"}),
        (A.ASK_EXTENSION, LAMP_DESK,
         {"hours": "1", "days": "1", "reason_code": "天气", "words": "暴雨", "told_caller": True}),
        (A.SUPERVISE, CHIEF, {"kind": "important", "level": "2", "reason": "影响大"}),
        (A.LINK_JOINT, CHIEF, {"problem_kind": "长期处理无结果", "receiving_body": "法制办"}),
        (A.START_MEDIATION, DISPATCHER, {"dispute_type": "物业", "both_parties_willing": True}),
        (A.END_MEDIATION, DISPATCHER, {"result": "未达成"}),
        (A.ASK_RETURN, LAMP_DESK,
         {"reason_code": "职能不符", "basis": "三定方案", "proposed_unit": ROADS}),
        (A.CALL_CONFERENCE, DISPATCHER, {"topic": "谁来管灯杆", "no_owner": True}),
    )  # fmt: skip
    for action, by, given in steps:
        await centre.step(case_id, action, by, given)
    return case_id


async def test_every_form_prints_with_its_data_and_without_the_number(centre: Centre) -> None:
    case_id = await busy_case(centre)
    await centre.log_in("dispatcher")
    _, page = await centre.see(f"/cases/{case_id}")
    expected = {
        "leg": "请两日内到场", "brief": "领导批示", "major": "风险研判", "order": "影响大",
        "urging": "催办次数", "extension": "暴雨", "return": "三定方案", "conference": "谁来管灯杆",
        "mediation": "物业", "joint": "法制办",
    }  # fmt: skip
    assert set(expected) == set(FORMS)
    for slug, words in expected.items():
        assert f"/print/{slug}?of=" in page, slug
        status, text = await centre.see(f"/cases/{case_id}/print/{slug}")
        assert status == 200, slug
        assert FORMS[slug].title in text
        assert words in text, slug
        assert "2026112300031" in text
        assert PHONE not in text
    async with centre.stack.database.sessions() as session:
        query = select(PiAccessRow.reason).where(PiAccessRow.field == "PRINT")
        printed = (await session.scalars(query)).all()
    assert set(printed) == {form.title for form in FORMS.values()}


async def test_a_confidential_case_prints_no_identity(centre: Centre) -> None:
    case_id = await centre.new_case(confidential=True, content=f"我叫王建国，电话{PHONE}")
    given = {**TO_LAMPS, "redaction_checked": True, "instruction": f"可打{PHONE}"}
    await centre.step(case_id, A.DISPATCH, DISPATCHER, given)
    await centre.log_in("dispatcher")
    status, text = await centre.see(f"/cases/{case_id}/print/leg")
    assert status == 200
    assert "保密件" in text
    assert PHONE not in text


@pytest.mark.parametrize("path", ["print/nonsense", "print/order", "print/leg?of=guess"])
async def test_a_form_that_is_not_there_says_so(centre: Centre, path: str) -> None:
    case_id = await centre.new_case()
    await centre.log_in("dispatcher")
    status, text = await centre.see(f"/cases/{case_id}/{path}")
    assert status == 404
    assert "单据" in text


async def test_units_and_agents_print_nothing_here(centre: Centre) -> None:
    case_id = await busy_case(centre)
    for name in ("lampdesk", "zhangmin"):
        await centre.log_in(name)
        assert (await centre.see(f"/cases/{case_id}/print/leg"))[0] == 403
