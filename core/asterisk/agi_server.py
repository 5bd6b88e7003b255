"""A FastAGI server on pyst2's AGI class: one thread a call, never more calls than threads.

    server = AgiServer(handle, host="127.0.0.1", port=12349)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve())

`handle(session)` runs in a thread of its own and may block. When it returns without
session.finish(...), or raises, the dialplan goes on with the next rung of the ladder.
"""

import asyncio
import io
import logging
import re
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from asterisk import agi
from typing_extensions import override

from core.asterisk.errors import AgiBroken, CallerHungUp

logger = logging.getLogger(__name__)

ANY_KEY = "0123456789*#"
#: Longer than any prompt or recording: a peer that is silent for so long is gone.
SILENCE_LIMIT_S = 600.0
MOST_CALLS = 100
_ANSWER = re.compile(r"(?P<code>\d{3})[ -](?:result=(?P<result>\S*)(?: \((?P<data>.*)\))?)?")
_OK, _DEAD_CHANNEL, _USAGE_CODE = 200, 511, 520


class AgiSession:
    """What a script may do with the call it was given; every method may raise CallerHungUp."""

    def __init__(self, wire: "ThreadAgi") -> None:
        self._wire = wire

    @property
    def script(self) -> str:
        """What the dialplan asked for: "menu" in agi://host:port/menu."""
        return self._wire.env.get("agi_network_script", "")

    @property
    def channel(self) -> str:
        """Asterisk's name of the channel."""
        return self._wire.env.get("agi_channel", "")

    @property
    def channel_id(self) -> str:
        return self._wire.env.get("agi_uniqueid", "")

    @property
    def caller_number(self) -> str:
        number = self._wire.env.get("agi_callerid", "")
        return "" if number == "unknown" else number

    def answer(self) -> None:
        self._wire.ask("ANSWER")

    def play(self, sounds: Sequence[str], *, interrupt: str = ANY_KEY) -> str:
        """Play files (absolute path, no extension) one after the other.

        Gives the key that interrupted them, or "" when all were played. A missing file is
        passed over, as Asterisk does.
        """
        for sound in sounds:
            answer = self._wire.ask("STREAM FILE", quoted(sound), quoted(interrupt))
            if answer.key:
                return answer.key
        return ""

    def get_digit(self, timeout_s: float) -> str:
        """The next key, or "" when none came in time."""
        return self._wire.ask("WAIT FOR DIGIT", str(int(timeout_s * 1000))).key

    def record(
        self, file: str, *, longest_s: float, silence_s: int = 0, finish_keys: str = "#"
    ) -> str:
        """Record to <file>.wav; gives the key that ended it, or ""."""
        silence = [f"s={silence_s}"] if silence_s else []
        longest = str(int(longest_s * 1000))
        what = (quoted(file), "wav", quoted(finish_keys), longest, "0", *silence)
        return self._wire.ask("RECORD FILE", *what).key

    def set_variable(self, name: str, value: str) -> None:
        self._wire.ask("SET VARIABLE", name, quoted(value))

    def get_variable(self, name: str) -> str:
        """Value of a channel variable, "" when it is not set."""
        return self._wire.ask("GET VARIABLE", name).data

    def execute(self, application: str, *arguments: str) -> None:
        """Run a dialplan application; raises AgiBroken when there is no such one."""
        answer = self._wire.ask("EXEC", application, quoted(",".join(arguments)))
        if answer.result == "-2":
            raise AgiBroken("拨号方案中没有这个应用", application=application)

    def gosub(self, context: str, exten: str, *arguments: str) -> None:
        """Run a subroutine of the dialplan and come back."""
        self._wire.ask("GOSUB", context, exten, "1", *(quoted(argument) for argument in arguments))

    def finish(self, next_step: str) -> None:
        """The script is really done: acd, queue, voicemail, or hangup comes next."""
        self.set_variable("NEXT", next_step)
        self.set_variable("AGI_DONE", "1")

    def hangup(self) -> None:
        self._wire.ask("HANGUP")


@dataclass(frozen=True, slots=True)
class AgiAnswer:
    """What Asterisk said to one command: 200 result=<result> (<data>)."""

    result: str
    data: str = ""

    @property
    def key(self) -> str:
        """The result as a key: Asterisk gives its character code, 0 for none."""
        code = int(self.result) if self.result.isdecimal() else 0
        return chr(code) if code else ""


