"""Lists that leave the system: who may, what is in them, approval, mark, log."""

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from core.auth import Role, hash_password
from core.db.tables.appraisal import ExportRow
from core.db.tables.cases import CaseRow
from core.db.tables.outbox import AuditRow, OutboxRow
from core.domain.cases import CaseStatus
from tests.fakes.clock import NOON, FakeClock
from tests.integration.test_figure_pages import LATE, OCTOBER, Office
from tests.support.city import LAMPS, ROADS, build_city
from tests.support.desk import PASSWORD, VAULT, account, desk_stack
from tests.support.handled import DAY, Past, live_through

pytestmark = pytest.mark.integration
PHONE = "13862754310"
TENTH = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
UNHAPPY = Past(at=TENTH, satisfaction="不满意", solved="未解决", cause="敷衍")
DAYS = {"from": "2026-10-01", "to": "2026-10-31"}


@pytest.fixture
async def office(database_url: str, redis_url: str, clock: FakeClock) -> AsyncIterator[Office]:
    posts = {
        "chief": (Role.SUPERVISOR, None), "director": (Role.DIRECTOR, None),
        "officer": (Role.CALLBACK, None), "leader": (Role.LEADER, None),
        "lamps": (Role.UNIT_OPS, LAMPS), "roads": (Role.UNIT_OPS, ROADS),
    }  # fmt: skip
    async with desk_stack(database_url, redis_url, clock=clock) as stack:
        stored = hash_password(PASSWORD)
        async with stack.database.work() as work:
            await build_city(work)
            for name, (role, unit) in posts.items():
                person = account(name, name, "1", role, stored)
                person.department_id = unit
                work.session.add(person)
            await work.commit()
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(stack.origin, cookie_jar=jar) as browser:
            yield Office(stack, browser)


async def exported(office: Office, **data: str) -> tuple[int, bytes]:
    """Ask for a list; the answer is the file where no approval is needed."""
    form = {"csrf": await office.token("/exports"), "format": "csv", **DAYS, **data}
    async with office.browser.post("/exports", data=form) as answer:
        return answer.status, await answer.read()


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


async def with_person(office: Office, past: Past, *, confidential: bool = False) -> None:
    async with office.stack.database.work() as work:
        case = await live_through(work, past)
        case.content = f"我叫王小明，电话{PHONE}，人民路路灯不亮"
        case.title = f"请打{PHONE}"
        case.confidential = confidential
        case.caller_sealed = case.phone_sealed = VAULT.seal(PHONE)
        case.caller_hash = VAULT.fingerprint(PHONE)
        await work.commit()


