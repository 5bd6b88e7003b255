"""The pages as departments, officers and citizens use them: one browser, steps, forms, files."""

import io
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from sqlalchemy import func, select

from core.actions.case_steps import attempt_step
from core.actions.drafts import next_case_number
from core.auth import Principal, Role, hash_password
from core.clock import Clock
from core.db.tables.cases import CaseRow, DepartmentRow
from core.db.tables.handling import LegRow
from core.domain.case_steps import CaseAction
from core.domain.cases import CaseStatus
from core.ids import CaseId
from core.vault import mask_phone
from tests.support.city import LAMPS, ROADS, build_city, make_case, person
from tests.support.desk import PASSWORD, VAULT, DeskStack, account, desk_stack

A = CaseAction
PHONE = "13862754310"
BULBS = "dep-bulbs"
#: Log-in name -> post and department.
POSTS: Mapping[str, tuple[Role, str | None]] = {
    "lampops": (Role.UNIT_OPS, LAMPS),
    "lamplead": (Role.UNIT_LEAD, LAMPS),
    "roadops": (Role.UNIT_OPS, ROADS),
    "bulbs": (Role.UNIT3, BULBS),
    "officer": (Role.CALLBACK, None),
    "chief": (Role.SUPERVISOR, None),
    "dispatcher": (Role.DISPATCHER, None),
}
DISPATCHER = person(Role.DISPATCHER)
OFFICER = person(Role.CALLBACK)
CHIEF = person(Role.SUPERVISOR)
LAMP_DESK = person(Role.UNIT_OPS, LAMPS)
TO_LAMPS = {"category": "城市管理/路灯照明", "lead": LAMPS, "basis": "派单目录第 7 条"}
REPLY = {
    "demand_true": "是", "contacted": "已联系", "solved": "已解决", "handling_detail": "更换灯泡",
    "public_reply": "人民路路灯已更换灯泡，当晚恢复照明。", "handler": "张三",
}  # fmt: skip


@dataclass
class Portal:
    """The running pages and one browser."""

    stack: DeskStack
    browser: aiohttp.ClientSession

    async def token(self, path: str) -> str:
        """The form token on a page."""
        async with self.browser.get(path) as answer:
            found = re.search(r'name="csrf" value="([^"]+)"', await answer.text())
        assert found is not None
        return found[1]

    async def log_in(self, name: str) -> None:
        """Be this person from now on."""
        self.browser.cookie_jar.clear()
        data = {"csrf": await self.token("/login"), "account": name, "password": PASSWORD}
        async with self.browser.post("/login", data=data, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()

    async def see(self, path: str) -> tuple[int, str]:
        """A page."""
        async with self.browser.get(path) as answer:
            return answer.status, await answer.text()

    async def send(
        self, path: str, data: Mapping[str, Any] | Sequence[tuple[str, str]], *, start: str
    ) -> tuple[int, str]:
        """Send a form that was found on the page `start`; where it leads, and what it says."""
        pairs = list(data.items()) if isinstance(data, Mapping) else list(data)
        form = [("csrf", await self.token(start)), *pairs]
        async with self.browser.post(path, data=form) as answer:
            return answer.status, await answer.text()

    async def send_files(
        self,
        path: str,
        data: Mapping[str, str],
        files: Sequence[tuple[str, bytes]],
        *,
        start: str,
    ) -> tuple[int, str]:
        """Send a form with files."""
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("csrf", await self.token(start))
        for name, value in data.items():
            form.add_field(name, value)
        for name, content in files:
            form.add_field("attachments", io.BytesIO(content), filename=name)
        async with self.browser.post(path, data=form) as answer:
            return answer.status, await answer.text()

    async def new_case(self, **values: object) -> CaseId:
        """A case in the pool, of a citizen with a telephone."""
        async with self.stack.database.work() as work:
            case = make_case(work, CaseStatus.PENDING_ANALYSE)
            case.submitted_at = case.created_at
            case.phone_sealed, case.phone_mask = VAULT.seal(PHONE), mask_phone(PHONE)
            case.phone_tail_hash = VAULT.fingerprint(f"tail:{PHONE[-4:]}")
            for name, value in values.items():
                setattr(case, name, value)
            case.number = await next_case_number(work)
            await work.commit()
        return CaseId(case.id)

    async def step(
        self, case_id: CaseId, action: CaseAction, by: Principal, given: Mapping[str, Any] = {}
    ) -> None:
        """Take a step as the law has it."""
        await attempt_step(self.stack.database, case_id, action, by=by, given=given)

    async def dispatched(self, **values: object) -> CaseId:
        """A case at the lamps' department, not signed."""
        case_id = await self.new_case(**values)
        await self.step(case_id, A.DISPATCH, DISPATCHER, TO_LAMPS)
        return case_id

    async def signed(self, **values: object) -> CaseId:
        """A case that the lamps' department handles."""
        case_id = await self.dispatched(**values)
        await self.step(case_id, A.SIGN, LAMP_DESK)
        return case_id

    async def replied(self, **values: object) -> CaseId:
        """A case with the department's reply, to be reviewed."""
        case_id = await self.signed(**values)
        await self.step(case_id, A.REPLY, LAMP_DESK, REPLY)
        return case_id

    async def to_call_back(self, **values: object) -> CaseId:
        """A case whose citizen is to be rung."""
        case_id = await self.replied(**values)
        await self.step(case_id, A.APPROVE_REPLY, OFFICER)
        return case_id

    async def case(self, case_id: CaseId) -> CaseRow:
        """The case as it stands."""
        async with self.stack.database.sessions() as session:
            return await session.get_one(CaseRow, case_id)

    async def leg(self, case_id: CaseId) -> LegRow:
        """The newest leg of the case."""
        async with self.stack.database.sessions() as session:
            query = select(LegRow).where(LegRow.case_id == case_id)
            rows = await session.scalars(query.order_by(LegRow.dispatched_at.desc(), LegRow.id))
            return rows.all()[0]

    async def count(self, table: Any, *where: Any) -> int:
        """How many rows."""
        async with self.stack.database.sessions() as session:
            query = select(func.count()).select_from(table).where(*where)
            return int(await session.scalar(query) or 0)


@asynccontextmanager
async def portal(database_url: str, redis_url: str, clock: Clock) -> AsyncIterator[Portal]:
    """Pages with a small city: two departments, a third-level unit, somebody of each post."""
    async with desk_stack(database_url, redis_url, clock=clock) as stack:
        await _people(stack)
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(stack.origin, cookie_jar=jar) as browser:
            yield Portal(stack, browser)


async def _people(stack: DeskStack) -> None:
    stored = hash_password(PASSWORD)
    async with stack.database.work() as work:
        await build_city(work)
        work.session.add(
            DepartmentRow(id=BULBS, name="市路灯管理所", kind="所", parent_id=LAMPS, phone="2001")
        )
        for name, (role, department) in POSTS.items():
            row = account(name, name, "9", role, stored)
            row.department_id = department
            work.session.add(row)
        await work.commit()
