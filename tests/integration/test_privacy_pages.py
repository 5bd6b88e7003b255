"""The month's review of looks, and the commands for tokens and for the log's wholeness."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select, text

from core.actions.access import Seen, note_seen
from core.auth import Role, hash_password
from core.clock import city_time
from core.db.tables.api import ApiClientRow
from core.domain.access import SeenField
from hotline.cli import main
from tests.integration.leaks.walk import log_in
from tests.support.city import LAMPS, build_city, person
from tests.support.desk import PASSWORD, VAULT, DeskStack, account, desk_stack

pytestmark = pytest.mark.integration


@pytest.fixture
async def stack(database_url: str, redis_url: str) -> AsyncIterator[DeskStack]:
    async with desk_stack(database_url, redis_url) as running:
        async with running.database.work() as work:
            await build_city(work)
            stored = hash_password(PASSWORD)
            work.session.add(account("zhuren", "主任", "", Role.DIRECTOR, stored))
            await work.commit()
        yield running


@pytest.fixture
async def browser(stack: DeskStack) -> AsyncIterator[aiohttp.ClientSession]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(stack.origin, cookie_jar=jar) as session:
        yield session


async def look(stack: DeskStack, times: int) -> None:
    unit = person(Role.UNIT_OPS, LAMPS)
    await note_seen(stack.database, [Seen("case-1", SeenField.VIEW)] * times, by=unit, vault=VAULT)


async def test_the_director_reviews_a_month_and_an_agent_may_not(
    stack: DeskStack, browser: aiohttp.ClientSession
) -> None:
    await look(stack, 3)
    await log_in(browser, "zhuren")
    async with browser.get("/privacy/review") as answer:
        shown = await answer.text()
    assert re.search(r"市城市管理局.*?<td class=\"number\">3</td>", shown)
    before = (city_time(stack.deps.clock.now()) - timedelta(days=40)).strftime("%Y-%m")
    async with browser.get(f"/privacy/review?month={before}") as answer:
        assert "市城市管理局" not in await answer.text()
    async with browser.get("/privacy/review?month=x") as answer:
        assert answer.status == 400
    await log_in(browser, "zhangmin")
    async with browser.get("/privacy/review") as answer:
        assert answer.status == 403


async def test_the_check_says_whether_the_log_is_whole(
    stack: DeskStack, browser: aiohttp.ClientSession
) -> None:
    await look(stack, 3)
    token = await log_in(browser, "zhuren")
    async with browser.post("/privacy/review", data={"csrf": token}) as answer:
        assert "查看记录完整，共 3 条" in await answer.text()
    async with stack.database.work() as work:
        await work.session.execute(text("ALTER TABLE pi_access DISABLE TRIGGER USER"))
        await work.session.execute(text("DELETE FROM pi_access WHERE seq = 3"))
        await work.commit()
    async with browser.post("/privacy/review", data={"csrf": token}) as answer:
        assert answer.status == 400
        assert "查看记录被改动过" in await answer.text()


def command(
    monkeypatch: pytest.MonkeyPatch, folder: Path, url: str, *arguments: str
) -> "asyncio.Future[int]":
    """The command line, in a thread: it has an event loop of its own."""
    monkeypatch.setenv("HOTLINE_STATE_DIR", str(folder))
    monkeypatch.setenv("HOTLINE_DATABASE_URL", url)
    monkeypatch.setenv("HOTLINE_MASTER_KEY", VAULT.master_key.hex())
    return asyncio.ensure_future(asyncio.to_thread(main, arguments))


async def test_an_administrator_makes_lists_and_revokes_tokens(
    stack: DeskStack,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    post = ("--role", "UNIT_OPS", "--department", "市城市管理局")
    create = ("token", "create", "城管系统", "--scope", "legs:read,legs:write", *post)
    assert await command(monkeypatch, tmp_path, database_url, *create) == 0
    token = capsys.readouterr().out.strip()
    async with aiohttp.ClientSession(stack.origin) as http:
        headers = {"Authorization": f"Bearer {token}"}
        async with http.get("/api/v1/legs", headers=headers) as answer:
            assert answer.status == 200
        async with stack.database.sessions() as session:
            row = (await session.scalars(select(ApiClientRow))).one()
            assert token not in repr(vars(row))
        assert await command(monkeypatch, tmp_path, database_url, *create) == 1
        assert "已被使用" in capsys.readouterr().err
        assert await command(monkeypatch, tmp_path, database_url, "token", "list") == 0
        assert "城管系统\t有效\tUNIT_OPS" in capsys.readouterr().out
        revoke = ("token", "revoke", "城管系统")
        assert await command(monkeypatch, tmp_path, database_url, *revoke) == 0
        async with http.get("/api/v1/legs", headers=headers) as answer:
            assert answer.status == 401


async def test_the_command_finds_a_log_that_was_tampered_with(
    stack: DeskStack,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await look(stack, 2)
    assert await command(monkeypatch, tmp_path, database_url, "access-log") == 0
    assert "共 2 条" in capsys.readouterr().out
    async with stack.database.work() as work:
        await work.session.execute(text("ALTER TABLE pi_access DISABLE TRIGGER USER"))
        await work.session.execute(text("UPDATE pi_access SET reason = 'x' WHERE seq = 1"))
        await work.commit()
    assert await command(monkeypatch, tmp_path, database_url, "access-log") == 1
    assert "第 1 条" in capsys.readouterr().out
