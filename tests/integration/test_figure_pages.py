"""Pages of figures and appraisal over HTTP: who sees what, drill-down, forms, bad input."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import aiohttp
import pytest

from core.auth import Role, hash_password
from tests.fakes.clock import FakeClock
from tests.support.city import LAMPS, ROADS, build_city
from tests.support.desk import PASSWORD, DeskStack, account, desk_stack
from tests.support.handled import DAY, Past, live_through

pytestmark = pytest.mark.integration
POSTS = {
    "chief": (Role.SUPERVISOR, None), "director": (Role.DIRECTOR, None),
    "leader": (Role.LEADER, None), "lamps": (Role.UNIT_OPS, LAMPS),
    "roads": (Role.UNIT_LEAD, ROADS),
}  # fmt: skip
TENTH = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
LATE = Past(at=TENTH, took=6 * DAY)
OCTOBER = "from=2026-10-01&to=2026-10-31"


@dataclass
class Office:
    """The running pages and one browser."""

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

    async def send(self, path: str, data: Mapping[str, str], *, start: str) -> tuple[int, str]:
        form = {"csrf": await self.token(start), **data}
        async with self.browser.post(path, data=form) as answer:
            return answer.status, await answer.text()

    async def lived(self, *pasts: Past) -> list[str]:
        async with self.stack.database.work() as work:
            cases = [await live_through(work, past) for past in pasts]
            await work.commit()
        return [str(case.number) for case in cases]


@pytest.fixture
async def office(database_url: str, redis_url: str, clock: FakeClock) -> AsyncIterator[Office]:
    async with desk_stack(database_url, redis_url, clock=clock) as stack:
        stored = hash_password(PASSWORD)
        async with stack.database.work() as work:
            await build_city(work)
            for name, (role, unit) in POSTS.items():
                person = account(name, name, "1", role, stored)
                person.department_id = unit
                work.session.add(person)
            await work.commit()
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(stack.origin, cookie_jar=jar) as browser:
            yield Office(stack, browser)


def row_of(page: str, heading: str) -> str:
    """The cells of the table row with this heading, as text."""
    for row in re.findall(r"<tr.*?</tr>", page, flags=re.DOTALL):
        if heading in row:
            return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))
    raise AssertionError(heading)


async def test_the_table_shows_each_unit_and_the_provinces_baseline(office: Office) -> None:
    await office.lived(Past(at=TENTH), Past(at=TENTH), LATE, Past(at=TENTH, unit=ROADS))
    await office.log_in("director")
    status, page = await office.see(f"/figures?{OCTOBER}")
    assert status == 200
    assert "66.67%" in row_of(page, "市城市管理局")
    assert "100.00%" in row_of(page, "市交通运输局")
    assert "85.00%" in row_of(page, "全省满意率基线")
    assert page.index("市城市管理局") < page.index("市交通运输局")


async def test_the_year_before_is_told_in_percentage_points(office: Office) -> None:
    before = replace(LATE, at=TENTH.replace(year=2025))
    await office.lived(Past(at=TENTH), Past(at=TENTH), before)
    await office.log_in("director")
    _, page = await office.see(f"/figures?{OCTOBER}")
    assert "+100.00" in row_of(page, "期限内办结")
    assert "+100.00" in row_of(page, "合计")


async def test_every_number_leads_to_its_cases(office: Office) -> None:
    _good, bad = await office.lived(Past(at=TENTH), LATE)
    await office.log_in("chief")
    _, page = await office.see(f"/figures?{OCTOBER}")
    cell = re.search(rf'href="(/figures/cases\?code=timely&amp;unit={LAMPS}[^"]*side=rest)"', page)
    assert cell is not None
    status, listed = await office.see(cell[1].replace("&amp;", "&"))
    assert status == 200
    assert f"/cases/{bad}" in listed
    assert "共 1 件" in listed


async def test_a_unit_sees_its_own_figures_only(office: Office) -> None:
    await office.lived(Past(at=TENTH), LATE, Past(at=TENTH, unit=ROADS))
    await office.log_in("lamps")
    _, page = await office.see(f"/figures?{OCTOBER}")
    assert "50.00%" in row_of(page, "期限内办结")
    assert "市交通运输局" not in page
    for unit in (ROADS, "ALL", ""):
        status, _ = await office.see(f"/figures/cases?code=timely&unit={unit}&{OCTOBER}")
        assert status == 403
    status, own = await office.see(f"/figures/cases?code=timely&unit={LAMPS}&{OCTOBER}")
    assert (status, "共 2 件" in own) == (200, True)
    assert (await office.see("/figures/calls"))[0] == 403


async def test_an_agent_has_no_figures(office: Office) -> None:
    await office.log_in("zhangmin")
    assert (await office.see("/figures"))[0] == 403


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-13-01&to=2026-10-31", "from=2026-10-31&to=2026-10-01", "from=x&to=",
        "from=1990-01-01&to=2026-01-01", "month=2026-99", "year=12",
        "from=0001-01-01&to=0001-01-02",
        "from=9999-12-30&to=9999-12-31",
    ],
)  # fmt: skip
async def test_a_period_that_is_none_is_told_in_words(office: Office, query: str) -> None:
    await office.log_in("director")
    status, page = await office.see(f"/figures?{query}")
    assert status == 400
    assert re.search("时段|月份|年份|日期", page)


async def test_a_figure_that_is_none_is_told_in_words(office: Office) -> None:
    await office.log_in("director")
    status, page = await office.see("/figures/cases?code=nothing")
    assert (status, "没有这项指标" in page) == (400, True)


async def test_the_telephones_figures_show_both_views(office: Office) -> None:
    await office.log_in("leader")
    status, page = await office.see("/figures/calls")
    assert status == 200
    assert "—" in row_of(page, "接通率")
    assert "15 秒接通率（÷ 呼入）" in page


async def test_the_figures_speak_english_too(office: Office) -> None:
    await office.log_in("director")
    token = await office.token("/figures")
    data = {"csrf": token, "language": "en", "back": f"/figures?{OCTOBER}"}
    async with office.browser.post("/preferences", data=data) as answer:
        page = await answer.text()
    assert "Closed in time" in page


async def sheet_address(office: Office, month: str = "2026-10") -> str:
    _, page = await office.see(f"/appraisal?month={month}")
    found = re.search(r'href="(/appraisal/[0-9a-f-]{36})">市城市管理局', page)
    assert found is not None
    return found[1]


async def objected(office: Office) -> str:
    """A drafted, announced sheet with a late case that the unit has objected to."""
    await office.lived(*[Past(at=TENTH)] * 18, LATE, LATE)
    await office.log_in("chief")
    for step in ("draft", "announce"):
        status, _ = await office.send(
            f"/appraisal/{step}", {"month": "2026-10"}, start="/appraisal"
        )
        assert status == 200
    await office.log_in("lamps")
    where = await sheet_address(office)
    _, page = await office.see(where)
    line = re.search(r'name="result_id" value="([^"]+)"', page)
    assert line is not None
    data = {"result_id": line[1], "words": "台风停工"}
    assert (await office.send(f"{where}/objections", data, start=where))[0] == 200
    return where


async def test_a_sheet_goes_from_draft_to_publication_on_its_pages(
    office: Office, clock: FakeClock
) -> None:
    where = await objected(office)
    clock.advance(5 * DAY)
    await office.log_in("chief")
    await office.send("/appraisal/review", {"month": "2026-10"}, start="/appraisal")
    _, page = await office.see(where)
    asked = re.search(r'name="objection_id" value="([^"]+)"', page)
    assert asked is not None
    ruling = {"objection_id": asked[1], "verdict": "UPHELD", "deduct": "2", "reason": "台风属实"}
    _, page = await office.send(f"{where}/rulings", ruling, start=where)
    assert "异议成立" in page
    assert "8 2" in row_of(page, "及时办结率")
    await office.log_in("director")
    _, page = await office.send(f"{where}/sign", {}, start=where)
    assert "已签发" in page
    await office.send(f"{where}/publish", {}, start=where)
    await office.log_in("leader")
    status, page = await office.see(where)
    assert status == 200
    assert "得分 98" in re.sub(r"<[^>]+>", "", page)


async def test_a_deduction_links_to_its_cases(office: Office) -> None:
    where = await objected(office)
    _, page = await office.see(where)
    row = next(row for row in page.split("<tr>") if "及时办结率" in row)
    assert len(re.findall(r'href="/cases/\d{13}"', row)) == 2


async def test_a_sheet_is_nobody_elses_before_it_is_published(office: Office) -> None:
    where = await objected(office)
    for stranger in ("roads", "leader"):
        await office.log_in(stranger)
        assert (await office.see(where))[0] == 404
    await office.log_in("roads")
    data = {"result_id": "x", "words": "别人的"}
    assert (await office.send(f"{where}/objections", data, start="/appraisal"))[0] == 404
    assert (await office.send(f"{where}/sign", {}, start="/appraisal"))[0] == 403


async def test_signing_too_early_is_told_and_changes_nothing(office: Office) -> None:
    where = await objected(office)
    await office.log_in("director")
    status, page = await office.send(f"{where}/sign", {}, start=where)
    assert (status, "还有异议没有裁定" in page) == (409, True)
    assert "异议期" in (await office.see(where))[1]


async def test_a_unit_sees_no_draft(office: Office) -> None:
    await office.log_in("chief")
    await office.send("/appraisal/draft", {"month": "2026-10"}, start="/appraisal")
    await office.log_in("lamps")
    _, page = await office.see("/appraisal?month=2026-10")
    assert "还没有考核表" in page


@pytest.mark.parametrize("month", ["2026-11", "2026-13", "", "x"])
async def test_a_month_that_cannot_be_appraised_is_told(office: Office, month: str) -> None:
    await office.log_in("chief")
    status, _ = await office.send("/appraisal/draft", {"month": month}, start="/appraisal")
    assert status == 400


async def test_an_event_is_noted_with_its_reason(office: Office) -> None:
    await office.log_in("chief")
    note = {"department_id": LAMPS, "kind": "exposed", "words": ""}
    assert (await office.send("/appraisal/notes", note, start="/appraisal"))[0] == 400
    note["words"] = "电视曝光"
    assert (await office.send("/appraisal/notes", note, start="/appraisal"))[0] == 200


async def test_the_directors_first_page_holds_the_months_figures(
    office: Office, clock: FakeClock
) -> None:
    start = clock.now() - 8 * DAY
    await office.lived(Past(at=start), Past(at=start, took=6 * DAY))
    await office.log_in("director")
    status, page = await office.see("/overview")
    assert status == 200
    assert "50.00%" in row_of(page, "及时办结率")
    assert "待签发考核表" in page
    await office.log_in("leader")
    _, page = await office.see("/overview")
    assert "50.00%" in row_of(page, "及时办结率")
    assert "待签发考核表" not in page


async def scheme_page(office: Office) -> str:
    status, page = await office.see("/appraisal/scheme")
    assert status == 200
    return page


async def test_a_rule_about_figures_is_changed_and_takes_effect(office: Office) -> None:
    await office.lived(Past(at=TENTH), Past(at=TENTH, solved="部分解决"))
    await office.log_in("chief")
    for value, shown in (("0", "50.00%"), ("1", "100.00%")):
        data = {"name": "partly", "value": value}
        await office.send("/appraisal/rules", data, start="/appraisal/scheme")
        _, page = await office.see(f"/figures?{OCTOBER}")
        assert shown in row_of(page, "部分解决按半件")
    await office.send("/appraisal/rules", {"name": "ranking", "value": "on"}, start="/appraisal")
    assert "按名次排列" in (await office.see(f"/figures?{OCTOBER}"))[1]


@pytest.mark.parametrize(
    "data",
    [
        {"name": "partly", "value": "2"}, {"name": "partly", "value": "x"},
        {"name": "partly", "value": "NaN"}, {"name": "nothing", "value": "1"},
        {"name": "objection_days", "value": "0"}, {},
    ],
)  # fmt: skip
async def test_a_bad_rule_is_refused_in_words(office: Office, data: dict[str, str]) -> None:
    await office.log_in("chief")
    assert (await office.send("/appraisal/rules", data, start="/appraisal/scheme"))[0] == 400


async def test_a_scheme_that_has_been_used_is_changed_as_a_new_version(
    office: Office, clock: FakeClock
) -> None:
    await office.log_in("chief")
    page = await scheme_page(office)
    item = re.search(r'action="(/appraisal/items/[^"]*-timely)"', page)
    scheme = re.search(r'name="scheme_id" value="([^"]+)"', page)
    assert item is not None
    assert scheme is not None
    change = {"baseline": "97", "cap": "30", "points": "2", "step": "1", "floor": ""}
    assert (await office.send(item[1], change, start="/appraisal/scheme"))[0] == 200
    assert 'value="97"' in await scheme_page(office)
    await office.send("/appraisal/draft", {"month": "2026-10"}, start="/appraisal")
    status, page = await office.send(item[1], change, start="/appraisal/scheme")
    assert (status, "另立新版本" in page) == (409, True)
    version = {"scheme_id": scheme[1], "valid_from": "2026-12-01"}
    status, page = await office.send("/appraisal/versions", version, start="/appraisal/scheme")
    assert (status, "第 2 版" in page) == (200, True)
    assert "第 1 版" in await scheme_page(office)
    clock.advance(10 * DAY)
    await office.log_in("chief")
    assert "第 2 版" in await scheme_page(office)


@pytest.mark.parametrize(
    "change", [{"baseline": "x"}, {"step": "0"}, {"points": ""}, {"cap": "-1"}, {"min_cases": "0"}]
)
async def test_a_bad_line_of_a_scheme_is_refused(office: Office, change: dict[str, str]) -> None:
    await office.log_in("chief")
    item = re.search(r'action="(/appraisal/items/[^"]*-timely)"', await scheme_page(office))
    assert item is not None
    assert (await office.send(item[1], change, start="/appraisal/scheme"))[0] == 400


async def test_a_unit_sets_no_rules(office: Office) -> None:
    await office.log_in("lamps")
    assert (await office.see("/appraisal/scheme"))[0] == 403
    rule = {"name": "partly", "value": "1"}
    assert (await office.send("/appraisal/rules", rule, start="/figures"))[0] == 403
