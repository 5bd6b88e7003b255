"""The manager interface for what ARI cannot do, on pyst2 in a thread of its own.

async with Ami(host=..., port=..., user=..., password=...) as ami:
    await ami.originate(...)
    async for event in ami.events(): ...      # dictionaries of the headers, "Event" among them
"""

import asyncio
import os
import queue
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from asterisk import manager
from typing_extensions import override

from core.asterisk.errors import AmiRefused, AmiUnreachable

T = TypeVar("T")

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
#: How pyst2 shows a lost connection; ValueError is a write into a file its reader just closed.
LOST = (manager.ManagerException, OSError, ValueError, queue.Empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiCall:
    """One leg to be dialled through the manager; variables are set on it before it is dialled."""

    channel: str
    context: str
    exten: str = "s"
    caller_id: str = ""
    timeout_ms: int = 30_000
    variables: Mapping[str, str] = field(default_factory=dict)
    channel_id: str = ""


class Ami:
    """One logged-in connection; every method raises AmiUnreachable or AmiRefused."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        user: str,
        password: str,
        on_event: Callable[[dict[str, str] | None], None] | None = None,
        patience_s: float = ANSWER_SECONDS,
    ) -> None:
        self._on_event = on_event
        self._patience_s = patience_s
        self._address = (host, port)
        self._login = (user, password)
        self._manager: _Manager | None = None
        # One thread: pyst2 pairs answers with actions by their order alone.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ami")

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()

        def receive(headers: dict[str, str] | None) -> None:
            if self._on_event is not None and not loop.is_closed():
                loop.call_soon_threadsafe(self._on_event, headers)

        await self._in_thread(lambda: self._connect(receive))
        return self

    async def __aexit__(self, *_exc: object) -> None:
        connection, self._manager = self._manager, None
        if connection is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, connection.close)
        self._thread.shutdown(wait=False)

    async def action(self, name: str, **headers: str | list[str]) -> dict[str, str]:
        """Send one action; gives the headers of the answer."""
        answer = await self._in_thread(lambda: self._send({"Action": name, **headers}))
        return dict(answer.headers)

    async def console(self, command: str) -> list[str]:
        """Output lines of a console command."""
        answer = await self._in_thread(
            lambda: self._send({"Action": "Command", "Command": command})
        )
        lines = [str(line).rstrip("\r\n") for line in answer.response]
        return [line.removeprefix("Output: ") for line in lines if line.startswith("Output:")]

    async def originate(self, call: AmiCall) -> None:
        """Dial a leg into the dialplan; returns as soon as Asterisk took the order."""
        headers: dict[str, str | list[str]] = {
            "Channel": call.channel,
            "Context": call.context,
            "Exten": call.exten,
            "Priority": "1",
            "Timeout": str(call.timeout_ms),
            "Async": "true",
            "Variable": [f"{name}={_one_line(text)}" for name, text in call.variables.items()],
        }
        if call.caller_id:
            headers["CallerID"] = call.caller_id
        if call.channel_id:
            headers["ChannelId"] = call.channel_id
            headers["ActionID"] = call.channel_id  # comes back in OriginateResponse
        await self.action("Originate", **headers)

    async def mix_monitor(self, channel: str, file: str, options: str = "") -> None:
        """Record a channel to a file, whatever application it is in."""
        await self.action("MixMonitor", Channel=channel, File=file, Options=options)

    async def reload(self, module: str) -> None:
        """Reload one module's configuration, "pbx_config.so"."""
        await self.action("Reload", Module=module)

    async def redirect(self, channel: str, *, context: str, exten: str) -> None:
        """Send a channel to another place of the dialplan, out of whatever it is in."""
        await self.action("Redirect", Channel=channel, Context=context, Exten=exten, Priority="1")

    async def hangup(self, channel: str, cause: int = 16) -> None:
        await self.action("Hangup", Channel=channel, Cause=str(cause))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except manager.ManagerAuthException as refused:
            raise AmiRefused("电话系统管理接口拒绝登录") from refused
        except LOST as lost:
            # A late answer would be taken for the next action's: this connection is spent.
            self._drop()
            raise AmiUnreachable("电话系统管理接口没有应答") from lost

    def _drop(self) -> None:
        connection, self._manager = self._manager, None
        if connection is not None:
            connection.break_off()

    def _connect(self, receive: Callable[[dict[str, str] | None], None]) -> None:
        connection = _Manager(receive, self._patience_s)
        host, port = self._address
        try:
            connection.connect(host, port)
            connection.login(*self._login)
        except BaseException:
            connection.break_off()
            raise
        self._manager = connection

    def _send(self, headers: dict[str, Any]) -> Any:
        if self._manager is None:
            raise manager.ManagerException("not connected")
        # A dictionary of our own: pyst2's default argument is shared and keeps old headers.
        answer = self._manager.send_action(
            {
                key: _one_line(text) if isinstance(text, str) else text
                for key, text in headers.items()
            }
        )
        if answer.get_header("Response") == "Error":
            raise AmiRefused(
                "电话系统拒绝了管理操作",
                action=headers.get("Action"),
                said=answer.get_header("Message", ""),
            )
        return answer


def _one_line(text: str) -> str:
    """A line end inside a value would start a header of somebody else's choice."""
    return text.replace("\r", " ").replace("\n", " ")


class _QuietEvent(threading.Event):
    """threading.Event with the name pyst2 still calls, which Python warns about."""

    isSet = threading.Event.is_set  # noqa: N815


class _PatientQueue(queue.Queue[Any]):
    """A queue whose get() ends: an Asterisk that went silent must not hold our thread for ever."""

    def __init__(self, patience_s: float) -> None:
        super().__init__()
        self._patience_s = patience_s

    @override
    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        return super().get(block, self._patience_s if timeout is None else timeout)


class _Manager(manager.Manager):  # type: ignore[misc]  # pyst2 has no types
    """pyst2's Manager without its deprecated calls, with a time limit and an end of events."""

    def __init__(self, receive: Callable[[dict[str, str] | None], None], patience_s: float) -> None:
        # Not super().__init__(): it makes its threads with calls that Python warns about.
        self._sock: socket.SocketIO | None = None
        self.title = None
        self.hostname = socket.gethostname()
        self._connected = _QuietEvent()
        self._running = _QuietEvent()
        self._message_queue: queue.Queue[Any] = queue.Queue()
        self._response_queue: queue.Queue[Any] = _PatientQueue(patience_s)
        self._event_queue: queue.Queue[Any] = queue.Queue()
        self._event_callbacks: dict[str, list[Any]] = {}
        self._reswaiting: list[int] = []
        self._seqlock = threading.Lock()
        self._seq = 0
        self._receive = receive
        self.message_thread = threading.Thread(target=self.message_loop, daemon=True)

    def __del__(self) -> None:
        """Closing is the owner's work; at interpreter exit pyst2's own attempt only fails."""

    def connect(self, host: str, port: int) -> None:
        # Not pyst2's: that one forgets to close a socket that could not connect.
        with socket.create_connection((host, port), timeout=CONNECT_SECONDS) as connection:
            connection.settimeout(None)
            self._sock = connection.makefile(mode="rwb", buffering=0)
        self._connected.set()
        self._running.set()
        self.message_thread.start()
        self._response_queue.get()  # the greeting

    def message_loop(self) -> None:
        reader = threading.Thread(target=self._receive_data, daemon=True)
        reader.start()
        while self._running.is_set():
            data = self._message_queue.get()
            if not data:
                break
            self._sort(manager.ManagerMsg(data))
        self._receive(None)
        self._response_queue.put(None)

    def _sort(self, message: Any) -> None:
        if message.has_header("Event"):
            self._receive(dict(message.headers))
        else:
            self._response_queue.put(message)

    def close(self) -> None:
        if self._connected.is_set():
            with suppress(*LOST):
                self.logoff()
        self.break_off()
        if self.message_thread.is_alive():
            self.message_thread.join(timeout=2)

    def break_off(self) -> None:
        """End the threads without a word to Asterisk."""
        self._running.clear()
        if self._sock is not None:
            with suppress(*LOST):  # its reader closed it meanwhile
                self._shut(self._sock.fileno())
        self._message_queue.put(None)

    def _shut(self, descriptor: int) -> None:
        # A copy of the socket object: pyst2 keeps only the file, and the file cannot be shut down.
        with socket.socket(fileno=os.dup(descriptor)) as copy:
            copy.shutdown(socket.SHUT_RDWR)
