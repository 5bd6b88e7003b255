"""A fast desk without a browser: the same socket, messages and cookie as the real page."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import aiohttp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from core.actions.accounts import open_session
from core.clock import Clock, SystemClock
from core.db.engine import Database
from core.db.repos.people import account_by_name
from core.errors import LoginRefused, NotFound, Unavailable
from core.ids import new_id

_COOKIE = "hotline_session"
_ANSWER_SECONDS = 10.0
State = dict[str, Any]


async def log_in(web: str, account: str, password: str) -> str:
    """Log in as the page does; the session's token. Raises LoginRefused."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(web, cookie_jar=jar) as http:
        async with http.get("/login") as answer:
            found = re.search(r'name="csrf"\s+value="([^"]+)"', await answer.text())
        form = {"account": account, "password": password, "csrf": found[1] if found else ""}
        async with http.post("/login", data=form, allow_redirects=False) as answer:
            cookie = answer.cookies.get(_COOKIE)
    if cookie is None:
        raise LoginRefused("登录失败")
    return cookie.value


async def session_for(database: Database, account: str) -> str:
    """A session's token without the log-in page, for fleets of desks from one address."""
    async with database.work() as work:
        row = await account_by_name(work.session, account)
        if row is None:
            raise NotFound("没有该账号")
        token, _ = await open_session(work, row, hours=1, address="127.0.0.1")
        await work.commit()
    return token


@dataclass
class SocketDesk:
    """One agent's desk: its present state, and the orders that a person would give.

    web: the origin of the pages; gateway: the address of the socket.
    """

    gateway: str
    web: str
    token: str
    acknowledge: bool = True
    state: State = field(default_factory=dict)
    seq: int = 0
    pops: dict[str, datetime] = field(default_factory=dict)
    clock: Clock = field(default_factory=SystemClock)
    _waiting: dict[str, asyncio.Future[State]] = field(default_factory=dict)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _socket: ClientConnection | None = None
    _reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._socket = await connect(
            self.gateway,
            origin=self.web,  # type: ignore[arg-type]  # a NewType of str in the library
            additional_headers={"Cookie": f"{_COOKIE}={self.token}"},
            compression=None,
        )
        self._reader = asyncio.get_running_loop().create_task(self._read(), name="desk-reader")
        await self.until(lambda state: "agent" in state)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()

    async def order(self, kind: str, **fields: str) -> State:
        """Send one message and wait for its answer. Raises Unavailable with the sentence."""
        if self._socket is None:
            raise Unavailable("工作台未连接")
        own_id = new_id()  # unique over all desks of this agent: a repeated id is done only once
        answer = asyncio.get_running_loop().create_future()
        self._waiting[own_id] = answer
        await self._socket.send(json.dumps({"type": kind, "id": own_id, **fields}))
        body: State = await asyncio.wait_for(answer, _ANSWER_SECONDS)
        if not body["ok"]:
            raise Unavailable(str(body["message"]), code=body["code"])
        return dict(body["data"])

    async def until(self, holds: Callable[[State], bool], *, seconds: float = 30.0) -> State:
        """Wait until the desk's state is as wished; the state. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: bool(self.state) and holds(self.state))
        return self.state

    async def until_call(self, *states: str, seconds: float = 30.0) -> State:
        """Wait until the call on the desk is in one of these states; the call."""
        found = await self.until(
            lambda state: bool(state.get("call")) and state["call"]["state"] in states,
            seconds=seconds,
        )
        return dict(found["call"])

    async def _read(self) -> None:
        if self._socket is None:
            return
        try:
            async for raw in self._socket:
                message: State = json.loads(raw)
                await self._take(message)
        except ConnectionClosed:
            return

    async def _take(self, message: State) -> None:
        if message["type"] == "result":
            waiting = self._waiting.pop(message["id"], None)
            if waiting is not None and not waiting.done():
                waiting.set_result(message)
            return
        if message["type"] not in {"snapshot", "event"}:
            return
        offered = self.state.get("call")
        async with self._changed:
            if message["type"] == "snapshot":
                self.state, self.seq = dict(message["state"]), message["seq"]
            else:
                self.seq = message["seq"]
                apply(self.state, message["event"])
            self._changed.notify_all()
        await self._see_pop(offered, self.state.get("call"))

    async def _see_pop(self, before: State | None, call: State | None) -> None:
        if not call or call["state"] != "OFFERED" or not call.get("offer_id"):
            return
        if before and before.get("offer_id") == call["offer_id"]:
            return
        self.pops.setdefault(call["call_id"], self.clock.now())
        if self.acknowledge and self._socket is not None:
            seen = {"type": "pop_seen", "call_id": call["call_id"], "offer_id": call["offer_id"]}
            await self._socket.send(json.dumps(seen))


def apply(state: State, event: Mapping[str, Any]) -> None:
    """Bring the desk's state up to date with one event (the browser's reducer in short)."""
    kind = event["kind"]
    if kind in {"agent", "queue", "call", "drafts", "captions", "work", "missed"}:
        state[kind] = event[kind]
    elif kind == "caption":
        new = event["caption"]
        others = [c for c in state.get("captions", []) if c["utterance_id"] != new["utterance_id"]]
        state["captions"] = sorted([*others, new], key=lambda c: (c["start_ms"], c["utterance_id"]))
    elif kind == "partial":
        state.setdefault("partials", {})[event["speaker"]] = event["text"]
    elif kind == "refused":
        state.setdefault("refusals", []).append(dict(event))
    elif kind == "done":
        state.setdefault("done", []).append(dict(event))
