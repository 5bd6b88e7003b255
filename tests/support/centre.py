"""The centre's pages running on a small city, and one browser to look at them with."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from core.actions.case_steps import attempt_step
from core.auth import Principal, Role, hash_password
from core.clock import Clock
from core.db.tables.cases import CaseRow
from core.domain.case_steps import CaseAction
from core.domain.cases import CaseStatus
from core.ids import CaseId
from tests.support.city import LAMPS, build_city, make_case
from tests.support.desk import PASSWORD, DeskStack, account, desk_stack

POSTS = {
    "dispatcher": Role.DISPATCHER, "officer": Role.CALLBACK, "chief": Role.SUPERVISOR,
    "director": Role.DIRECTOR, "teamlead": Role.TEAM_LEAD,
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

    async def log_in(self, name: str, password: str = PASSWORD) -> None:
        self.browser.cookie_jar.clear()
        data = {"csrf": await self.token("/login"), "account": name, "password": password}
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
        self,
        case_id: CaseId,
        action: CaseAction,
        by: Principal,
        given: Mapping[str, Any] | None = None,
    ) -> None:
        await attempt_step(self.stack.database, case_id, action, by=by, given=given or {})

    async def status(self, case_id: CaseId) -> str:
        async with self.stack.database.sessions() as session:
            return (await session.get_one(CaseRow, case_id)).status


@asynccontextmanager
async def running_centre(database_url: str, redis_url: str, clock: Clock) -> AsyncIterator[Centre]:
    """Everything running until the context ends."""
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
        async with browse(stack) as running:
            yield running


@asynccontextmanager
async def browse(stack: DeskStack) -> AsyncIterator[Centre]:
    """A browser on pages that are running already."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(stack.origin, cookie_jar=jar) as browser:
        yield Centre(stack, browser)
