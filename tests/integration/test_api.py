"""The REST API: tokens and scopes, what comes back, what bad input gets, once and only once."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select

from agent_ui.api.guard import CALLS_LIMIT, LARGEST_BODY
from agent_ui.api.openapi import description
from agent_ui.routes import TABLE
from core.actions.api_clients import NewClient, make_client, revoke_client
from core.actions.case_steps import attempt_step
from core.auth import Role
from core.db.repos.case_views import Sight, visible_case
from core.db.repos.cases import timeline
from core.db.repos.persons import number_to_dial
from core.db.tables.api import ApiClientRow
from core.db.tables.cases import CaseRow
from core.db.tables.exchange import ExchangeMessageRow
from core.db.tables.handling import PiAccessRow
from core.domain.api_scopes import Scope
from core.domain.case_actions import CaseAction
from core.errors import InputRefused
from core.ids import CaseId
from tests.support.city import LAMPS, ROADS, build_city, person
from tests.support.desk import VAULT, DeskStack, desk_stack

pytestmark = pytest.mark.integration
NUMBER, NAME = "13862754310", "陈志远"
MATTER = {
    "case_type": "投诉", "content": f"{NAME}反映人民路路灯不亮，电话{NUMBER}", "place": "人民路",
    "caller_name": NAME, "phone": NUMBER,
}  # fmt: skip


@pytest.fixture
async def stack(database_url: str, redis_url: str) -> AsyncIterator[DeskStack]:
    async with desk_stack(database_url, redis_url) as running:
        async with running.database.work() as work:
            await build_city(work)
            await work.commit()
        yield running


@pytest.fixture
async def http(stack: DeskStack) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(stack.origin) as session:
        yield session


async def token(stack: DeskStack, name: str, **rest: Any) -> str:
    new = NewClient(name=name, **{"scopes": [scope.value for scope in Scope], **rest})
    async with stack.database.work() as work:
        _, made = await make_client(work, new, by="test")
        await work.commit()
    return made


async def web_token(stack: DeskStack) -> str:
    return await token(stack, "web", channel="WEB")


async def unit_token(stack: DeskStack, department: str = LAMPS) -> str:
    scopes = [Scope.READ_CASES, Scope.SEARCH_CASES, Scope.READ_LEGS, Scope.WRITE_LEGS]
    return await token(
        stack, f"unit-{department}", scopes=[scope.value for scope in scopes],
        role="UNIT_OPS", department=department,
    )  # fmt: skip


async def ask(
    http: aiohttp.ClientSession, method: str, path: str, given: str, *, key: str = "", **rest: Any
) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {given}"} | ({"Idempotency-Key": key} if key else {})
    async with http.request(method, f"/api/v1{path}", headers=headers, **rest) as answer:
        return answer.status, await answer.json()


async def dispatched(stack: DeskStack, number: str) -> CaseId:
    async with stack.database.sessions() as session:
        case_id = await session.scalar(select(CaseRow.id).where(CaseRow.number == number))
    given = {"category": "城市管理/路灯照明", "lead": LAMPS, "basis": "职责",
             "instruction": f"联系{NAME}{NUMBER}"}  # fmt: skip
    dispatcher = person(Role.DISPATCHER)
    await attempt_step(
        stack.database, CaseId(str(case_id)), CaseAction.DISPATCH, by=dispatcher, given=given
    )
    return CaseId(str(case_id))


async def test_a_case_from_the_web_is_registered_once_however_often_it_is_sent(
    stack: DeskStack, http: aiohttp.ClientSession
) -> None:
    given = await web_token(stack)
    answers = await asyncio.gather(
        *(ask(http, "POST", "/cases", given, key="k-1", json=MATTER) for _ in range(5))
    )
    statuses = sorted(status for status, _ in answers)
    assert set(statuses) <= {201, 409}
    status, made = await ask(http, "POST", "/cases", given, key="k-1", json=MATTER)
    assert status == 201
    assert re.fullmatch(r"\d{13}", made["number"])
    assert {body["number"] for status, body in answers if status == 201} <= {made["number"]}
    async with stack.database.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(CaseRow)) == 1
        row = (await session.scalars(select(CaseRow))).one()
        assert (row.channel, row.status) == ("WEB", "PENDING_ANALYSE")
        assert await number_to_dial(session, row.id, VAULT) == NUMBER
    status, refused = await ask(
        http, "POST", "/cases", given, key="k-1", json={**MATTER, "place": "别处"}
    )
    assert (status, refused["code"]) == (400, "input_refused")


async def test_a_number_never_leaves_by_the_api_and_every_look_is_logged(
    stack: DeskStack, http: aiohttp.ClientSession
) -> None:
    given = await web_token(stack)
    _, made = await ask(http, "POST", "/cases", given, key="k", json=MATTER)
    status, case = await ask(http, "GET", f"/cases/{made['number']}", given)
    assert (status, case["phone"]) == (200, "138****4310")
    _, found = await ask(http, "GET", "/cases", given, params={"words": "路灯"})
    assert [one["number"] for one in found["cases"]] == [made["number"]]
    async with stack.database.sessions() as session:
        log = (await session.scalars(select(PiAccessRow))).all()
    assert [(row.field, row.reason) for row in log] == [("VIEW", "接口：web")]


async def test_a_department_signs_replies_and_sees_nobody(
    stack: DeskStack, http: aiohttp.ClientSession
) -> None:
    _, made = await ask(http, "POST", "/cases", await web_token(stack), key="k", json=MATTER)
    number = made["number"]
    lamps, roads = await unit_token(stack), await unit_token(stack, ROADS)
    assert (await ask(http, "GET", f"/cases/{number}", lamps))[0] == 404
    await dispatched(stack, number)
    _, legs = await ask(http, "GET", "/legs", lamps)
    assert [(leg["case_number"], leg["status"]) for leg in legs["legs"]] == [(number, "TO_SIGN")]
    status, signed = await ask(http, "POST", f"/cases/{number}/sign", lamps, json={})
    assert (status, signed["case"]["status"]) == (200, "HANDLING")
    status, again = await ask(http, "POST", f"/cases/{number}/sign", lamps, json={})
    assert (status, again["code"]) == (409, "transition_refused")
    form = {"demand_true": "是", "contacted": "已联系", "solved": "已解决", "handler": "李工",
            "handling_detail": "已更换灯泡", "public_reply": "路灯已修复"}  # fmt: skip
    status, lacking = await ask(
        http, "POST", f"/cases/{number}/reply", lamps, json={**form, "public_reply": ""}
    )
    assert (status, "public_reply" in lacking["fields"]) == (400, True)
    status, replied = await ask(http, "POST", f"/cases/{number}/reply", lamps, json=form)
    assert (status, replied["case"]["status"]) == (200, "REPLIED")
    said = repr([legs, signed, again, lacking, replied])
    assert NUMBER not in said
    assert NAME not in said
    for path in (f"/cases/{number}", f"/cases/{number}/sign"):
        method = "POST" if path.endswith("sign") else "GET"
        status, _ = await ask(
            http, method, path, roads, **({"json": {}} if method == "POST" else {})
        )
        assert status == 404
    assert (await ask(http, "GET", "/legs", roads))[1]["legs"] == []


async def test_without_a_token_or_its_scope_nothing_opens(
    stack: DeskStack, http: aiohttp.ClientSession
) -> None:
    given = await token(stack, "reader", scopes=["cases:read"])
    for wrong in ("", "hl_guess"):
        status, refused = await ask(http, "GET", "/cases/1", wrong)
        assert (status, refused["code"]) == (401, "token_refused")
    assert (await ask(http, "GET", "/legs", given))[0] == 403
    assert (await ask(http, "GET", "/cases/1", given))[0] == 404
    async with stack.database.work() as work:
        await revoke_client(work, "reader", by="test")
        await work.commit()
    assert (await ask(http, "GET", "/cases/1", given))[0] == 401


async def test_an_old_token_opens_nothing(stack: DeskStack, http: aiohttp.ClientSession) -> None:
    given = await token(stack, "short", scopes=["cases:read"], days=-1)
    assert (await ask(http, "GET", "/cases/1", given))[0] == 401


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"json": {**MATTER, "case_type": "其他"}}, 400),
        ({"json": {**MATTER, "unknown": 1}}, 400),
        ({"json": {**MATTER, "content": 5}}, 400),
        ({"json": {**MATTER, "content": ""}}, 400),
        ({"json": {**MATTER, "phone": "<script>"}}, 400),
        ({"json": {**MATTER, "confidential": "yes"}}, 400),
        ({"json": {**MATTER, "content": "长" * 20_001}}, 400),
        ({"json": {**MATTER, "content": "a\u0000b"}}, 415),
        ({"json": {**MATTER, "content": "x" * LARGEST_BODY}}, 413),
        ({"json": [1]}, 415),
        ({"data": b"{", "headers": {}}, 415),
        ({"data": "[" * 100_000}, 415),
        ({"data": {"case_type": "x"}}, 415),
    ],
)
async def test_bad_input_is_refused_in_chinese_and_changes_nothing(
    stack: DeskStack, http: aiohttp.ClientSession, given: dict[str, Any], status: int
) -> None:
    made = await web_token(stack)
    headers = {"Authorization": f"Bearer {made}", "Idempotency-Key": "k"}
    if isinstance(given.get("data"), bytes | str):
        headers["Content-Type"] = "application/json"
    rest = {name: value for name, value in given.items() if name != "headers"}
    async with http.post("/api/v1/cases", headers=headers, **rest) as answer:
        body = await answer.json()
    assert answer.status == status
    assert any("\u4e00" <= letter <= "\u9fff" for letter in body["message"])
    async with stack.database.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(CaseRow)) == 0
    assert (await ask(http, "POST", "/cases", made, key="k", json=MATTER))[0] == 201


async def test_more_calls_than_the_pace_allows_are_put_off(
    stack: DeskStack, http: aiohttp.ClientSession
) -> None:
    given = await token(stack, "fast", scopes=["legs:read"], role="UNIT_OPS", department=LAMPS)
    async with stack.database.sessions() as session:
        client_id = str(await session.scalar(select(ApiClientRow.id)))
    for _ in range(CALLS_LIMIT.most):
        await stack.deps.limiter.is_too_often("api-client", client_id, CALLS_LIMIT)
    status, refused = await ask(http, "GET", "/legs", given)
    assert (status, refused["code"]) == (429, "too_often")


async def test_a_cookie_of_a_person_opens_no_api(
    stack: DeskStack, http: aiohttp.ClientSession
) -> None:
    async with http.get("/api/v1/legs", headers={"Cookie": "hotline_session=x"}) as answer:
        assert answer.status == 401


async def test_the_description_names_every_address_and_no_other(
    http: aiohttp.ClientSession,
) -> None:
    async with http.get("/api/openapi.json") as answer:
        told = await answer.json()
    assert told == description()
    described = {
        (method.upper(), path) for path, methods in told["paths"].items() for method in methods
    }
    served = {(method, path) for method, path, *_ in TABLE if path.startswith("/api/v1/")}
    assert described == served
    operations = [
        one["operationId"] for methods in told["paths"].values() for one in methods.values()
    ]
    assert len(operations) == len(set(operations))


@pytest.mark.parametrize(
    "new",
    [
        NewClient("x", []), NewClient("x", ["all"]), NewClient("x", ["cases:create"]),
        NewClient("x", ["cases:read"], role="DIRECTOR"), NewClient(" ", ["cases:read"]),
        NewClient("x", ["legs:read"], role="UNIT_OPS"),
        NewClient("x", ["cases:create"], channel="PHONE"),
    ],
)  # fmt: skip
async def test_a_token_is_made_for_what_a_program_may_be_only(
    stack: DeskStack, new: NewClient
) -> None:
    async with stack.database.work() as work:
        with pytest.raises(InputRefused):
            await make_client(work, new, by="test")


ORDER = {
    "JJDBH": "A2026112300017", "seq": 1, "case_type": "求助", "content": f"{NAME}报警：噪声扰民",
    "place": "人民路", "caller_name": NAME, "phone": NUMBER,
}  # fmt: skip


async def test_an_alarm_pushed_again_and_again_is_one_case_with_one_answer(
    stack: DeskStack, http: aiohttp.ClientSession
) -> None:
    given = await token(stack, "police", scopes=["exchange"], channel="110")
    answers = await asyncio.gather(
        *(ask(http, "POST", "/110/order", given, json=ORDER) for _ in range(4)),
        ask(http, "POST", "/110/order", given, json={**ORDER, "seq": 2}),
    )
    assert {status for status, _ in answers} == {200}
    assert len({body["number"] for _, body in answers}) == 1
    status, refused = await ask(
        http, "POST", "/110/order", given, json={**ORDER, "content": "另一件事"}
    )
    assert (status, refused["code"]) == (409, "conflict")
    async with stack.database.sessions() as session:
        rows = (await session.scalars(select(CaseRow))).all()
        messages = (await session.scalars(select(ExchangeMessageRow))).all()
    assert [row.channel for row in rows] == ["110"]
    assert len(messages) == 2
    assert NUMBER not in repr([(m.body_sealed, m.answer) for m in messages])


async def test_every_message_of_110_is_noted_once_on_the_case(
    stack: DeskStack, http: aiohttp.ClientSession
) -> None:
    given = await token(stack, "police", scopes=["exchange"], channel="110")
    _, made = await ask(http, "POST", "/110/order", given, json=ORDER)
    later = {
        "confirm": {"RECEIVE": 1, "RECEIVETIME": "2026-11-23 10:00:00"},
        "flow": {"runid": "r", "node_type": "2", "handle_time": "t", "handle_opinion": "转城管"},
        "state": {"handle_state": 3},
        "extension": {"fpid": "f", "apply_bm_name": "指挥中心", "apply_time_limit": "3 天",
                      "apply_content": "取证", "apply_time": "t"},
        "visit": {"visit_method": 1, "seats_result": 2},
        "return": {"HANDLEBMNAME": "指挥中心", "HANDLEOPINION": "非警情", "HANDLETIME": "t"},
    }  # fmt: skip
    for seq, (kind, body) in enumerate(later.items(), 10):
        whole = {"JJDBH": ORDER["JJDBH"], "seq": seq, **body}
        for _ in range(2):
            status, answer = await ask(http, "POST", f"/110/{kind}", given, json=whole)
            assert (status, answer["number"]) == (200, made["number"]), kind
    async with stack.database.sessions() as session:
        sight = Sight(person(Role.DISPATCHER), VAULT)
        view = await visible_case(session, sight, made["number"])
        noted = [event for event in await timeline(session, view.id) if "110" in event.action]
    assert len(noted) == len(later)
    assert noted[1].note == "派单；转城管"


async def test_110_is_told_what_became_of_its_alarm_with_the_same_numbers_each_time(
    stack: DeskStack, http: aiohttp.ClientSession
) -> None:
    given = await token(stack, "police", scopes=["exchange"], channel="110")
    _, made = await ask(http, "POST", "/110/order", given, json=ORDER)
    case_id = await dispatched(stack, made["number"])
    unit = person(Role.UNIT_OPS, LAMPS)
    await attempt_step(stack.database, case_id, CaseAction.SIGN, by=unit, given={})
    path = f"/110/{ORDER['JJDBH']}/messages"
    status, told = await ask(http, "GET", path, given)
    assert status == 200
    assert [(one["seq"], one["kind"]) for one in told["messages"]] == [
        (1, "confirm"), (2, "state"), (3, "flow"), (4, "state"), (5, "state"),
    ]  # fmt: skip
    assert [one.get("handle_state") for one in told["messages"]] == [None, 3, None, 2, 1]
    assert told["messages"][2]["node_type"] == 1
    assert NUMBER not in repr(told)
    assert NAME not in repr(told)
    _, rest = await ask(http, "GET", path, given, params={"after": "3"})
    assert rest["messages"] == told["messages"][3:]
    other = await token(stack, "other", scopes=["exchange"], channel="110")
    assert (await ask(http, "GET", path, other))[0] == 404
    assert (await ask(http, "GET", "/110/none/messages", given))[0] == 404


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("fax", ORDER), ("order", {**ORDER, "JJDBH": "'; --"}), ("order", {**ORDER, "seq": "1"}),
        ("order", {**ORDER, "seq": 0}), ("order", {**ORDER, "more": 1}),
        ("order", {**ORDER, "case_type": "警情"}), ("order", {"JJDBH": "A20261123", "seq": 1}),
        ("state", {"JJDBH": "A20261123", "seq": 1, "handle_state": 9}),
    ],
)  # fmt: skip
async def test_a_message_that_is_not_one_is_refused(
    stack: DeskStack, http: aiohttp.ClientSession, kind: str, body: dict[str, Any]
) -> None:
    given = await token(stack, "police", scopes=["exchange"], channel="110")
    status, refused = await ask(http, "POST", f"/110/{kind}", given, json=body)
    assert (status, refused["code"]) == (400, "input_refused")
    unknown = {"JJDBH": "A20260101", "seq": 1, "handle_state": 1}
    assert (await ask(http, "POST", "/110/state", given, json=unknown))[0] == 404
