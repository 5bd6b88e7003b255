"""The OpenAPI description of the REST API, made from the endpoints themselves."""

import re
from typing import Any

from aiohttp import web

from agent_ui.api.calls import Endpoint, Json
from agent_ui.api.shapes import TEXT, record
from agent_ui.api.table import ENDPOINTS

_ERROR = record("code", "message", code=TEXT, message=TEXT, request_id=TEXT)
_REFUSALS = {
    "400": "请求的内容不完整或不合要求",
    "401": "令牌无效",
    "403": "没有此项权限",
    "404": "没有找到，或无权查看",
    "409": "当前状态不允许，或正在处理",
    "413": "内容过大",
    "415": "不是 JSON",
    "429": "过于频繁",
    "503": "系统暂时不可用",
}


def description() -> Json:
    """The whole document."""
    paths: dict[str, Json] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "12345 热线接口",
            "version": "1",
            "description": "令牌由管理员用 hotline token 建立；号码只以掩码给出。",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Error": _ERROR},
        },
        "security": [{"token": []}],
    }


async def page(_request: web.Request) -> web.Response:
    """The document, for anybody: it says nothing but what there is."""
    return web.json_response(description())


def _operation(endpoint: Endpoint) -> Json:
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    answers: dict[str, Any] = {
        str(endpoint.status): {
            "description": "成功",
            "content": {"application/json": {"schema": endpoint.answer}},
        },
        **{code: {"description": text, "content": error} for code, text in _REFUSALS.items()},
    }
    operation: Json = {
        "summary": endpoint.summary,
        "description": f"所需权限：{endpoint.scope.value}",
        "operationId": _operation_id(endpoint),
        "parameters": _parameters(endpoint),
        "responses": answers,
    }
    if endpoint.body is not None:
        content = {"application/json": {"schema": endpoint.body}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _operation_id(endpoint: Endpoint) -> str:
    words = re.findall(r"\w+", endpoint.path.removeprefix("/api/v1"))
    return "_".join([endpoint.method.lower(), *words])


def _parameters(endpoint: Endpoint) -> list[Json]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": TEXT}
        for name in re.findall(r"{(\w+)}", endpoint.path)
    ]
    found += [{"name": name, "in": "query", "schema": TEXT} for name in endpoint.query]
    if endpoint.method == "POST":
        header = {"name": "Idempotency-Key", "in": "header", "required": endpoint.needs_key}
        found.append({**header, "schema": {**TEXT, "maxLength": 100}})
    return found
