"""Every endpoint of the REST API, each with what the OpenAPI page says of it."""

from agent_ui.api import cases, exchange, legs, webhooks
from agent_ui.api.calls import Endpoint
from agent_ui.api.shapes import CASE, FLAG, LEG, NUMBER, TEXT, listing, record
from core.domain.api_scopes import Scope

_CASE_BODY = record(
    "case_type", "content",
    **{name: {**TEXT, "maxLength": longest} for name, (_, longest) in cases.FIELDS.items()},
    accused={**TEXT, "maxLength": 200}, confidential=FLAG, wants_callback=FLAG,
)  # fmt: skip
_STEP_ANSWER = record("case", "legs", case=CASE, legs={"type": "array", "items": LEG})
_SEARCH = (
    "q", "number", "phone", "words", "place", "first_day", "last_day", "unit", "status",
    "case_type", "channel", "overdue", "after", "limit",
)  # fmt: skip
_STEPS = (
    ("sign", legs.sign, "签收", ()),
    ("reply", legs.reply, "反馈", legs.REPLY_FIELDS),
    ("return", legs.give_back, "申请退单", legs.RETURN_FIELDS),
    ("extension", legs.ask_extension, "申请延期", legs.EXTENSION_FIELDS),
)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST", path="/api/v1/cases", scope=Scope.CREATE_CASES, handler=cases.create,
        summary="登记工单", body=_CASE_BODY, status=201, needs_key=True,
        answer=record("id", "number", "status", id=TEXT, number=TEXT, status=TEXT),
    ),
    Endpoint(
        method="GET", path="/api/v1/cases", scope=Scope.SEARCH_CASES, handler=cases.search,
        summary="查询工单", query=_SEARCH,
        answer=listing(CASE, "cases"),
    ),
    Endpoint(
        method="GET", path="/api/v1/cases/{number}", scope=Scope.READ_CASES, handler=cases.read,
        summary="查看工单", answer=CASE,
    ),
    Endpoint(
        method="GET", path="/api/v1/legs", scope=Scope.READ_LEGS, handler=legs.listing,
        summary="本单位的承办单", query=("status", "after"), answer=listing(LEG, "legs"),
    ),
    *(
        Endpoint(
            method="POST", path=f"/api/v1/cases/{{number}}/{name}", scope=Scope.WRITE_LEGS,
            handler=handler, summary=summary, answer=_STEP_ANSWER,
            body=record(**{field: _STEP_TYPES.get(field, TEXT) for field in fields}),
        )
        for _STEP_TYPES in ({"days": NUMBER, "hours": NUMBER, "told_caller": FLAG},)
        for name, handler, summary, fields in _STEPS
    ),
    Endpoint(
        method="POST", path="/api/v1/110/{kind}", scope=Scope.EXCHANGE, handler=exchange.receive,
        summary="接收 110 消息（order、confirm、flow、state、extension、visit、return）",
        body=record("JJDBH", "seq", JJDBH=TEXT, seq={"type": "integer", "minimum": 1}),
        answer=record("JJDBH", "seq", "accepted", JJDBH=TEXT, seq=NUMBER, accepted=FLAG),
    ),
    Endpoint(
        method="GET", path="/api/v1/110/{jjdbh}/messages", scope=Scope.EXCHANGE,
        handler=exchange.messages, query=("after",),
        summary="告知 110 的消息（confirm、flow、state、extension、visit、return）",
        answer=listing(record("JJDBH", "seq", JJDBH=TEXT, seq=NUMBER, kind=TEXT), "messages"),
    ),
    Endpoint(
        method="GET", path="/api/v1/webhooks", scope=Scope.WEBHOOKS, handler=webhooks.listing,
        summary="已订阅的通知", answer=listing(record(id=TEXT, url=TEXT), "webhooks"),
    ),
    Endpoint(
        method="POST", path="/api/v1/webhooks", scope=Scope.WEBHOOKS, handler=webhooks.subscribe,
        summary="订阅通知；签名密钥只显示一次", status=201,
        body=record("url", "events", url=TEXT, events={"type": "array", "items": TEXT}),
        answer=record("id", "secret", id=TEXT, secret=TEXT),
    ),
    Endpoint(
        method="DELETE", path="/api/v1/webhooks/{webhook_id}", scope=Scope.WEBHOOKS,
        handler=webhooks.unsubscribe, summary="取消订阅", answer=record(id=TEXT),
    ),
    Endpoint(
        method="GET", path="/api/v1/webhooks/dead", scope=Scope.WEBHOOKS, handler=webhooks.dead,
        summary="未能送达的通知", answer=listing(record(id=TEXT, kind=TEXT), "deliveries"),
    ),
    Endpoint(
        method="POST", path="/api/v1/webhooks/dead/{delivery_id}", scope=Scope.WEBHOOKS,
        handler=webhooks.again, summary="重新发送", answer=record(id=TEXT),
    ),
)  # fmt: skip
