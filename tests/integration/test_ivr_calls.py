"""Citizens phone a real Asterisk and meet the menus: keys, hang-ups, restarts, the second rung."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from core.asterisk.ari_client import AriClient
from core.asterisk.ari_events import StasisStart
from core.config import Settings
from core.db.engine import make_engine
from core.db.tables.calls import CallRow
from core.db.tables.lines import LineRow
from core.domain.calls import CallState, EndedBy
from core.events.connection import connect_redis
from hotline.asterisk_config import carrier_settings
from hotline.free_ports import isolated
from hotline.supervisor import Stack
from ivr.menu.state import MenuState, Phase
from simulator.carrier.network import Carrier, PhoneCall
from simulator.carrier.script import Stay
from simulator.exchange import telephone_network

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

PROCESSES = ("postgres", "redis", "migrations", "asterisk", "ivr", "agi")
PATIENCE_S = 20.0
#: What the dialplan runs on rung 3.
_LAST_RUNG = frozenset({"Queue", "Playback", "Record"})
T = TypeVar("T")


async def eventually(ask: Callable[[], Awaitable[T | None]]) -> T:
    """Ask until there is an answer."""
    async with asyncio.timeout(PATIENCE_S):
        while (answer := await ask()) is None:  # noqa: ASYNC110 - other processes tell no event
            await asyncio.sleep(0.05)
        return answer


@dataclass
class House:
    """The running instance, the network before it, and the hands of routing."""

    stack: Stack
    carrier: Carrier
    acd: AriClient
    engine: AsyncEngine
    redis: Redis
    stop_routing: Callable[[], None]
    callers: int = 0

    async def phone(self, did: str = "12345") -> tuple[PhoneCall, str]:
        """A citizen phones from a number of its own and is answered."""
        self.callers += 1
        number = f"138{self.callers:08d}"
        call = await self.carrier.call(did, caller_number=number, script=[Stay()])
        assert await call.answered()
        return call, number

    async def channel_of(self, number: str) -> str:
        """The hotline's channel of a caller."""

        async def ask() -> str | None:
            channels = await self.acd.channels.all()
            return next((c.channel_id for c in channels if c.caller_number == number), None)

        return await eventually(ask)

    async def call_id_of(self, number: str) -> str:
        uid = await self.acd.channels.get_variable(await self.channel_of(number), "CALL_UID")
        assert uid
        return uid

    async def row(self, call_id: str, is_so: Callable[[CallRow], bool]) -> CallRow:
        """The call's row once it is as wanted."""

        async def ask() -> CallRow | None:
            async with AsyncSession(self.engine) as session:
                row = await session.get(CallRow, call_id)
            return row if row is not None and is_so(row) else None

        return await eventually(ask)

    async def menu(self, call_id: str, is_so: Callable[[MenuState], bool]) -> MenuState:
        """The call's place in the menus once it is as wanted."""

        async def ask() -> MenuState | None:
            text = await self.redis.get(f"menu:{call_id}")
            state = MenuState.from_json(str(text)) if text else None
            return state if state is not None and is_so(state) else None

        return await eventually(ask)

    async def is_on_the_last_rung(self, number: str) -> None:
        """Wait until the dialplan alone serves the caller."""
        channel = await self.channel_of(number)

        async def ask() -> bool | None:
            found = await self.acd.channels.find(channel)
            return True if found is not None and found.dialplan_app in _LAST_RUNG else None

        await eventually(ask)


@asynccontextmanager
async def routing_hands(
    settings: Settings,
) -> AsyncIterator[tuple[AriClient, Callable[[], None]]]:
    """A client in routing's place, and how to let it drop dead (its REST goes on)."""
    ari = AriClient(
        url=settings.ari_url, user=settings.ari_user, password=settings.ari_password, app="acd"
    )
    async with ari, asyncio.TaskGroup() as group:
        tasks = [group.create_task(ari.run()), group.create_task(_drain(ari))]
        await asyncio.wait_for(ari.wait_connected(), PATIENCE_S)

        def drop_dead() -> None:
            for task in tasks:
                task.cancel()

        yield ari, drop_dead
        drop_dead()


async def _drain(ari: AriClient) -> None:
    async for _event in ari.events():
        pass


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(base_settings: Settings) -> AsyncIterator[House]:
    with isolated(base_settings) as own:
        async with Stack(own, PROCESSES) as stack:
            settings = stack.settings
            engine = make_engine(settings.database_url)
            redis = connect_redis(settings.redis_url)
            async with (
                telephone_network(carrier_settings(settings)) as carrier,
                routing_hands(settings) as (acd, stop_routing),
            ):
                yield House(stack, carrier, acd, engine, redis, stop_routing)
            await redis.aclose()
            await engine.dispose()


