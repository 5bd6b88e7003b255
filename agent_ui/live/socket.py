"""The desk gateway: the edge where the `websockets` library meets hub, feed and orders."""

import asyncio
import http
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from sqlalchemy.exc import SQLAlchemyError
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from agent_ui.live import protocol
from agent_ui.live.feed import DeskFeed
from agent_ui.live.hub import Hub, Subscriber
from agent_ui.live.orders import Orders, Visitor
from agent_ui.live.presence import Presence
from agent_ui.live.wall import WallFeed
from core.auth import Permission
from core.clock import Clock
from core.errors import HotlineError
from core.metrics import LOOP_ERRORS

logger = logging.getLogger(__name__)
PATH = "/desk"
WALL = "/wall"
#: What a person must be allowed to do to open each socket.
_NEEDS = {PATH: Permission.TAKE_CALLS, WALL: Permission.MONITOR_CALLS}
SESSION_COOKIE = "hotline_session"
_PING_SECONDS = 15.0
_CLOSE_SECONDS = 2.0
_WRITE_LIMIT = 16 * 1024
_READ_AHEAD = 4
Show = Callable[[Subscriber], Awaitable[None]]
Authenticate = Callable[[str], Awaitable[Visitor | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayParts:
    """What the gateway is built from."""

    hub: Hub
    feed: DeskFeed
    wall: WallFeed
    orders: Orders
    presence: Presence
    authenticate: Authenticate
    clock: Clock
    origins: frozenset[str]


class DeskGateway:
    """Serves desk sockets until its context ends."""

    def __init__(self, parts: GatewayParts) -> None:
        self._parts = parts
        self._visitors: dict[ServerConnection, tuple[Visitor, str]] = {}
        self._origins = set(parts.origins)

    def allow_origin(self, origin: str) -> None:
        """Accept desks of pages from this address too."""
        self._origins.add(origin)

    async def serve_in(self, stack: AsyncExitStack, host: str, port: int) -> int:
        """Listen until the stack is left; the port in use (0 asks for a free one)."""
        listening = serve(
            self._serve,
            host,
            port,
            process_request=self._admit,
            compression=None,  # its windows would cost more memory than the whole rest of a desk
            max_size=protocol.MAX_MESSAGE_BYTES,
            max_queue=_READ_AHEAD,
            write_limit=_WRITE_LIMIT,
            ping_interval=_PING_SECONDS,
            ping_timeout=_PING_SECONDS,
            close_timeout=_CLOSE_SECONDS,
            server_header=None,
        )
        server = await stack.enter_async_context(listening)
        return int(next(iter(server.sockets)).getsockname()[1])

    async def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Only our own pages, only with a living session."""
        path = request.path.split("?")[0]
        if path not in _NEEDS:
            return connection.respond(http.HTTPStatus.NOT_FOUND, "没有这个地址\n")
        # A foreign page could open a socket with our cookie (no CORS here): the Origin stops it.
        if request.headers.get("Origin") not in self._origins:
            return connection.respond(http.HTTPStatus.FORBIDDEN, "来源页面不被允许\n")
        try:
            visitor = await self._parts.authenticate(_cookie(request.headers.get("Cookie", "")))
        except (SQLAlchemyError, OSError):
            return connection.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "数据库暂时不可用\n")
        if visitor is None or not visitor.principal.can(_NEEDS[path]):
            return connection.respond(http.HTTPStatus.UNAUTHORIZED, "请重新登录\n")
        self._visitors[connection] = visitor, path
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        visitor, path = self._visitors.pop(connection)
        on_wall = path == WALL
        hub, wake = self._parts.wall.hub if on_wall else self._parts.hub, asyncio.Event()
        show = self._parts.wall.snapshot if on_wall else self._parts.feed.snapshot
        subscriber = hub.subscribe(visitor.agent_id, visitor.session_key, wake.set)
        try:
            async with asyncio.TaskGroup() as group:
                writer = group.create_task(_write(connection, subscriber, wake))
                await self._read(connection, visitor, subscriber, show)
                writer.cancel()
        except* ConnectionClosed:
            pass
        finally:
            hub.unsubscribe(subscriber)
            if not on_wall:
                self._parts.feed.forget(visitor.agent_id)

    async def _read(
        self, connection: ServerConnection, visitor: Visitor, subscriber: Subscriber, show: Show
    ) -> None:
        await _send_all(show, subscriber)
        async for raw in connection:
            await self._take(visitor, subscriber, raw, show)

    async def _take(
        self, visitor: Visitor, subscriber: Subscriber, raw: str | bytes, show: Show
    ) -> None:
        """Answer one message; whatever is wrong with it, the socket stays."""
        request_id = ""
        try:
            message = protocol.decode(raw)
            request_id = message.id
            if isinstance(message, protocol.Ping):
                now = self._parts.clock.now().isoformat()
                subscriber.send_plain(protocol.pong(request_id, now))
            elif isinstance(message, protocol.Resync):
                await _send_all(show, subscriber)
            else:
                data = await self._parts.orders.take(visitor, message)
                subscriber.send_plain(protocol.result(request_id, data))
        except HotlineError as error:
            request_id = request_id or str(error.details.get("request_id", ""))
            subscriber.send_plain(protocol.refusal(request_id, error.code, error.message))
        except (SQLAlchemyError, OSError):
            LOOP_ERRORS.labels("desk_socket").inc()
            logger.warning("desk message not carried out", extra={"agent_id": visitor.agent_id})
            subscriber.send_plain(
                protocol.refusal(request_id, "unavailable", "系统暂时不可用，请稍后再试")
            )


async def _send_all(show: Show, subscriber: Subscriber) -> None:
    try:
        await show(subscriber)
    except (SQLAlchemyError, OSError):
        logger.warning("snapshot failed", extra={"agent_id": subscriber.agent_id})
        subscriber.send_plain(protocol.refusal("", "unavailable", "系统暂时不可用，正在重试"))


async def _write(connection: ServerConnection, subscriber: Subscriber, wake: asyncio.Event) -> None:
    while True:
        await wake.wait()
        wake.clear()
        while (text := subscriber.take()) is not None:
            await connection.send(text)
        if subscriber.closing:
            await connection.close(subscriber.closing)
            return


def _cookie(header: str) -> str:
    try:
        morsel = SimpleCookie(header).get(SESSION_COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
