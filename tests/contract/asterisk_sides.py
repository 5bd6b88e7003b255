"""The two Asterisks behind one contract: the fake one, and the real one with a carrier."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from core.asterisk.ari_client import AriClient
from core.asterisk.ari_events import StasisStart
from core.asterisk.snapshots import Channel
from simulator.carrier.network import Behaviour, Carrier, PhoneCall
from tests.fakes.asterisk import FakeAsterisk
from tests.fakes.asterisk_world import FakeChannel
from tests.support.asterisk import RealAsterisk


class Party(Protocol):
    """A citizen who phoned in."""

    async def press(self, digits: str) -> None: ...

    async def hang_up(self) -> None: ...


class Side(Protocol):
    """One Asterisk and the telephone network before it."""

    sound: str

    def ari(self, app: str, *, password: str = "") -> AriClient: ...

    async def phone(self, caller: str) -> Party: ...

    async def set_number(self, number: str, mode: str) -> None: ...


class FakeSide:
    """The fake server; the network is the test's own hands."""

    sound = "sound:/prompts/greeting_12345"

    def __init__(self, asterisk: FakeAsterisk) -> None:
        self._asterisk = asterisk
        self._modes: dict[str, str] = {}
        asterisk.world.on_ring = self._ring

    def ari(self, app: str, *, password: str = "") -> AriClient:
        secret = password or self._asterisk.password
        return AriClient(url=self._asterisk.url, user=self._asterisk.user, password=secret, app=app)

    async def phone(self, caller: str) -> Party:
        uid = "11111111-1111-4111-8111-111111111111"
        channel = self._asterisk.phone_in(
            "ivr", "inbound", uid, "12345", caller=caller, CALL_UID=uid
        )
        return _FakeParty(self._asterisk, channel)

    async def set_number(self, number: str, mode: str) -> None:
        self._modes[number] = mode

    def _ring(self, channel: FakeChannel) -> None:
        number = channel.name.partition("/")[2].partition("@")[0]
        loop = asyncio.get_running_loop()
        if self._modes.get(number) == "answer":
            loop.call_later(0.02, self._asterisk.answer, channel.channel_id)
        elif self._modes.get(number) == "busy":
            loop.call_later(0.02, self._asterisk.hang_up, channel.channel_id, 17)


class _FakeParty:
    def __init__(self, asterisk: FakeAsterisk, channel: str) -> None:
        self._asterisk = asterisk
        self._channel = channel

    async def press(self, digits: str) -> None:
        self._asterisk.press(self._channel, digits)

    async def hang_up(self) -> None:
        self._asterisk.hang_up(self._channel)


class RealSide:
    """The real server; the network is the carrier's Asterisk."""

    def __init__(self, asterisk: RealAsterisk, carrier: Carrier) -> None:
        self._asterisk = asterisk
        self._carrier = carrier
        self.sound = f"sound:{asterisk.settings.prompts_dir}/zh/greeting_12345"

    def ari(self, app: str, *, password: str = "") -> AriClient:
        if not password:
            return self._asterisk.ari(app)
        settings = self._asterisk.settings
        return AriClient(url=settings.ari_url, user=settings.ari_user, password=password, app=app)

    async def phone(self, caller: str) -> Party:
        return _RealParty(await self._carrier.call("12345", caller_number=caller))

    async def set_number(self, number: str, mode: str) -> None:
        await self._carrier.set_number(number, Behaviour(mode=mode, delay_s=0.05))


class _RealParty:
    def __init__(self, call: PhoneCall) -> None:
        self._call = call

    async def press(self, digits: str) -> None:
        await self._call.answered()
        await self._call.press(digits)

    async def hang_up(self) -> None:
        await self._call.hangup()


@asynccontextmanager
async def connected(ari: AriClient) -> AsyncIterator[AriClient]:
    """A client whose stream stands, for the length of the context."""
    async with ari, asyncio.TaskGroup() as group:
        running = group.create_task(ari.run())
        async with asyncio.timeout(10):
            await ari.wait_connected()
        try:
            yield ari
        finally:
            running.cancel()


async def enter(side: Side, ari: AriClient, caller: str = "13800000001") -> tuple[Party, Channel]:
    """A citizen phones and reaches the application."""
    with ari.expect(StasisStart) as started:
        party = await side.phone(caller)
        event = await started.wait(10)
    return party, event.channel
