"""No department reaches a telephone number or a confidential identity, by any way there is.

The walk takes every line of the URL table: a new page is walked by itself, a new parameter makes
this test fail until `MORE_VALUES` says what to put there.
"""

import html
import io
import logging
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from agent_ui.pages.exports import NAMES
from agent_ui.pages.recordings import make_ticket
from agent_ui.printing import FORMS
from analytics.export_files import FileFormat
from core import logs
from core.actions.api_clients import NewClient, make_client
from core.db.repos.case_views import Sight, visible_case
from core.domain.api_scopes import Scope
from tests.integration.leaks.city import (
    ACCUSED,
    CONFIDENTIAL_SECRETS,
    NAME,
    SECRET_MASK,
    SECRET_NUMBER,
    SECRET_TAIL,
    SECRETS,
    UNIT_ROLES,
    LeakCity,
    accounts_of_units,
    build,
    by,
)
from tests.integration.leaks.walk import (
    Question,
    Questions,
    log_in,
    parameter_values,
    walk,
    walk_api,
)
from tests.support.desk import VAULT, DeskStack, desk_stack

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]
ALL_SECRETS = (*SECRETS, *CONFIDENTIAL_SECRETS, SECRET_NUMBER, SECRET_MASK, SECRET_TAIL)
#: Values for parameters that only some pages have.
MORE_VALUES: dict[str, list[str]] = {
    "sheet_id": ["none"],
    "file_id": ["none"],
    "request_id": ["none"],
    "view_id": ["none"],
    "export_id": ["none"],
    "webhook_id": ["none"],
    "delivery_id": ["none"],
    "kind": ["state"],
    "jjdbh": ["none"],
    "item_id": ["none"],
    "correction_id": ["none"],
    "burst_id": ["none"],
    "form": [*FORMS],
}
#: Questions that a bare address does not ask.
QUESTIONS: tuple[Question, ...] = (
    *(("GET", f"/search?words={word}", {}) for word in ("路灯", "解放路", "人民路")),
    ("GET", "/search?place=锦绣花园", {}),
    *(("GET", f"/exports?statement={code}", {}) for code in NAMES),
    *(
        ("POST", "/exports", {"statement": code, "format": kind.value, "reason": "核对"})
        for code in NAMES
        for kind in FileFormat
    ),
)


@pytest.fixture
async def stack(database_url: str, redis_url: str) -> AsyncIterator[DeskStack]:
    async with desk_stack(database_url, redis_url) as running:
        yield running


@pytest.fixture
async def city(stack: DeskStack) -> LeakCity:
    return await build(stack.database, stack.audio)


@pytest.fixture
def written() -> io.StringIO:
    """Everything this process logs from now on, as it would be written."""
    return io.StringIO()


def values_for(stack: DeskStack, city: LeakCity) -> dict[str, list[str]]:
    tickets = [make_ticket(stack.deps, city.recording, "id-zhangmin"), "forged"]
    return parameter_values(city, {**MORE_VALUES, "ticket": tickets})


async def test_no_department_account_meets_a_personal_value_anywhere(
    stack: DeskStack, city: LeakCity, written: io.StringIO
) -> None:
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.JsonLines("test"))
    root = logging.getLogger()
    root.addHandler(handler)
    before, _ = root.level, root.setLevel(logging.INFO)
    try:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(stack.origin, cookie_jar=jar) as browser:
            for account, role, unit in accounts_of_units():
                asked = Questions(values_for(stack, city), QUESTIONS)
                found = await walk(browser, account, asked, ALL_SECRETS)
                assert found.leaks[:10] == [], account
                # It walked something: the pages of its own cases, unless it is the accused.
                own = f"/cases/{city.cases['phone']}"
                status = dict(found.answers)[f"GET {own}"]
                assert status == (404 if unit == ACCUSED else 200), (account, role)
                assert ("路灯整夜不亮" in found.seen) is (unit != ACCUSED), account
                assert ("〔号码〕" in found.seen) is (unit != ACCUSED), account
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    assert [one for one in ALL_SECRETS if one in written.getvalue()] == []