@pytest.mark.parametrize("who", ["chief", "officer", "director", "lamps"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_no_file_holds_a_telephone_number(office: Office, who: str, kind: str) -> None:
    await with_person(office, UNHAPPY)
    await with_person(office, UNHAPPY, confidential=True)
    await office.log_in(who)
    status, content = await exported(office, statement="unhappy", format=kind)
    assert status == 200
    if kind == "xlsx":
        sheet = load_workbook(io.BytesIO(content)).worksheets[0]
        text = str([[cell.value for cell in row] for row in sheet.iter_rows()])
    else:
        text = content.decode("utf-8-sig")
    assert "人民路路灯不亮" in text
    assert "敷衍" in text
    assert PHONE not in text
    assert "****4310" not in text
    assert text.count("人民路") == 1


async def test_a_file_says_who_took_it_and_the_log_keeps_its_checksum(office: Office) -> None:
    await office.lived(UNHAPPY)
    await office.log_in("officer")
    _, content = await exported(office, statement="unhappy")
    assert "officer" in rows(content)[0][0]
    assert rows(content)[0] == rows(content)[-1]
    async with office.stack.database.sessions() as session:
        [row] = (await session.scalars(select(ExportRow))).all()
        told = (
            await session.scalars(select(OutboxRow).where(OutboxRow.kind == "ListExported"))
        ).all()
        actions = (
            await session.scalars(select(AuditRow.action).where(AuditRow.entity == "export"))
        ).all()
    assert (row.taken_times, len(row.sha256), row.asked_by) == (1, 64, "id-officer")
    assert row.id in rows(content)[0][0]
    assert len(told) == 1
    assert set(actions) == {"ask_export", "take_export"}


async def test_a_long_list_needs_a_purpose_and_another_persons_approval(office: Office) -> None:
    await office.lived(*[UNHAPPY] * 101)
    await office.log_in("chief")
    status, content = await exported(office, statement="unhappy")
    assert (status, "用途" in content.decode()) == (400, True)
    status, content = await exported(office, statement="unhappy", reason="月度分析")
    page = content.decode()
    assert (status, "待审批" in page) == (200, True)
    async with office.stack.database.sessions() as session:
        [row] = (await session.scalars(select(ExportRow))).all()
    where = f"/exports/{row.id}"
    assert (await office.see(f"{where}/file"))[0] == 409
    own = await office.send(f"{where}/ruling", {"verdict": "ALLOWED"}, start="/exports")
    assert (own[0], "自己" in own[1]) == (403, True)
    await office.log_in("officer")
    assert (await office.send(f"{where}/ruling", {"verdict": "ALLOWED"}, start="/exports"))[
        0
    ] == 403
    await office.log_in("director")
    assert (await office.see(f"{where}/file"))[0] == 404
    assert (await office.send(f"{where}/ruling", {"verdict": "ALLOWED"}, start="/exports"))[
        0
    ] == 200
    await office.log_in("chief")
    async with office.browser.get(f"{where}/file") as answer:
        assert answer.status == 200
        assert len(rows(await answer.read())) == 101 + 4


async def test_a_refused_list_stays_where_it_is(office: Office) -> None:
    await office.lived(*[UNHAPPY] * 101)
    await office.log_in("officer")
    await exported(office, statement="unhappy", reason="看看")
    async with office.stack.database.sessions() as session:
        [row] = (await session.scalars(select(ExportRow))).all()
    where = f"/exports/{row.id}"
    await office.log_in("chief")
    bare = await office.send(f"{where}/ruling", {"verdict": "REFUSED"}, start="/exports")
    assert bare[0] == 400
    ruling = {"verdict": "REFUSED", "reason": "无业务需要"}
    assert (await office.send(f"{where}/ruling", ruling, start="/exports"))[0] == 200
    again = await office.send(f"{where}/ruling", {"verdict": "ALLOWED"}, start="/exports")
    assert again[0] == 409
    await office.log_in("officer")
    assert (await office.see(f"{where}/file"))[0] == 409


async def test_a_list_that_has_grown_is_asked_for_anew(office: Office) -> None:
    await office.lived(UNHAPPY)
    await office.log_in("officer")
    await exported(office, statement="unhappy")
    async with office.stack.database.sessions() as session:
        [row] = (await session.scalars(select(ExportRow))).all()
    await office.lived(*[UNHAPPY] * 101)
    status, page = await office.see(f"/exports/{row.id}/file")
    assert (status, "重新申请" in page) == (409, True)


async def test_a_unit_takes_its_own_cases_only(office: Office) -> None:
    mine, other = await office.lived(UNHAPPY, Past(at=TENTH, unit=ROADS, satisfaction="不满意"))
    await office.log_in("lamps")
    _, content = await exported(office, statement="unhappy")
    text = content.decode("utf-8-sig")
    assert (mine in text, other in text) == (True, False)
    _, content = await exported(office, statement="units")
    assert [row[0] for row in rows(content)[3:-1]] == ["市城市管理局"]
    for closed in ("daily", "categories", "places", "seats"):
        assert (await exported(office, statement=closed))[0] == 403
    behind = {"statement": "behind", "code": "timely", "unit": ROADS}
    assert (await exported(office, **behind))[0] == 403


async def test_an_agent_and_a_stranger_take_nothing(office: Office) -> None:
    async with office.browser.get("/exports", allow_redirects=False) as answer:
        assert answer.status == 303
    await office.log_in("zhangmin")
    assert (await office.see("/exports"))[0] == 403


async def test_todays_cases_are_in_todays_list(office: Office) -> None:
    await office.lived(Past(at=NOON, took=None, status=CaseStatus.HANDLING, satisfaction=None))
    await office.log_in("chief")
    today = {"from": "2026-11-23", "to": "2026-11-23"}
    _, content = await exported(office, statement="daily", **today)
    assert ["合计", "", "1"] in rows(content)
    assert ["时段", "12:00", "1"] in rows(content)
    assert ["类型", "投诉", "1"] in rows(content)


async def test_the_overdue_list_holds_what_is_past_due_and_open(office: Office) -> None:
    open_late = Past(at=NOON - 9 * DAY, took=None, status=CaseStatus.HANDLING, satisfaction=None)
    [late, _soon] = await office.lived(
        open_late, Past(at=NOON, took=None, status=CaseStatus.HANDLING, satisfaction=None)
    )
    await office.lived(LATE)
    await office.log_in("chief")
    _, content = await exported(office, statement="overdue")
    assert [row[0] for row in rows(content)[3:-1]] == [late]


async def test_each_statement_is_made_with_and_without_cases(office: Office) -> None:
    await office.log_in("director")
    codes = ("daily", "categories", "units", "overdue", "unhappy", "second", "seats", "repeats",
             "places", "baseline")  # fmt: skip
    for code in codes:
        status, page = await office.see(f"/exports?statement={code}&{OCTOBER}")
        assert status == 200, code
    await office.lived(UNHAPPY, LATE, Past(at=TENTH, round=2, cause="敷衍"))
    async with office.stack.database.work() as work:
        for row in await work.session.scalars(select(CaseRow)):
            row.place_text = "人民路12号"
        await work.commit()
    for code in codes:
        status, page = await office.see(f"/exports?statement={code}&{OCTOBER}")
        assert status == 200, code
        if code == "places":
            assert re.search("人民路</td><td>3<", page)
        if code == "baseline":
            assert "85.00%" in page


@pytest.mark.parametrize(
    "data", [{"statement": "x"}, {"statement": "units", "format": "exe"}, {"from": "x"}]
)
async def test_a_wish_that_is_none_is_told_and_not_written_down(
    office: Office, data: dict[str, str]
) -> None:
    await office.log_in("chief")
    assert (await exported(office, **{"statement": "units", **data}))[0] == 400
    async with office.stack.database.sessions() as session:
        assert (await session.scalars(select(ExportRow))).all() == []


async def test_the_cases_behind_a_figure_are_taken_from_their_own_page(office: Office) -> None:
    _good, bad = await office.lived(Past(at=TENTH), LATE)
    await office.log_in("chief")
    where = f"/figures/cases?code=timely&unit={LAMPS}&{OCTOBER}&side=rest"
    _, page = await office.see(where)
    button = re.search(r'href="(/exports\?statement=behind[^"]+)"', page)
    assert button is not None
    status, preview = await office.see(button[1].replace("&amp;", "&"))
    assert (status, "共 1 行" in preview, bad in preview) == (200, True, True)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', preview))
    status, content = await exported(office, **{**hidden, "format": "csv"})
    assert status == 200
    assert [row[0] for row in rows(content)[3:-1]] == [bad]
