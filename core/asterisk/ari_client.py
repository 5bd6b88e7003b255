"""Keeps one Stasis application connected to Asterisk, and tells it what happened.

async with AriClient(url=..., user=..., password=..., app="ivr") as ari:
    group.create_task(ari.run())                 # in the TaskGroup of the composition root
    async for event in ari.events():             # typed; one consumer
        match event: ...

with ari.expect(StasisStart, channel_id=new) as started:   # armed before the command
    await ari.channels.snoop(caller, snoop_id=new, args=("tap",))
    await started.wait(5)
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Generic, Self, TypeVar
from urllib.parse import urlencode

import websockets
from websockets.asyncio.client import ClientConnection

from core.asterisk.ari_events import (
    AriEvent,
    Connected,
    Disconnected,
    EventMalformed,
    Reconnected,
    read_event,
)
from core.asterisk.ari_rest import AriRest, basic_auth
from core.asterisk.bridges import Applications, Bridges
from core.asterisk.channels import Channels
from core.asterisk.errors import AriEventMissed, AriRefused, AriUnreachable
from core.asterisk.webrtc import PhoneBook
from core.errors import Unavailable

logger = logging.getLogger(__name__)

E = TypeVar("E", bound=AriEvent)

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
INBOX_SIZE = 20_000
#: Told for every step of the dialplan and every variable: much noise, and nobody listens.
UNHEARD = ("ChannelDialplan", "ChannelConnectedLine", "ChannelCallerId", "ChannelToneDetected")


class Expectation(Generic[E]):
    """An event that a command will bring about; made by AriClient.expect()."""

    def __init__(
        self, kinds: tuple[type[E], ...], accepts: Callable[[E], bool], forget: Callable[[], None]
    ) -> None:
        self._kinds = kinds
        self._accepts = accepts
        self._forget = forget
        self._future: asyncio.Future[E] = asyncio.get_running_loop().create_future()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._forget()
        self._future.cancel()

    async def wait(self, seconds: float) -> E:
        """Give the event, also when it came before this was called."""
        try:
            return await asyncio.wait_for(asyncio.shield(self._future), seconds)
        except TimeoutError as late:
            kinds = "|".join(kind.__name__ for kind in self._kinds)
            raise AriEventMissed("电话系统没有按时完成操作", expected=kinds) from late
        except asyncio.CancelledError:
            if self._future.cancelled():  # the stream broke: the event may never be told
                raise AriUnreachable("与电话系统的连接中断") from None
            raise

    def offer(self, event: AriEvent) -> None:
        """Take the event if it is the one; called by the client for each event."""
        if self._future.done() or not isinstance(event, self._kinds):
            return
        if self._accepts(event):
            self._future.set_result(event)

    def give_up(self) -> None:
        """The stream broke; called by the client."""
        self._future.cancel()


class AriClient:
    """REST commands and the event stream of one Stasis application."""

    def __init__(
        self,
        *,
        url: str,
        user: str,
        password: str,
        app: str,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.app = app
        self._rest = AriRest(url=url, user=user, password=password)
        self._events_url = _events_url(url, app)
        self._authorization = basic_auth(user, password)
        self._pause = pause
        self._inbox: asyncio.Queue[AriEvent] = asyncio.Queue(INBOX_SIZE)
        self._expectations: dict[int, Expectation[AriEvent]] = {}
        self._next_expectation = 0
        self._up = asyncio.Event()
        self._was_up = False
        self._stream: ClientConnection | None = None
        self.channels = Channels(self._rest, app)
        self.bridges = Bridges(self._rest)
        self.applications = Applications(self._rest)
        self.phones = PhoneBook(self._rest)

    async def __aenter__(self) -> Self:
        await self._rest.__aenter__()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._rest.__aexit__()

    @property
    def rest(self) -> AriRest:
        """The plain REST interface, for what has no name of its own here."""
        return self._rest

    @property
    def is_connected(self) -> bool:
        return self._up.is_set()

    async def wait_connected(self) -> None:
        """Return once the event stream stands."""
        await self._up.wait()

    async def events(self) -> AsyncIterator[AriEvent]:
        """Every event in order, among them Connected, Disconnected, Reconnected; one consumer."""
        while True:
            yield await self._inbox.get()

    def expect(
        self,
        *kinds: type[E],
        channel_id: str = "",
        where: Callable[[E], bool] | None = None,
    ) -> Expectation[E]:
        """Arm a waiter; use it as a context manager around the command that causes the event.

        A broken stream ends the waiting with AriUnreachable, a passed time with AriEventMissed.
        """

        def accepts(event: E) -> bool:
            return (not channel_id or _channel_of(event) == channel_id) and (
                where is None or where(event)
            )

        number = self._next_expectation = self._next_expectation + 1

        def forget() -> None:
            self._expectations.pop(number, None)

        expectation = Expectation(kinds, accepts, forget)
        self._expectations[number] = expectation  # type: ignore[assignment]  # E is an AriEvent
        return expectation

    def reconnect(self) -> None:
        """Drop the event stream; run() opens it anew and tells Reconnected."""
        if self._stream is not None:
            self._stream.transport.abort()

    async def run(self) -> None:
        """Connect and stay connected, for ever."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                async with self._socket() as socket:
                    pause = FIRST_PAUSE_S
                    await self._serve(socket)
            except (OSError, websockets.WebSocketException, Unavailable, AriRefused) as lost:
                logger.warning(
                    "ari stream lost", extra={"app": self.app, "why": type(lost).__name__}
                )
            finally:
                self._up.clear()
            self._break_expectations()
            await self._pause(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    def _socket(self) -> websockets.connect:
        return websockets.connect(
            self._events_url,
            additional_headers={"Authorization": self._authorization},
            compression=None,
            max_size=None,
            open_timeout=5,
            close_timeout=1,
            proxy=None,
        )

    async def _serve(self, socket: ClientConnection) -> None:
        await self.applications.silence(self.app, UNHEARD)
        opened: AriEvent = Reconnected() if self._was_up else Connected()
        self._was_up = True
        self._stream = socket
        await self._inbox.put(opened)
        self._up.set()
        logger.info("ari stream stands", extra={"app": self.app, "after": type(opened).__name__})
        try:
            async for message in socket:
                self._take(message)
        except asyncio.QueueFull:
            # An event that cannot be kept is a lost one: end the stream, so that the owner is
            # told Reconnected and compares lists instead of trusting a gap.
            logger.error("ari inbox full", extra={"app": self.app})  # noqa: TRY400
        finally:
            self._stream = None
            self._up.clear()
            if not self._inbox.full():
                self._inbox.put_nowait(Disconnected())

    def _take(self, message: str | bytes) -> None:
        try:
            event = read_event(json.loads(message))
        except (EventMalformed, ValueError) as wrong:
            logger.warning("ari event malformed", extra={"app": self.app, "kind": str(wrong)})
            return
        for expectation in list(self._expectations.values()):
            expectation.offer(event)
        self._inbox.put_nowait(event)

    def _break_expectations(self) -> None:
        for expectation in list(self._expectations.values()):
            expectation.give_up()
        self._expectations.clear()


def _channel_of(event: AriEvent) -> str:
    for name in ("channel", "peer"):
        channel = getattr(event, name, None)
        if channel is not None:
            return str(channel.channel_id)
    playback = getattr(event, "playback", None)
    return str(playback.channel_id) if playback is not None else ""


def _events_url(url: str, app: str) -> str:
    scheme, _, rest = url.rstrip("/").partition("://")
    query = urlencode({"app": app, "subscribeAll": "false"})
    return f"{'wss' if scheme == 'https' else 'ws'}://{rest}/events?{query}"