class ThreadAgi(agi.AGI):  # type: ignore[misc]  # pyst2 has no types
    """pyst2's AGI that lives in a thread and knows the end of a FastAGI conversation."""

    def __init__(self, reader: io.BufferedReader, writer: io.RawIOBase) -> None:
        # Not super().__init__(): it installs a signal handler, which only a main thread may.
        self.stdin = reader
        self.stdout = _Lines(writer)
        self.stderr = _Nowhere()
        self._got_sighup = False
        self.env: dict[str, str] = {}
        self._get_agi_env()

    def ask(self, command: str, *arguments: str) -> AgiAnswer:
        """Send a command and read its answer, with our errors."""
        try:
            answer: AgiAnswer = self.execute(command, *arguments)
        except agi.AGIHangup as gone:
            raise CallerHungUp("来电人已挂机") from gone
        except OSError as gone:
            raise CallerHungUp("通话连接已断开") from gone
        return answer

    @override
    def get_result(self, *_unused: object) -> AgiAnswer:
        line = self._line()
        if line == "HANGUP":  # told between a command and its answer: the answer still comes
            self._got_sighup = True
            line = self._line()
        found = _ANSWER.match(line)
        if found is None:
            raise AgiBroken("对方不是 AGI 协议")
        code, result = int(found["code"]), found["result"] or ""
        if code == _USAGE_CODE:
            self._skip_usage(line)
        if code == _DEAD_CHANNEL or (code == _OK and result == "-1"):
            raise agi.AGIResultHangup("hung up")
        if code != _OK:
            raise AgiBroken("AGI 指令被拒绝", status=code)
        return AgiAnswer(result, found["data"] or "")

    def _skip_usage(self, line: str) -> None:
        if line.startswith("520-"):
            while not self._line().startswith("520"):
                pass

    def _line(self) -> str:
        raw = self.stdin.readline()
        if not raw:
            raise agi.AGISIGPIPEHangup("end of file")
        return raw.decode("utf-8", "replace").strip()


class AgiServer:
    """Accepts FastAGI calls and gives each to the handler, in a thread."""

    def __init__(
        self,
        handler: Callable[[AgiSession], None],
        *,
        host: str,
        port: int,
        most_calls: int = MOST_CALLS,
    ) -> None:
        self._handler = handler
        self._address = (host, port)
        self._most_calls = most_calls
        self._open: set[socket.socket] = set()
        self.port = port

    @property
    def calls(self) -> int:
        """How many calls are being handled."""
        return len(self._open)

    async def serve(self, *, on_ready: Callable[[], None] = lambda: None) -> None:
        """Listen until cancelled; running calls then fall to the next rung."""
        loop = asyncio.get_running_loop()
        listener = socket.create_server(self._address, backlog=128)
        listener.setblocking(False)
        self.port = int(listener.getsockname()[1])
        pool = ThreadPoolExecutor(self._most_calls, thread_name_prefix="agi")
        try:
            on_ready()
            while True:
                connection, _peer = await loop.sock_accept(listener)
                self._take(connection, pool)
        finally:
            listener.close()
            for connection in list(self._open):
                with suppress(OSError):  # its own thread closed it meanwhile
                    connection.shutdown(socket.SHUT_RDWR)
            pool.shutdown(wait=False, cancel_futures=True)

    def _take(self, connection: socket.socket, pool: ThreadPoolExecutor) -> None:
        if len(self._open) >= self._most_calls:
            # A closed connection sends the caller to the next rung at once; a queue would not.
            logger.warning("agi full", extra={"calls": len(self._open)})
            connection.close()
            return
        connection.setblocking(True)
        connection.settimeout(SILENCE_LIMIT_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.add(connection)
        pool.submit(self._run, connection)

    def _run(self, connection: socket.socket) -> None:
        try:
            with connection:
                self._talk(connection)
        except CallerHungUp:
            logger.info("agi caller hung up")
        except (AgiBroken, OSError, UnicodeDecodeError) as broken:
            logger.warning("agi conversation broken", extra={"why": type(broken).__name__})
        except Exception:  # the outermost loop of this thread: the caller goes to the next rung
            logger.exception("agi handler failed")
        finally:
            self._open.discard(connection)

    def _talk(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as reader, connection.makefile("wb", 0) as writer:
            wire = ThreadAgi(reader, writer)
            if not wire.env.get("agi_network"):
                raise AgiBroken("对方不是 AGI 协议")
            self._handler(AgiSession(wire))


class _Lines:
    """The text file pyst2 writes its commands to."""

    def __init__(self, writer: io.RawIOBase) -> None:
        self._writer = writer

    def write(self, text: str) -> None:
        rest = memoryview(text.encode("utf-8"))
        while rest:
            rest = rest[self._writer.write(rest) or 0 :]

    def flush(self) -> None:
        """Nothing is kept back."""


class _Nowhere(io.TextIOBase):
    """Where pyst2's running commentary goes: it would hold numbers and variables of callers."""

    @override
    def write(self, text: str, /) -> int:
        return len(text)


def quoted(text: str) -> str:
    """An argument as AGI wants it: nothing in it can end the argument or the line."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", " ")
    return f'"{plain}"'
