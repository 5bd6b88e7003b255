"""The HTTP side of phoning a citizen through the hotline."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest

from core.auth import hash_password
from core.db.tables.cases import CaseRow
from core.db.tables.handling import LegRow
from core.db.tables.people import AccountRow
from tests.support.desk import PASSWORD, VAULT, DeskStack, desk_stack

pytestmark = pytest.mark.integration
CITIZEN = "13862754310"
JSON = {"Accept": "application/json"}


@pytest.fixture
async def stack(database_url: str, redis_url: str) -> AsyncIterator[DeskStack]:
    async with desk_stack(database_url, redis_url) as running:
        now = running.deps.clock.now()
        async with running.database.work() as work:
            for account, unit in (("lin", "water"), ("wu", "parks")):
                work.session.add(
                    AccountRow(
                        id=f"id-{account}", account=account, name=account, role="UNIT_OPS",
                        department_id=unit, phone="83505001",
                        password_hash=hash_password(PASSWORD),
                    )
                )  # fmt: skip
            work.session.add(
                CaseRow(
                    id="case-1", number="2026112300001", status="HANDLING", created_at=now,
                    phone_sealed=VAULT.seal(CITIZEN),
                )
            )  # fmt: skip
            await work.session.flush()
            work.session.add(
                LegRow(
                    id="leg-1", case_id="case-1", department_id="water", status="HANDLING",
                    limit_type="work_day", limit_value=5, dispatched_at=now,
                    sign_due_at=now + timedelta(hours=4), due_at=now + timedelta(days=5),
                    warn_at=now + timedelta(days=4),
                )
            )  # fmt: skip
            await work.commit()
        yield running


@pytest.fixture
async def browser(stack: DeskStack) -> AsyncIterator[aiohttp.ClientSession]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(stack.origin, cookie_jar=jar) as session:
        yield session


async def token(browser: aiohttp.ClientSession, path: str) -> str:
    async with browser.get(path) as answer:
        found = re.search(r'name="csrf" value="([^"]+)"', await answer.text())
    assert found is not None
    return found[1]


async def log_in(browser: aiohttp.ClientSession, account: str) -> str:
    """Gives the token that forms of this log-in carry."""
    data = {"csrf": await token(browser, "/login"), "account": account, "password": PASSWORD}
    async with browser.post("/login", data=data, allow_redirects=False) as answer:
        assert answer.status == 303
    return await token(browser, "/cases")


async def test_a_department_asks_for_the_call_and_follows_how_far_it_has_come(
    browser: aiohttp.ClientSession,
) -> None:
    data = {"csrf": await log_in(browser, "lin")}
    async with browser.post("/cases/case-1/call-citizen", data=data, headers=JSON) as answer:
        assert answer.status == 202
        asked = await answer.json()
    assert asked["state"] == "ASKED"
    async with browser.get(f"/calls-out/{asked['call_id']}", headers=JSON) as answer:
        text = await answer.text()
    assert "ASKED" in text
    assert CITIZEN not in text
    async with browser.post("/cases/case-1/call-citizen", data=data, headers=JSON) as answer:
        assert answer.status == 409
        assert "正在呼出" in (await answer.json())["message"]


async def test_another_department_learns_nothing_of_case_or_call(
    stack: DeskStack, browser: aiohttp.ClientSession
) -> None:
    data = {"csrf": await log_in(browser, "lin")}
    async with browser.post("/cases/case-1/call-citizen", data=data, headers=JSON) as answer:
        call_id = (await answer.json())["call_id"]
    browser.cookie_jar.clear()
    data = {"csrf": await log_in(browser, "wu")}
    async with browser.post("/cases/case-1/call-citizen", data=data, headers=JSON) as answer:
        assert answer.status == 404
    async with browser.get(f"/calls-out/{call_id}", headers=JSON) as answer:
        assert answer.status == 404


async def test_a_phone_that_is_none_is_refused_in_words(browser: aiohttp.ClientSession) -> None:
    data = {"csrf": await log_in(browser, "lin"), "phone": "PJSIP/everybody"}
    async with browser.post("/cases/case-1/call-citizen", data=data, headers=JSON) as answer:
        assert answer.status == 400
        assert "话机号码" in (await answer.json())["message"]


async def test_an_agent_without_the_right_phones_nobody(browser: aiohttp.ClientSession) -> None:
    data = {"csrf": await log_in(browser, "zhangmin")}
    async with browser.post("/cases/case-1/call-citizen", data=data, headers=JSON) as answer:
        assert answer.status == 403
