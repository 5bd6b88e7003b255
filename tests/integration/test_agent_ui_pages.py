"""The pages over HTTP: log-in, forms, rights, listening, a citizen's question."""

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
from sqlalchemy import select

from core.actions import calls, drafts, recordings
from core.actions.calls import Arrival, QueueEntry
from core.db.tables.calls import ListenRow
from core.domain.calls import EndedBy
from core.domain.drafts import DraftSuggestion, FieldValue, Span
from core.ids import AgentId, CallId, CaseId
from core.rate_limit import ACCOUNT_LIMIT
from tests.support.desk import PASSWORD, VAULT, DeskStack, desk_stack

pytestmark = pytest.mark.integration
CALL = CallId("call-1")
WAV = b"RIFF" + bytes(range(200)) * 10


@pytest.fixture
async def stack(database_url: str, redis_url: str) -> AsyncIterator[DeskStack]:
    async with desk_stack(database_url, redis_url) as running:
        yield running


@pytest.fixture
async def browser(stack: DeskStack) -> AsyncIterator[aiohttp.ClientSession]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(stack.origin, cookie_jar=jar) as session:
        yield session


async def form_token(browser: aiohttp.ClientSession, path: str) -> str:
    async with browser.get(path) as answer:
        found = re.search(r'name="csrf" value="([^"]+)"', await answer.text())
    assert found is not None
    return found[1]


async def log_in(browser: aiohttp.ClientSession, account: str, password: str = PASSWORD) -> int:
    data = {"csrf": await form_token(browser, "/login"), "account": account, "password": password}
    async with browser.post("/login", data=data, allow_redirects=False) as answer:
        return answer.status


async def one_case(stack: DeskStack) -> str:
    """A call of zhangmin with a submitted case and a recording; the case's number."""
    async with stack.database.work() as work:
        await calls.open_call(work, Arrival(CALL, "main", "12345", "chan", "13862754310"), VAULT)
        await calls.queue_call(work, CALL, QueueEntry("general"))
        agent = AgentId("id-zhangmin")
        await calls.answer_call(work, CALL, agent, agent_channel="a", bridge_id="b")
        said = (Span("caller", 5000, 9000, "路灯坏了"),)
        fields = {
            "case_type": FieldValue("投诉", 0.9, said),
            "summary": FieldValue("<b>人民路</b>路灯不亮", 0.8, said),
        }
        draft = await drafts.update_draft(work, CALL, DraftSuggestion(fields))
        await work.session.flush()
        case = await drafts.submit_draft(work, CaseId(draft.id), actor=agent, vault=VAULT)
        await calls.end_call(work, CALL, ended_by=EndedBy.CALLER)
        stored = recordings.StoredFile("mix", "x", "0", 30.0, len(WAV))
        row = await recordings.store_recording(work, CALL, stored)
        stack.audio[row.id] = WAV
        number = str(case.number)
        await work.commit()
    return number


async def test_a_person_without_a_log_in_is_led_to_it(browser: aiohttp.ClientSession) -> None:
    for path in ("/", "/desk", "/cases", "/admin/status"):
        async with browser.get(path, allow_redirects=False) as answer:
            assert answer.status == 303
            assert answer.headers["Location"].startswith("/login")


async def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(
    stack: DeskStack, browser: aiohttp.ClientSession
) -> None:
    data = {
        "csrf": await form_token(browser, "/login"), "account": "zhangmin", "password": PASSWORD,
    }  # fmt: skip
    async with browser.post("/login", data=data, allow_redirects=False) as answer:
        cookie = answer.headers["Set-Cookie"]
        assert answer.headers["Location"] == "/desk"
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


async def test_a_wrong_password_says_so_and_too_many_tries_are_stopped(
    browser: aiohttp.ClientSession,
) -> None:
    tries = [await log_in(browser, "zhangmin", "wrong") for _ in range(ACCOUNT_LIMIT.most + 1)]
    assert tries == [403] * ACCOUNT_LIMIT.most + [429]
    assert await log_in(browser, "zhangmin") == 429
    assert await log_in(browser, "liqiang") == 303


async def test_a_form_that_is_not_ours_changes_nothing(browser: aiohttp.ClientSession) -> None:
    assert await log_in(browser, "zhangmin") == 303
    for data in ({}, {"csrf": "guess"}):
        async with browser.post("/logout", data=data) as answer:
            assert answer.status == 403
    async with browser.get("/api/session") as answer:
        assert (await answer.json())["account"] == "zhangmin"


async def test_logging_out_ends_the_session(browser: aiohttp.ClientSession) -> None:
    await log_in(browser, "zhangmin")
    data = {"csrf": await form_token(browser, "/cases")}
    async with browser.post("/logout", data=data) as answer:
        assert answer.url.path == "/login"
    async with browser.get("/desk", allow_redirects=False) as answer:
        assert answer.status == 303


