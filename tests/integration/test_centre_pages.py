"""The centre's pages over HTTP: each post sees its own, others are refused, bad input is told."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from core.actions.case_steps import attempt_step
from core.auth import Principal, Role, hash_password
from core.db.tables.cases import CaseRow
from core.domain.case_steps import CaseAction
from core.domain.cases import CaseStatus
from core.ids import CaseId
from tests.fakes.clock import FakeClock
from tests.support.city import LAMPS, build_city, make_case, person
from tests.support.desk import PASSWORD, DeskStack, account, desk_stack

pytestmark = pytest.mark.integration
A = CaseAction
POSTS = {
    "dispatcher": Role.DISPATCHER, "officer": Role.CALLBACK, "chief": Role.SUPERVISOR,
    "director": Role.DIRECTOR, "teamlead": Role.TEAM_LEAD,
}  # fmt: skip
LAMP_DESK = person(Role.UNIT_OPS, LAMPS)
DISPATCHER = person(Role.DISPATCHER)
TO_LAMPS = {"category": "城市管理/路灯照明", "lead": LAMPS, "basis": "派单目录1"}
REPLY = {
    "demand_true": "是", "contacted": "已联系", "solved": "已解决", "handling_detail": "更换灯泡",
    "public_reply": "路灯已修复", "handler": "张三",
}  # fmt: skip


@dataclass
class Centre:
    """The running pages, and one browser for each person."""

    stack: DeskStack
    browser: aiohttp.ClientSession

    async def token(self, path: str) -> str:
        async with self.browser.get(path) as answer:
            found = re.search(r'name="csrf" value="([^"]+)"', await answer.text())
        assert found is not None
        return found[1]

    async def log_in(self, name: str) -> None:
        self.browser.cookie_jar.clear()
        data = {"csrf": await self.token("/login"), "account": name, "password": PASSWORD}
        async with self.browser.post("/login", data=data, allow_redirects=False) as answer:
            assert answer.status == 303

    async def see(self, path: str) -> tuple[int, str]:
        async with self.browser.get(path) as answer:
            return answer.status, await answer.text()

    async def send(self, path: str, data: Mapping[str, Any], *, start: str) -> tuple[int, str]:
        form = {"csrf": await self.token(start), **data}
        async with self.browser.post(path, data=form) as answer:
            return answer.status, await answer.text()

    async def new_case(
        self, status: CaseStatus = CaseStatus.PENDING_ANALYSE, **values: object
    ) -> CaseId:
        async with self.stack.database.work() as work:
            case = make_case(work, status)
            case.submitted_at = case.created_at
            for name, value in values.items():
                setattr(case, name, value)
            await work.commit()
        return CaseId(case.id)

    async def step(
        self, case_id: CaseId, action: CaseAction, by: Principal, given: Mapping[str, Any] = {}
    ) -> None:
        await attempt_step(self.stack.database, case_id, action, by=by, given=given)

    async def status(self, case_id: CaseId) -> str:
        async with self.stack.database.sessions() as session:
            return (await session.get_one(CaseRow, case_id)).status


@pytest.fixture
async def centre(database_url: str, redis_url: str, clock: FakeClock) -> AsyncIterator[Centre]:
    async with desk_stack(database_url, redis_url, clock=clock) as stack:
        stored = hash_password(PASSWORD)
        async with stack.database.work() as work:
            await build_city(work)
            for number, (name, role) in enumerate(POSTS.items()):
                work.session.add(account(name, name, str(2000 + number), role, stored))
            clerk = account("lampdesk", "路灯联络员", "3001", Role.UNIT_OPS, stored)
            clerk.department_id = LAMPS
            work.session.add(clerk)
            await work.commit()
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(stack.origin, cookie_jar=jar) as browser:
            yield Centre(stack, browser)


async def test_the_pool_shows_critical_cases_first_and_leads_to_each(centre: Centre) -> None:
    plain = await centre.new_case(title="小区垃圾没人清")
    urgent = await centre.new_case(title="燃气泄漏", urgency="特急")
    await centre.log_in("dispatcher")
    status, text = await centre.see("/dispatch")
    assert status == 200
    assert text.index(f"/cases/{urgent}") < text.index(f"/cases/{plain}")
    assert "待派遣" in text
    assert "特急" in text


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
