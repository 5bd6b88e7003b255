"""Takes the audio that Asterisk brings over a websocket, one connection for each tap."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from core import metrics

_LOG = logging.getLogger(__name__)
_LONGEST_MESSAGE = 70_000
_SUBPROTOCOL = "media"
Frame = Callable[[bytes, float], None]


@dataclass(slots=True)
class Line:
    """One expected connection: who takes its frames, and who is told of its end."""

    take: Frame
    ended: Callable[[], None]
    connected: bool = field(default=False)


class MediaServer:
    """Only connections that were announced by `expect` are let in; each once."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}

    def expect(self, tap_id: str, *, take: Frame, ended: Callable[[], None]) -> None:
        """Asterisk will dial with `?tap=` this id. `take` gets audio and the instant of arrival."""
        self._lines[tap_id] = Line(take, ended)

    def forget(self, tap_id: str) -> None:
        """The tap is over; a connection that still stands is heard no more."""
        self._lines.pop(tap_id, None)

    async def listen(self, host: str, port: int) -> Server:
        """Serve; the result is closed by the caller."""
        return await serve(
            self._serve,
            host,
            port,
            subprotocols=[_SUBPROTOCOL],  # type: ignore[list-item]  # a NewType of str
            process_request=self._admit,
            compression=None,
            max_size=_LONGEST_MESSAGE,
            ping_interval=None,
        )

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        line = self._lines.get(_tap_of(request))
        if line is None or line.connected:
            return connection.respond(HTTPStatus.FORBIDDEN, "unknown tap\n")
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        request = connection.request
        tap_id = _tap_of(request) if request is not None else ""
        line = self._lines.get(tap_id)
        if line is None or line.connected:
            return
        line.connected = True
        last: float | None = None
        try:
            async for message in connection:
                if isinstance(message, str):
                    continue  # MEDIA_START and its like: the format is the one we asked for
                now = time.monotonic()
                if last is not None:
                    metrics.FRAME_GAP.observe(now - last)
                last = now
                if tap_id in self._lines:
                    line.take(message, now)
        except ConnectionClosed:
            _LOG.info("media connection broke", extra={"tap": tap_id})
        finally:
            line.ended()


def _tap_of(request: Request) -> str:
    return "".join(parse_qs(urlsplit(request.path).query).get("tap", [])[:1])
