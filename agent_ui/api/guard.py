"""Before every call of the API: token, scope, pace, size, content, repetition."""

import hashlib
import json
from typing import Any

from aiohttp import web

from agent_ui.api.calls import Answer, ApiCall, Endpoint, Json
from agent_ui.deps import Deps
from agent_ui.web import address_of, deps_of
from core.actions.api_clients import begin_request, finish_request, forget_request
from core.db.repos.api_clients import client_of_token, principal_of_client
from core.db.tables.api import ApiClientRow
from core.errors import HotlineError, InputRefused, LoginRefused, NotAllowed
from core.rate_limit import ADDRESS_LIMIT, Limit

LARGEST_BODY = 128 * 1024
CALLS_LIMIT = Limit(most=600, seconds=60)
_LONGEST_KEY = 100
_NO_BODY = frozenset({"GET", "DELETE"})


class TokenRefused(NotAllowed):
    """There is no token, or it opens nothing."""

    code = "token_refused"


class TooOften(HotlineError):
    """More calls than the pace allows."""

    code = "too_often"


class WrongContent(InputRefused):
    """The body is not what its header says, or not JSON at all."""

    code = "wrong_content"


async def serve(endpoint: Endpoint, request: web.Request) -> web.Response:
    """Answer one call; errors become JSON in agent_ui.middleware."""
    deps = deps_of(request)
    client = await _client(deps, request)
    if endpoint.scope.value not in client.scopes:
        raise NotAllowed("该令牌没有此项权限", scope=endpoint.scope.value)
    await _check_pace(deps, client)
    body = await _body(request)
    key = _key(request, endpoint)
    call = ApiCall(request, deps, client, principal_of_client(client), body, key)
    answer = await (_once(call, endpoint) if key else endpoint.handler(call))
    return web.json_response(
        answer.body, status=answer.status, headers={"Cache-Control": "no-store"},
        dumps=lambda value: json.dumps(value, ensure_ascii=False),
    )  # fmt: skip


async def _client(deps: Deps, request: web.Request) -> ApiClientRow:
    address = address_of(request)
    try:
        await deps.limiter.check("api", address, ADDRESS_LIMIT)
    except LoginRefused as refused:
        raise TooOften("令牌错误次数过多，请稍后再试") from refused
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenRefused("请在 Authorization 头中给出令牌")
    async with deps.database.sessions() as session:
        client = await client_of_token(session, token.strip(), deps.clock.now())
    if client is None:
        await deps.limiter.failed("api", address, ADDRESS_LIMIT)
        raise TokenRefused("令牌无效或已过期")
    return client


async def _check_pace(deps: Deps, client: ApiClientRow) -> None:
    if await deps.limiter.is_too_often("api-client", client.id, CALLS_LIMIT):
        raise TooOften("请求过于频繁，请稍后再试")


async def _body(request: web.Request) -> Json:
    """The JSON object that was sent. Raises WrongContent."""
    if request.method in _NO_BODY:
        return {}
    if request.content_type != "application/json":
        raise WrongContent("请求内容应为 application/json")
    if (request.content_length or 0) > LARGEST_BODY:
        raise web.HTTPRequestEntityTooLarge(LARGEST_BODY, request.content_length or 0)
    raw = await request.read()
    if len(raw) > LARGEST_BODY:
        raise web.HTTPRequestEntityTooLarge(LARGEST_BODY, len(raw))
    try:
        found: Any = json.loads(raw.decode("utf-8") or "{}", parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise WrongContent("请求内容不是有效的 JSON") from error
    if not isinstance(found, dict):
        raise WrongContent("请求内容应为一个 JSON 对象")
    _check_plain(found)
    return found


def _refuse_constant(text: str) -> None:
    raise ValueError(text)


def _check_plain(value: object) -> None:
    """PostgreSQL keeps no NUL and no lone surrogate; say so before it does."""
    text = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise WrongContent("请求内容含有无法保存的字符")


def _key(request: web.Request, endpoint: Endpoint) -> str:
    if request.method in _NO_BODY:
        return ""
    key = request.headers.get("Idempotency-Key", "").strip()
    if endpoint.needs_key and not key:
        raise InputRefused("请在 Idempotency-Key 头中给出幂等键", field="Idempotency-Key")
    if len(key) > _LONGEST_KEY or not key.isascii():
        raise InputRefused("幂等键应为一百个以内的英文字符", field="Idempotency-Key")
    return key


async def _once(call: ApiCall, endpoint: Endpoint) -> Answer:
    """The same key gets the same answer; what was refused may be sent again."""
    database, client_id = call.deps.database, call.client.id
    async with database.work() as work:
        earlier = await begin_request(work, client_id, call.key, _fingerprint(call))
        await work.commit()
    if earlier is not None:
        return Answer(dict(earlier.answer), int(earlier.status or 200))
    try:
        answer = await endpoint.handler(call)
    except HotlineError:
        async with database.work() as work:
            await forget_request(work, client_id, call.key)
            await work.commit()
        raise
    if not call.kept:
        async with database.work() as work:
            await finish_request(work, client_id, call.key, answer.status, answer.body)
            await work.commit()
    return answer


def _fingerprint(call: ApiCall) -> str:
    content = json.dumps(call.body, sort_keys=True, ensure_ascii=False)
    text = f"{call.request.method} {call.request.path}\n{content}"
    return hashlib.sha256(text.encode()).hexdigest()
