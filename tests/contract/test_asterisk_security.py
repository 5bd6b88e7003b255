"""Strangers get nowhere, and nothing they send stops the telephone."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from core.asterisk.ami import Ami
from core.asterisk.ari_events import StasisStart
from core.asterisk.errors import AmiRefused
from core.config import Settings
from hotline.asterisk_config import keep_secret, render_hotline, simulated_carrier
from simulator.carrier.network import Carrier
from tests.contract.asterisk_sides import connected
from tests.support.asterisk import LINES, RealAsterisk, running_asterisk

pytestmark = pytest.mark.integration

STRANGERS = ("anonymous", "nobody", "carrier", "agent-ann", "hotline")


@pytest.fixture
async def carrier(asterisk: RealAsterisk) -> AsyncIterator[Carrier]:
    async with asterisk.carrier() as network:
        yield network


def invite(user: str, port: int, own_port: int) -> bytes:
    lines = (
        f"INVITE sip:12345@127.0.0.1:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{own_port};branch=z9hG4bK-{user}",
        f"From: <sip:{user}@127.0.0.1>;tag={user}",
        f"To: <sip:12345@127.0.0.1:{port}>",
        f"Call-ID: {user}-{own_port}",
        "CSeq: 1 INVITE",
        f"Contact: <sip:{user}@127.0.0.1:{own_port}>",
        "Max-Forwards: 70",
        "Content-Length: 0",
        "",
        "",
    )
    return "\r\n".join(lines).encode()


async def ask_sip(port: int, message: bytes, own: socket.socket) -> str:
    """Send one datagram; gives the answer."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendto(own, message, ("127.0.0.1", port))
    async with asyncio.timeout(5):
        return (await loop.sock_recv(own, 4096)).decode()


async def test_every_stranger_gets_the_same_challenge(asterisk: RealAsterisk) -> None:
    answers: set[str] = set()
    for user in STRANGERS:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.bind(("127.0.0.1", 0))
            own.setblocking(False)
            port = asterisk.settings.port("sip")
            answer = await ask_sip(port, invite(user, port, own.getsockname()[1]), own)
        headers = [line.split(":")[0] for line in answer.splitlines()[1:] if line]
        answers.add("|".join([answer.splitlines()[0], *headers]))
    assert len(answers) == 1
    assert answers.pop().startswith("SIP/2.0 401 ")


@pytest.mark.parametrize(
    "message",
    [
        b"\x00" * 1200,
        b"INVITE\r\n\r\n",
        b"INVITE sip:12345@127.0.0.1 SIP/2.0\r\nContent-Length: 99999\r\n\r\n",
        b"INVITE sip:" + b"1" * 3000 + b"@127.0.0.1 SIP/2.0\r\n\r\n",
        b"SIP/2.0 200 OK\r\nVia: broken\r\n\r\n",
        re.sub(rb"CSeq: 1 INVITE", b"CSeq: -1 BYE", invite("x", 5060, 5061)),
    ],
)
async def test_a_malformed_message_stops_nothing(
    asterisk: RealAsterisk, carrier: Carrier, message: bytes
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.sendto(message, ("127.0.0.1", asterisk.settings.port("sip")))
    async with connected(asterisk.ari("ivr")) as ivr:
        with ivr.expect(StasisStart) as started:
            call = await carrier.call("12345", caller_number="13900000021")
            await started.wait(5)
        await call.hangup()
        await call.ended()


async def test_a_peer_from_a_network_not_permitted_is_refused(base_settings: Settings) -> None:
    with running_asterisk(base_settings) as own:
        elsewhere = replace(simulated_carrier(own.settings), permit=("10.0.0.0/255.0.0.0",))
        render_hotline(own.settings, lines=LINES, seats=[], trunks=[elsewhere])
        own.console("module reload res_pjsip.so")
        async with own.carrier() as carrier:
            call = await carrier.call("12345", caller_number="13900000022")
            assert not (await call.ended()).was_answered
        assert list((own.settings.spool_dir / "journal").glob("*.csv")) == []


async def test_the_manager_port_wants_its_password(asterisk: RealAsterisk) -> None:
    settings = asterisk.settings
    ami = Ami(host="127.0.0.1", port=settings.port("ami"), user=settings.ami_user, password="guess")
    with pytest.raises(AmiRefused):
        await ami.__aenter__()


async def test_the_manager_may_record_and_reload(asterisk: RealAsterisk) -> None:
    settings = asterisk.settings
    secret = keep_secret(settings, "ami_password")
    ami = Ami(host="127.0.0.1", port=settings.port("ami"), user=settings.ami_user, password=secret)
    async with ami:
        await ami.reload("pbx_config.so")
        assert any("PJSIP" in line for line in await ami.console("core show channeltypes"))


@pytest.mark.parametrize("path", ["", "/ari/channels", "/httpstatus", "/static/x", "/metrics"])
async def test_the_http_port_tells_a_stranger_nothing(asterisk: RealAsterisk, path: str) -> None:
    url = f"http://127.0.0.1:{asterisk.settings.port('asterisk_http')}{path}"
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        assert response.status in {401, 404}


def test_what_holds_secrets_is_the_owners_alone(asterisk: RealAsterisk) -> None:
    home = asterisk.folders.home
    assert home.stat().st_mode & 0o077 == 0
    files = [asterisk.folders.etc / name for name in ("pjsip.conf", "ari.conf", "manager.conf")]
    assert [path.name for path in files if Path(path).stat().st_mode & 0o077] == []


def test_nothing_listens_beyond_loopback(asterisk: RealAsterisk) -> None:
    bindings = re.findall(
        r"^bind(?:addr)? ?= ?(\S+)",
        "\n".join(path.read_text() for path in asterisk.folders.etc.glob("*.conf")),
        re.MULTILINE,
    )
    assert bindings
    assert [one for one in bindings if not one.startswith("127.0.0.1")] == []