async def test_an_agent_sees_no_administration_and_an_administrator_no_desk(
    browser: aiohttp.ClientSession,
) -> None:
    await log_in(browser, "zhangmin")
    async with browser.get("/admin/status") as answer:
        assert answer.status == 403
    browser.cookie_jar.clear()
    await log_in(browser, "guanli")
    async with browser.get("/desk") as answer:
        assert answer.status == 403
    async with browser.get("/admin/status") as answer:
        assert "PostgreSQL" in await answer.text()


async def test_a_case_shows_its_fields_as_text_and_never_as_markup(
    stack: DeskStack, browser: aiohttp.ClientSession
) -> None:
    number = await one_case(stack)
    await log_in(browser, "zhangmin")
    async with browser.get(f"/cases/{number}") as answer:
        page = await answer.text()
    assert "&lt;b&gt;人民路&lt;/b&gt;路灯不亮" in page
    assert 'data-play-ms="5000"' in page
    # The masking matrix: the agent who took the call sees its number.
    assert "13862754310" in page


async def test_another_agents_case_is_not_there(
    stack: DeskStack, browser: aiohttp.ClientSession
) -> None:
    number = await one_case(stack)
    await log_in(browser, "liqiang")
    async with browser.get(f"/cases/{number}") as answer:
        assert answer.status == 404


async def test_audio_opens_only_after_the_reason_was_written_down(
    stack: DeskStack, browser: aiohttp.ClientSession
) -> None:
    number = await one_case(stack)
    await log_in(browser, "zhangmin")
    token = await form_token(browser, "/cases")
    url = f"/cases/{number}/listens"
    async with browser.post(url, data={"csrf": token, "reason": " "}) as answer:
        assert answer.status == 400
    async with browser.post(url, data={"csrf": token, "reason": "核对"}) as answer:
        opened = await answer.json()
    async with browser.get(opened["url"], headers={"Range": "bytes=4-9"}) as answer:
        assert (answer.status, await answer.read()) == (206, WAV[4:10])
        assert answer.headers["Content-Range"] == f"bytes 4-9/{len(WAV)}"
    async with browser.get(opened["url"], headers={"Range": "bytes=999999-"}) as answer:
        assert answer.status == 416
    async with browser.get(opened["url"][:-4] + "AAAA") as answer:
        assert answer.status == 403
    async with stack.database.sessions() as session:
        listens = list(await session.scalars(select(ListenRow)))
    assert [(one.account_id, one.reason) for one in listens] == [("id-zhangmin", "核对")]


async def test_a_citizen_learns_the_state_by_number_and_phone_tail_only(
    stack: DeskStack, browser: aiohttp.ClientSession
) -> None:
    number = await one_case(stack)
    token = await form_token(browser, "/status")
    asked = {"csrf": token, "number": number, "tail": "4310"}
    async with browser.post("/status", data=asked) as answer:
        page = await answer.text()
    assert "已受理，正在确定承办单位" in page
    assert "人民路" not in page
    async with browser.post("/status", data={**asked, "tail": "0000"}) as answer:
        assert answer.status == 404


async def test_an_oversized_form_is_refused_with_a_page(browser: aiohttp.ClientSession) -> None:
    token = await form_token(browser, "/login")
    async with browser.post("/login", data={"csrf": token, "account": "x" * 400_000}) as answer:
        assert answer.status == 413
        assert "提交的内容过大" in await answer.text()


async def test_english_is_spoken_where_it_was_chosen(browser: aiohttp.ClientSession) -> None:
    token = await form_token(browser, "/login")
    data = {"csrf": token, "language": "en", "back": "/login"}
    async with browser.post("/preferences", data=data) as answer:
        page = await answer.text()
    assert '<html lang="en"' in page
    assert "Government service hotline" in page


async def test_every_answer_forbids_foreign_scripts_and_frames(
    browser: aiohttp.ClientSession,
) -> None:
    async with browser.get("/login") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_a_draft_left_over_is_corrected_and_submitted_on_its_page(
    stack: DeskStack, browser: aiohttp.ClientSession
) -> None:
    async with stack.database.work() as work:
        await calls.open_call(work, Arrival(CALL, "main", "12345", "chan", "13862754310"), VAULT)
        await calls.queue_call(work, CALL, QueueEntry("general"))
        agent = AgentId("id-zhangmin")
        await calls.answer_call(work, CALL, agent, agent_channel="a", bridge_id="b")
        draft = await drafts.open_draft(work, CALL)
        await calls.end_call(work, CALL, ended_by=EndedBy.CALLER)
        await work.commit()
    await log_in(browser, "zhangmin")
    token = await form_token(browser, f"/cases/{draft.id}")
    data = {"csrf": token, "case_type": "投诉", "summary": "路灯不亮", "submit": "dispatch"}
    async with browser.post(f"/cases/{draft.id}/draft", data=data) as answer:
        page = await answer.text()
    assert "待派遣" in page
    assert "补全并提交草稿" not in page
