"""What every long-running process tells the outside: ready, healthy or not, its numbers."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from core.metrics import exposition

_PATIENCE_SECONDS = 5.0
Check = Callable[[], bool]


def announce_ready() -> None:
    """Tell whoever started us that we serve now (the sd_notify protocol); else do nothing."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    name = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notify:
        try:
            notify.sendto(b"READY=1", name)
        except OSError:
            return  # nobody waits for us any more


@asynccontextmanager
async def health_page(host: str, port: int, checks: Mapping[str, Check]) -> AsyncIterator[None]:
    """Serve /healthz (200 while every check holds, else 503 and their names) and /metrics."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                request = await reader.readuntil(b"\r\n\r\n")
                writer.write(_respond(request, checks))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, host, port)
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()


def _respond(request: bytes, checks: Mapping[str, Check]) -> bytes:
    target = request.split(b" ", 2)[1:2]
    if target == [b"/healthz"]:
        failing = sorted(name for name, check in checks.items() if not check())
        if failing:
            return _message("503 Service Unavailable", " ".join(failing).encode())
        return _message("200 OK", b"ok")
    if target == [b"/metrics"]:
        return _message("200 OK", exposition())
    return _message("404 Not Found", b"")


def _message(status: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