async def test_zero_during_the_greeting_leads_to_the_agents(house: House) -> None:
    call, number = await house.phone()
    call_id = await house.call_id_of(number)
    await house.menu(call_id, lambda menu: menu.phase is Phase.SAYING)
    with house.acd.expect(StasisStart, where=lambda event: call_id in event.args) as started:
        await call.press("0")
        event = await started.wait(PATIENCE_S)
    assert event.args == ("call", call_id)
    row = await house.row(call_id, lambda row: row.state == CallState.QUEUED)
    assert (row.queue_id, row.menu_path, row.line_id != "") == ("general", ["main"], True)
    await call.hangup()
    await call.ended()


async def test_keys_lead_through_the_menus(house: House) -> None:
    call, number = await house.phone()
    call_id = await house.call_id_of(number)
    with house.acd.expect(StasisStart, where=lambda event: call_id in event.args) as started:
        await call.press("21")
        await started.wait(PATIENCE_S)
    row = await house.row(call_id, lambda row: row.state == CallState.QUEUED)
    assert row.menu_path == ["main", "complain", "complain_city"]
    await call.hangup()


@pytest.mark.parametrize("keys", ["", "1", "3", "3123", "9"])
async def test_a_hang_up_at_any_step_ends_the_call(house: House, keys: str) -> None:
    call, number = await house.phone()
    call_id = await house.call_id_of(number)
    if keys:
        await call.press(keys)
    await house.menu(call_id, lambda menu: menu.keys == len(keys))
    await call.hangup()
    row = await house.row(call_id, lambda row: row.state == CallState.ENDED)
    assert row.ended_by == EndedBy.CALLER


async def test_an_unknown_case_is_said_to_be_unknown(house: House) -> None:
    call, number = await house.phone()
    call_id = await house.call_id_of(number)
    await call.press("320991231000421234")
    menu = await house.menu(call_id, lambda menu: menu.unknown_cases == 1)
    assert menu.menu == "case_number"
    await call.hangup()
    await house.row(call_id, lambda row: row.state == CallState.ENDED)


async def test_the_survey_takes_the_mark_and_hangs_up(house: House) -> None:
    call, number = await house.phone()
    call_id = await house.call_id_of(number)
    with house.acd.expect(StasisStart, where=lambda event: call_id in event.args) as started:
        await call.press("0")
        event = await started.wait(PATIENCE_S)
    channel_id = event.channel.channel_id
    await house.acd.channels.move(channel_id, "ivr", "survey", call_id)
    await house.menu(call_id, lambda menu: menu.flow == "survey")
    await call.press("4")
    await call.ended()
    row = await house.row(call_id, lambda row: row.state == CallState.ENDED)
    assert (row.survey_score, row.ended_by) == (4, EndedBy.AGENT)


async def test_after_a_kill_the_caller_goes_on_in_the_same_menu(house: House) -> None:
    call, number = await house.phone()
    call_id = await house.call_id_of(number)
    await call.press("2")
    await house.menu(call_id, lambda menu: menu.menu == "complain")
    await house.stack.hold("ivr")
    await house.stack.release("ivr")
    # The prompt is said again: its number is higher than the one that played before.
    await house.menu(call_id, lambda menu: menu.menu == "complain" and menu.play > 2)
    with house.acd.expect(StasisStart, where=lambda event: call_id in event.args) as started:
        await call.press("2")
        await started.wait(PATIENCE_S)
    row = await house.row(call_id, lambda row: row.state == CallState.QUEUED)
    assert row.menu_path == ["main", "complain", "complain_wages"]
    await call.hangup()


async def test_a_call_that_was_handed_over_is_left_alone_after_a_kill(house: House) -> None:
    call, number = await house.phone()
    call_id = await house.call_id_of(number)
    with house.acd.expect(StasisStart, where=lambda event: call_id in event.args) as started:
        await call.press("0")
        event = await started.wait(PATIENCE_S)
    await house.stack.hold("ivr")
    await house.stack.release("ivr")
    application = await house.acd.applications.find("ivr")
    assert application is not None
    assert event.channel.channel_id not in application.channel_ids
    row = await house.row(call_id, lambda row: row.state == CallState.QUEUED)
    assert row.ended_at is None
    await call.hangup()