async def test_no_program_of_a_department_meets_a_personal_value_by_the_api(
    stack: DeskStack, city: LeakCity
) -> None:
    values = values_for(stack, city)
    async with aiohttp.ClientSession(stack.origin) as http:
        for account, role, unit in accounts_of_units():
            new = NewClient(account, [scope.value for scope in Scope], role.value, unit, "WEB")
            async with stack.database.work() as work:
                _, token = await make_client(work, new, by="test")
                await work.commit()
            found = await walk_api(http, token, values, ALL_SECRETS)
            assert found.leaks[:10] == [], account
            own = f"GET /api/v1/cases/{city.numbers['phone']}"
            assert dict(found.answers)[own] == (404 if unit == ACCUSED else 200), account
            assert ("路灯整夜不亮" in found.seen) is (unit != ACCUSED), account


async def test_the_walk_would_notice_for_the_centre_sees_the_name(
    stack: DeskStack, city: LeakCity
) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(stack.origin, cookie_jar=jar) as browser:
        await log_in(browser, "dispatcher")
        async with browser.get(f"/cases/{city.cases['phone']}") as answer:
            assert NAME in await answer.text()


async def test_a_form_printed_for_a_department_names_nobody_whoever_prints_it(
    stack: DeskStack, city: LeakCity
) -> None:
    jar, printed = aiohttp.CookieJar(unsafe=True), 0
    async with aiohttp.ClientSession(stack.origin, cookie_jar=jar) as browser:
        await log_in(browser, "dispatcher")
        for name, case_id in city.cases.items():
            async with browser.get(f"/cases/{case_id}") as answer:
                links = re.findall(
                    r'href="(/cases/[^"]+/print/([\w-]+)[^"]*)"', await answer.text()
                )
            for link, form in links:
                if FORMS[form].reader not in UNIT_ROLES:
                    continue
                async with browser.get(html.unescape(link)) as answer:
                    page = await answer.text()
                    assert answer.status == 200, link
                hidden = ALL_SECRETS if name.endswith("secret") else SECRETS
                assert [one for one in hidden if one in page] == [], (name, form)
                printed += 1
    assert printed >= len(city.cases)


async def test_the_accused_unit_finds_none_of_the_cases_that_report_it(
    stack: DeskStack, city: LeakCity
) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(stack.origin, cookie_jar=jar) as browser:
        for role in UNIT_ROLES:
            await log_in(browser, f"accused-{role.value.lower()}")
            for key in city.names():
                async with browser.get(f"/cases/{key}") as answer:
                    assert answer.status == 404


async def test_no_desk_socket_opens_for_a_department(stack: DeskStack, city: LeakCity) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(stack.origin, cookie_jar=jar) as browser:
        for account, _, _ in accounts_of_units():
            await log_in(browser, account)
            cookie = "; ".join(f"{one.key}={one.value}" for one in browser.cookie_jar)
            heard = await hear(stack, cookie)
            assert [one for one in ALL_SECRETS if one in heard] == []
            assert "captions" not in heard


async def hear(stack: DeskStack, cookie: str) -> str:
    """What the desk's socket tells this session before it closes."""
    heard = ""
    headers = {"Cookie": cookie, "Origin": stack.origin}
    try:
        async with connect(stack.gateway, additional_headers=headers) as socket:
            async for message in socket:
                heard += str(message)
    except WebSocketException:
        pass
    return heard


async def test_what_leaves_the_database_for_a_department_is_clean_already(
    stack: DeskStack, city: LeakCity
) -> None:
    async with stack.database.sessions() as session:
        for _, role, unit in accounts_of_units():
            for name, case_id in city.cases.items():
                if unit == ACCUSED:
                    continue
                view = await visible_case(session, Sight(by(role, unit), VAULT), case_id)
                shown = repr(view)
                assert [one for one in SECRETS if one in shown] == [], name
                if name.endswith("secret"):
                    hidden = (*CONFIDENTIAL_SECRETS, SECRET_MASK, SECRET_TAIL)
                    assert [one for one in hidden if one in shown] == [], name
