"""One HTTP conversation with Asterisk's REST interface; every failure becomes an error of ours."""

import base64
import json
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import quote

import aiohttp

from core.asterisk.errors import AriRefused, AriUnreachable, ChannelGone

#: Below Asterisk's own session_keep_alive, so that we never post into a socket it just closed.
KEEP_ALIVE_SECONDS = 15.0
REQUEST_SECONDS = 10.0
POOL = 50
GONE = frozenset({404, 409, 412, 422})

Value = str | int | float | bool


def basic_auth(user: str, password: str) -> str:
    """Value of the Authorization header: a secret in an address would end in logs."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def segment(value: str) -> str:
    """A value as one segment of a path, whatever it contains."""
    return quote(value, safe="")


class AriRest:
    """Sends requests below `url` ("http://host:port/ari")."""

    def __init__(self, *, url: str, user: str, password: str) -> None:
        self._base = url.rstrip("/")
        self._headers = {"Authorization": basic_auth(user, password)}
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(
            headers=self._headers,
            connector=aiohttp.TCPConnector(limit=POOL, keepalive_timeout=KEEP_ALIVE_SECONDS),
            timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS),
            trust_env=False,
        )
        return self

    async def __aexit__(self, *_exc: object) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def get(self, path: str, **query: Value) -> Any:
        return await self._request("GET", path, query)

    async def post(
        self, path: str, *, body: Mapping[str, object] | None = None, **query: Value
    ) -> Any:
        return await self._request("POST", path, query, body)

    async def put(
        self, path: str, *, body: Mapping[str, object] | None = None, **query: Value
    ) -> Any:
        return await self._request("PUT", path, query, body)

    async def delete(self, path: str, **query: Value) -> Any:
        return await self._request("DELETE", path, query)

    async def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Value],
        body: Mapping[str, object] | None = None,
    ) -> Any:
        if self._http is None:
            raise AriUnreachable("电话系统接口尚未打开")
        params = {key: _text(value) for key, value in query.items() if value != ""}
        try:
            async with self._http.request(
                method, self._base + path, params=params, json=body
            ) as response:
                text = await response.text()
        except (aiohttp.ClientError, TimeoutError, OSError) as lost:
            raise AriUnreachable("电话系统没有应答", path=path) from lost
        if response.status >= 300:  # noqa: PLR2004
            raise _refusal(response.status, path, text)
        return _decoded(text)


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _decoded(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError as broken:
        raise AriUnreachable("电话系统的应答无法读懂") from broken


def _refusal(status: int, path: str, text: str) -> AriRefused:
    try:
        said = str(json.loads(text).get("message", ""))
    except (ValueError, AttributeError):
        said = ""
    kind = ChannelGone if status in GONE else AriRefused
    return kind("电话系统拒绝了请求", status=status, path=path, said=said)
