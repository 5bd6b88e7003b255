"""The citizen's page over HTTP: plain words, no leak of what exists, pressing and reopening."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from core.db.tables.handling import RequestRow, UrgeRow
from core.ids import CaseId
from core.rate_limit import LOOK_UP_LIMIT, NUMBER_LIMIT
from tests.fakes.clock import FakeClock
from tests.support.portal import DISPATCHER, LAMP_DESK, OFFICER, PHONE, TO_LAMPS, A, Portal, portal

pytestmark = pytest.mark.integration
TAIL = PHONE[-4:]
_DAY = 24 * 3600


@pytest.fixture
async def pages(database_url: str, redis_url: str, clock: FakeClock) -> AsyncIterator[Portal]:
    async with portal(database_url, redis_url, clock) as running:
        yield running


async def ask(pages: Portal, number: str, tail: str = TAIL) -> tuple[int, str]:
    return await pages.send("/status", {"number": number, "tail": tail}, start="/status")


async def press(pages: Portal, number: str, words: str, tail: str = TAIL) -> tuple[int, str]:
    form = {"number": number, "tail": tail, "words": words}
    return await pages.send("/status/press", form, start="/status")


async def number_of(pages: Portal, case_id: CaseId) -> str:
    return str((await pages.case(case_id)).number)


async def closed(pages: Portal) -> CaseId:
    case_id = await pages.to_call_back()
    await pages.step(case_id, A.SATISFIED, OFFICER, {"satisfaction": "满意", "solved": "解决"})
    return case_id


async def test_a_citizen_reads_plain_words_unit_and_deadline(pages: Portal) -> None:
    case_id = await pages.signed(content=f"我是{PHONE}")
    status, page = await ask(pages, await number_of(pages, case_id))
    assert status == 200
    for words in ("承办单位正在办理", "市城市管理局", "还剩", "承办单位已签收"):
        assert words in page
    assert PHONE not in page
    assert "更换灯泡" not in page


async def test_the_reply_is_shown_when_the_case_is_closed(pages: Portal) -> None:
    replied = await pages.replied()
    assert "当晚恢复照明" not in (await ask(pages, await number_of(pages, replied)))[1]
    _, page = await ask(pages, await number_of(pages, await closed(pages)))
    assert "当晚恢复照明" in page
    assert "已办结" in page


async def test_departments_arguing_about_a_case_is_not_shown(pages: Portal) -> None:
    case_id = await pages.signed()
    await pages.step(
        case_id,
        A.ASK_RETURN,
        LAMP_DESK,
        {"reason_code": "职能不符", "basis": "x", "proposed_unit": "y"},
    )
    _, page = await ask(pages, await number_of(pages, case_id))
    assert "正在核定由哪个单位办理" in page
    assert "退单" not in page


async def test_a_wrong_tail_and_a_number_that_does_not_exist_say_the_same(pages: Portal) -> None:
    number = await number_of(pages, await pages.signed())
    wrong_tail = await ask(pages, number, "0000")
    no_number = await ask(pages, "2026112399999", "0000")
    assert wrong_tail[0] == no_number[0] == 404
    assert _told(wrong_tail[1]) == _told(no_number[1])


def _told(page: str) -> str:
    start = page.index('<p class="problem"')
    return page[start : page.index("</p>", start)]


@pytest.mark.parametrize("exists", [True, False])
async def test_tails_of_one_number_cannot_be_tried_out(
    pages: Portal, exists: bool, clock: FakeClock
) -> None:
    number = await number_of(pages, await pages.signed()) if exists else "2026112399998"
    answers = [(await ask(pages, number, f"{n:04}"))[0] for n in range(NUMBER_LIMIT.most + 1)]
    assert answers == [404] * NUMBER_LIMIT.most + [429]
    assert (await ask(pages, number, TAIL))[0] == 429
    clock.advance(NUMBER_LIMIT.seconds)
    assert (await ask(pages, number, TAIL))[0] == (200 if exists else 404)


async def test_one_address_cannot_try_many_numbers(pages: Portal) -> None:
    number = await number_of(pages, await pages.signed())
    for n in range(LOOK_UP_LIMIT.most):
        assert (await ask(pages, f"20261123{n + 50000}", "1234"))[0] == 404
    assert (await ask(pages, number))[0] == 429


@pytest.mark.parametrize(
    ("number", "tail"),
    [("", ""), ("12345", "1234"), ("2026112300001", "12"), ("2026112300001", "壹贰叁肆"),
     ("2" * 5000, "1234"), ("2026112300001", "١٢٣٤")],
)  # fmt: skip
async def test_nonsense_is_asked_for_again(pages: Portal, number: str, tail: str) -> None:
    status, page = await ask(pages, number, tail)
    assert status == 400
    assert "请输入 13 位工单编号" in page


async def test_of_a_confidential_case_only_the_state_is_told(pages: Portal) -> None:
    case_id = await pages.new_case(confidential=True)
    given = {**TO_LAMPS, "redaction_checked": True}
    await pages.step(case_id, A.DISPATCH, DISPATCHER, given)
    status, page = await ask(pages, await number_of(pages, case_id))
    assert status == 200
    assert "保密工单" in page
    assert "市城市管理局" not in page


async def test_an_open_case_is_pressed_for_once_a_day(pages: Portal) -> None:
    case_id = await pages.signed()
    number = await number_of(pages, case_id)
    status, page = await press(pages, number, "都三天了")
    assert status == 200
    assert "已催办" in page
    status, _ = await press(pages, number, "再催")
    assert status == 400
    async with pages.stack.database.sessions() as session:
        urges = list(await session.scalars(select(UrgeRow)))
    assert [(one.words, one.channel) for one in urges] == [("都三天了", "WEB")]
    assert (await press(pages, number, "x", tail="0000"))[0] == 404
    assert (await pages.case(case_id)).urges == 1


async def test_a_closed_case_is_proposed_for_reopening_within_fifteen_days(
    pages: Portal, clock: FakeClock
) -> None:
    case_id = await closed(pages)
    number = await number_of(pages, case_id)
    assert "还没有解决？" in (await ask(pages, number))[1]
    assert (await press(pages, number, " "))[0] == 400
    assert (await press(pages, number, "长" * 501))[0] == 400
    status, page = await press(pages, number, "昨晚又不亮了")
    assert status == 200
    assert "审核是否重新办理" in page
    async with pages.stack.database.sessions() as session:
        asked = (await session.scalars(select(RequestRow))).one()
    assert (asked.kind, asked.asked_by) == ("REOPEN", "citizen")
    assert (await pages.case(case_id)).status == "CLOSED"
    assert (await press(pages, number, "又来"))[0] == 400
    late = await closed(pages)
    clock.advance(16 * _DAY)
    number = await number_of(pages, late)
    assert "还没有解决？" not in (await ask(pages, number))[1]
    status, page = await press(pages, number, "还是不亮")
    assert status == 400
    assert "已超过可以重开的期限" in page
    assert await pages.count(RequestRow) == 1


async def test_a_merged_case_shows_where_it_is_handled(pages: Portal) -> None:
    master = await pages.signed()
    child = await pages.new_case()
    await pages.step(child, A.MERGE, DISPATCHER, {"master": master, "same_demand_confirmed": True})
    _, page = await ask(pages, await number_of(pages, child))
    assert "与相同诉求合并办理" in page
    assert "市城市管理局" in page
