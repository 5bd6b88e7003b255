"""Only announced taps may bring audio."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from recordings.media_server import MediaServer


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[MediaServer, str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    media = MediaServer()
    async with await media.listen("127.0.0.1", port):
        yield media, f"ws://127.0.0.1:{port}/media"


def dial(url: str, tap: str) -> "connect":
    return connect(f"{url}?tap={tap}", subprotocols=[Subprotocol("media")], proxy=None)


async def send_and_close(connection: ClientConnection) -> None:
    await connection.send('{"event":"MEDIA_START"}')
    await connection.send(b"\1\0" * 320)
    await connection.close()


async def test_an_announced_tap_brings_its_audio_and_its_end_is_told() -> None:
    frames: list[bytes] = []
    ended = asyncio.Event()
    async with serving() as (media, url):
        media.expect("tap-1", take=lambda pcm, _: frames.append(pcm), ended=ended.set)
        async with dial(url, "tap-1") as connection:
            await send_and_close(connection)
        await asyncio.wait_for(ended.wait(), 5)
    assert frames == [b"\1\0" * 320]


async def test_a_stranger_is_not_let_in() -> None:
    async with serving() as (_, url):
        with pytest.raises(InvalidStatus):
            await dial(url, "unknown")


async def test_a_tap_is_taken_once() -> None:
    async with serving() as (media, url):
        media.expect("tap-1", take=lambda *_: None, ended=lambda: None)
        async with dial(url, "tap-1"):
            with pytest.raises(InvalidStatus):
                await dial(url, "tap-1")


async def test_a_tap_that_is_over_is_heard_no_more() -> None:
    async with serving() as (media, url):
        media.expect("tap-1", take=lambda *_: None, ended=lambda: None)
        media.forget("tap-1")
        with pytest.raises(InvalidStatus):
            await dial(url, "tap-1")