async def test_a_call_that_ended_while_nobody_looked_is_ended_after_the_restart(
    house: House,
) -> None:
    call, number = await house.phone()
    call_id = await house.call_id_of(number)
    await house.row(call_id, lambda row: row.state == CallState.IVR)
    await house.stack.hold("ivr")
    await call.hangup()
    await call.ended()
    await house.stack.release("ivr")
    row = await house.row(call_id, lambda row: row.state == CallState.ENDED)
    assert row.ended_by == EndedBy.UNKNOWN


async def test_a_dead_redis_costs_no_caller_the_call(house: House) -> None:
    await house.stack.hold("redis")
    try:
        call, number = await house.phone()
        call_id = await house.call_id_of(number)
        with house.acd.expect(StasisStart, where=lambda event: call_id in event.args) as started:
            await call.press("0")
            await started.wait(PATIENCE_S)
        await call.hangup()
    finally:
        await house.stack.release("redis")


async def test_the_second_rung_has_the_same_menus(house: House) -> None:
    await house.stack.hold("ivr")
    try:
        call, number = await house.phone()
        call_id = await house.call_id_of(number)
        with house.acd.expect(StasisStart, where=lambda event: call_id in event.args) as started:
            await call.press("w2w1")
            event = await started.wait(PATIENCE_S)
        assert event.args == ("call", call_id)
        assert await house.acd.channels.get_variable(event.channel.channel_id, "AGI_DONE") == "1"
        await call.hangup()
    finally:
        await house.stack.release("ivr")


async def test_the_second_rung_needs_no_database_and_no_redis(house: House) -> None:
    for name in ("ivr", "postgres", "redis"):
        await house.stack.hold(name)
    try:
        call, number = await house.phone()
        call_id = await house.call_id_of(number)
        with house.acd.expect(StasisStart, where=lambda event: call_id in event.args) as started:
            await call.press("0")
            await started.wait(PATIENCE_S)
        await call.hangup()
    finally:
        for name in ("postgres", "redis", "ivr"):
            await house.stack.release(name)


async def close_a_line(house: House) -> str:
    """A line that is never open, known to both rungs; gives its number."""
    async with AsyncSession(house.engine) as session:
        closed = LineRow(
            id="closed", did="70001", name="夜", greeting="greeting_12345", queue_id="general",
            hours={"mon": []},
        )  # fmt: skip
        await session.merge(closed)
        await session.commit()
    await house.stack.restart("ivr")
    return "70001"


async def test_out_of_hours_a_message_is_taken(house: House) -> None:
    call, number = await house.phone(await close_a_line(house))
    call_id = await house.call_id_of(number)
    await house.menu(call_id, lambda menu: menu.phase is Phase.INVITING)
    await call.press("#")
    await house.menu(call_id, lambda menu: menu.phase is Phase.RECORDING)
    await house.row(call_id, lambda row: row.state == CallState.VOICEMAIL)
    await call.press("w#")
    ending = await call.ended()
    assert ending.was_answered
    row = await house.row(call_id, lambda row: row.state == CallState.ENDED)
    assert (row.voicemail, row.ended_by) == (True, EndedBy.SYSTEM)
    files = [path.name for path in house.stack.settings.spool_dir.rglob(f"*{call_id}*")]
    assert f"{call_id}-caller.wav" in files
    assert not [name for name in files if name.startswith("voicemail-")]


async def test_the_second_rung_takes_messages_too(house: House) -> None:
    did = await close_a_line(house)
    await house.stack.hold("ivr")
    try:
        call, number = await house.phone(did)
        call_id = await house.call_id_of(number)
        await call.press("#ww#")
        assert (await call.ended()).was_answered
        spool = house.stack.settings.spool_dir
        assert (spool / "calls" / f"{call_id}-voicemail.wav").exists()
        journal = "".join(path.read_text() for path in (spool / "journal").iterdir())
        assert f"voicemail,{call_id},OK" in journal
    finally:
        await house.stack.release("ivr")


async def test_without_a_database_the_caller_is_led_on(house: House) -> None:
    await house.stack.hold("postgres")
    try:
        call, number = await house.phone()
        await call.press("0")
        await house.is_on_the_last_rung(number)
        await call.hangup()
    finally:
        await house.stack.release("postgres")


async def test_without_routing_the_caller_is_led_on(house: House) -> None:
    house.stop_routing()  # the last test: nobody stands in for routing after it
    call, number = await house.phone()
    call_id = await house.call_id_of(number)
    await call.press("0")
    await house.is_on_the_last_rung(number)
    await call.hangup()
    row = await house.row(call_id, lambda row: row.queue_id is not None)
    assert row.menu_path == ["main"]
