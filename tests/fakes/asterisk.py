"""A fake Asterisk: a real HTTP and websocket server on loopback that speaks the ARI we use.

Passes the same contract test as the real one (tests/contract/test_asterisk_ari.py).

    async with FakeAsterisk() as asterisk:
        ari = AriClient(url=asterisk.url, user=asterisk.user, password=asterisk.password, app="ivr")
        ...
        caller = asterisk.phone_in("ivr", "inbound", call_id, "12345", caller="13800000001")
        asterisk.press(caller, "1"); asterisk.hang_up(caller)
        leg = asterisk.ringing()[0]; asterisk.answer(leg)      # a leg that was originated
"""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any, Self

from aiohttp import WSCloseCode, web

from tests.fakes.asterisk_rest import Rest, refusal
from tests.fakes.asterisk_world import NO_ANSWER, NORMAL, World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Variables = dict[str, str]

#: What the dialplan's contexts do with a leg that was answered: application and arguments.
CONTEXTS: dict[str, Callable[[Variables], tuple[str, tuple[str, ...]]]] = {
    "agent-leg": lambda v: ("acd", ("agent", v["CALL_UID"], v["AGENT_ID"], v["OFFER_ID"])),
    "callee-leg": lambda v: ("acd", ("callee", v["CALL_UID"], v["OFFER_ID"])),
    "unit-leg": lambda v: ("acd", ("unit", v["CALL_UID"])),
}


class FakeAsterisk:
    """The server, and the hands of everyone on the telephone network."""

    user = "hotline"
    password = "secret"

    def __init__(self) -> None:
        self.world = World(self._send)
        self.requests: list[tuple[str, str]] = []
        self._sockets: dict[str, web.WebSocketResponse] = {}
        self._outboxes: dict[str, asyncio.Queue[str]] = {}
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._guard])
        app.add_routes([web.get("/ari/events", self._events), *Rest(self.world).routes()])
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.drop_streams()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/ari"

    # ---- the telephone network

    def phone_in(self, app: str, *args: str, caller: str = "", **variables: str) -> str:
        """A call reaches the dialplan, which gives it to the application; gives its channel id."""
        channel = self.world.new_channel(
            "PJSIP/carrier", caller=caller, context="ladder", exten="menu"
        )
        channel.variables.update(variables)
        if not self.world.enter(channel, app, args):
            self.world.dialplan.append((channel.channel_id, "ladder", "agi"))
        return channel.channel_id

    def press(self, channel_id: str, digits: str) -> None:
        channel = self.world.channels[channel_id]
        for digit in digits:
            self.world.tell(channel, "ChannelDtmfReceived", digit=digit, duration_ms=120)

    def hang_up(self, channel_id: str, cause: int = NORMAL) -> None:
        """The far end hangs up, or refuses (17 busy, 21 rejected, 19 no answer)."""
        self.world.destroy(channel_id, cause)

    def ringing(self) -> list[str]:
        """Legs that were originated and are not answered yet."""
        return [one.channel_id for one in self.world.channels.values() if one.state == "Ringing"]

    def answer(self, channel_id: str) -> None:
        """The phone that rings is picked up."""
        channel = self.world.channels[channel_id]
        channel.state = "Up"
        self.world.tell(channel, "ChannelStateChange")
        app, args = channel.goes_to
        if channel.context in CONTEXTS:
            app, args = CONTEXTS[channel.context](channel.variables)
        if not self.world.enter(channel, app, args):
            self.world.destroy(channel_id)

    def ring_out(self, channel_id: str) -> None:
        """Nobody picks up until Asterisk gives up."""
        self.world.destroy(channel_id, NO_ANSWER)

    def finish_playback(self, playback_id: str) -> None:
        """A sound is over (only where world.plays_end_at_once is off)."""
        self.world.end_playback(playback_id, "done")

    async def drop_streams(self) -> None:
        """Every event socket breaks; channels stay, REST works."""
        sockets = list(self._sockets.items())
        self._sockets.clear()
        self._outboxes.clear()
        for app, socket in sockets:
            self.world.apps[app] = False
            await socket.close(code=WSCloseCode.GOING_AWAY)

    # ---- the server

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        expected = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {expected}":
            return refusal(401, "Authentication required")
        self.requests.append((request.method, request.path.removeprefix("/ari")))
        try:
            return await handler(request)
        except KeyError as missing:
            return refusal(404, f"{missing.args[0]} not found")

    async def _events(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        app = request.query["app"]
        self._sockets[app], self._outboxes[app] = socket, asyncio.Queue()
        self.world.apps[app] = True
        async with asyncio.TaskGroup() as group:
            writer = group.create_task(_write(socket, self._outboxes[app]))
            async for _message in socket:
                pass
            writer.cancel()
        if self._sockets.get(app) is socket:
            self.world.apps[app] = False
            del self._sockets[app], self._outboxes[app]
        return socket

    def _send(self, app: str, event: dict[str, Any]) -> None:
        shown = {"application": app, "timestamp": "2026-11-23T04:00:00.000+0000", **event}
        if app in self._outboxes:
            self._outboxes[app].put_nowait(json.dumps(shown))


async def _write(socket: web.WebSocketResponse, outbox: asyncio.Queue[str]) -> None:
    while not socket.closed:
        await socket.send_str(await outbox.get())
