"""Calls going out over a real Asterisk: the department's PBX phone, then the citizen's."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import select, update

from core.actions.outgoing import ask_return_call, ask_unit_call
from core.asterisk.ami import Ami
from core.auth import Principal, Role
from core.clock import SystemClock
from core.config import Settings
from core.db.engine import Database, make_engine
from core.db.repos.lines import active_lines
from core.db.tables.cases import CaseRow
from core.db.tables.handling import LegRow
from core.db.tables.lines import LineRow
from core.db.tables.outgoing import OutgoingRow
from core.db.tables.people import AccountRow
from core.domain.commands import DeskCommand
from core.domain.events import (
    AgentStateChanged,
    CallAnswered,
    CallEnded,
    CallQueued,
    OutgoingChanged,
)
from core.events.bus import Command
from core.events.redis_bus import RedisBus
from core.events.relay import Relay
from core.ids import AgentId, CallId, CaseId, new_id
from core.vault import Vault
from hotline.asterisk_config import carrier_settings
from hotline.commands.lines import reload
from hotline.free_ports import isolated
from hotline.supervisor import Stack
from routing.api import presence_key
from simulator.carrier.network import Behaviour, Carrier
from simulator.exchange import telephone_network
from simulator.watch import Watch

pytestmark = [
    pytest.mark.integration,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(90),
]
PROCESSES = ("postgres", "redis", "migrations", "asterisk", "ivr", "routing")
PBX = "83505001"
HOTLINE = "12345"
_numbers = count(1)


@dataclass
class Floor:
    stack: Stack
    carrier: Carrier
    database: Database
    redis: Redis
    bus: RedisBus
    vault: Vault

    async def ask(self, citizen: str, *, phone: str = PBX) -> str:
        """A clerk of the water office phones the citizen of a case of this number."""
        clerk = Principal(
            AgentId(f"clerk-{new_id()}"), "clerk", "林工", Role.UNIT_OPS, department_id="water"
        )
        async with self.database.work() as work:
            case_id = await self._case(work.session, citizen)
            row = await ask_unit_call(work, case_id, by=clerk, phone=phone)
            await work.commit()
            return row.id

    async def _case(self, session: object, citizen: str) -> CaseId:
        now, case_id = self.database.clock.now(), new_id()
        sealed = self.vault.seal(citizen)
        session.add(  # type: ignore[attr-defined]
            CaseRow(
                id=case_id, number=f"20261123{next(_numbers):05d}", status="HANDLING",
                created_at=now, phone_sealed=sealed, caller_sealed=sealed,
            )
        )  # fmt: skip
        await session.flush()  # type: ignore[attr-defined]
        session.add(  # type: ignore[attr-defined]
            LegRow(
                id=f"leg-{case_id}", case_id=case_id, department_id="water", status="HANDLING",
                limit_type="work_day", limit_value=5, dispatched_at=now,
                sign_due_at=now + timedelta(hours=4), due_at=now + timedelta(days=5),
                warn_at=now + timedelta(days=4),
            )
        )  # fmt: skip
        return CaseId(case_id)

    async def outcome(self, call_id: str) -> str | None:
        async with self.database.sessions() as session:
            return (await session.get_one(OutgoingRow, call_id)).outcome


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def floor(base_settings: Settings) -> AsyncIterator[Floor]:
    with isolated(base_settings) as own:
        async with Stack(own, PROCESSES) as stack:
            settings = stack.settings
            redis = Redis.from_url(settings.redis_url, decode_responses=True, socket_timeout=None)
            bus = RedisBus(redis)
            relay = Relay(bus, SystemClock())
            database = Database(
                make_engine(settings.database_url, pool_size=3), publish=relay.publish
            )
            vault = Vault(bytes.fromhex(settings.master_key))
            async with telephone_network(carrier_settings(settings)) as carrier:
                yield Floor(stack, carrier, database, redis, bus, vault)
            await redis.aclose()
            await database.engine.dispose()


def said(floor: Floor, call_id: str) -> str:
    """What routing logged about a call, for whoever reads a failure."""
    lines = floor.stack.log("routing").read_text().splitlines()
    return "\n".join(line for line in lines if call_id in line)


async def over(watch: Watch, call_id: str) -> OutgoingChanged:
    return await watch.until(
        OutgoingChanged, lambda e: e.call_id == call_id and e.state == "OVER", seconds=30
    )


async def test_the_pbx_phone_rings_then_the_citizen_and_both_see_the_hotline(floor: Floor) -> None:
    citizen = "13700000001"
    await floor.carrier.set_number(PBX, Behaviour())
    await floor.carrier.set_number(citizen, Behaviour())
    async with Watch(floor.bus) as watch:
        call_id = await floor.ask(citizen)
        phone = await floor.carrier.next_ring(PBX)
        called = await floor.carrier.next_ring(citizen)
        assert (phone.caller_number, called.caller_number) == (HOTLINE, HOTLINE)
        assert await phone.answered()
        assert await called.answered()
        await watch.until(CallAnswered, lambda e: e.call_id == call_id)
        await called.hangup()
        assert (await over(watch, call_id)).outcome == "TALKED"
        await phone.ended()
    spool = floor.stack.settings.spool_dir / "calls"
    kept = {file.name.removeprefix(f"{call_id}-") for file in spool.glob(f"{call_id}-*.wav")}
    assert {"caller.wav", "agent-1.wav"} <= kept


@pytest.mark.parametrize(("mode", "why"), [("busy", "CITIZEN_BUSY"), ("unknown", "NO_SUCH_NUMBER")])
async def test_a_citizen_who_is_not_reached_frees_the_pbx_phone(
    floor: Floor, mode: str, why: str
) -> None:
    citizen = f"1370000000{2 if mode == 'busy' else 3}"
    await floor.carrier.set_number(PBX, Behaviour())
    await floor.carrier.set_number(citizen, Behaviour(mode=mode))
    async with Watch(floor.bus) as watch:
        call_id = await floor.ask(citizen)
        phone = await floor.carrier.next_ring(PBX)
        assert (await over(watch, call_id)).outcome == why, said(floor, call_id)
        await phone.ended()


async def test_a_department_that_gives_up_stops_the_citizens_ringing(floor: Floor) -> None:
    citizen = "13700000004"
    await floor.carrier.set_number(PBX, Behaviour())
    await floor.carrier.set_number(citizen, Behaviour(mode="silent"))
    async with Watch(floor.bus) as watch:
        call_id = await floor.ask(citizen)
        phone = await floor.carrier.next_ring(PBX)
        rings = await floor.carrier.next_ring(citizen)
        await phone.hangup()
        assert (await over(watch, call_id)).outcome == "GIVEN_UP"
        await rings.ended()


async def test_a_busy_department_costs_the_citizen_no_ring(floor: Floor) -> None:
    await floor.carrier.set_number(PBX, Behaviour(mode="busy"))
    async with Watch(floor.bus) as watch:
        call_id = await floor.ask("13700000005")
        assert (await over(watch, call_id)).outcome == "PHONE_BUSY"


async def test_a_desk_phones_a_missed_caller_with_one_key(floor: Floor) -> None:
    caller, desk = "13700000006", "3150"
    async with floor.database.work() as work:
        agent = (
            await work.session.scalars(
                select(AccountRow).where(AccountRow.role == "AGENT").order_by(AccountRow.id)
            )
        ).first()
        assert agent is not None
        await work.session.execute(
            update(AccountRow).where(AccountRow.id == agent.id).values(phone=desk)
        )
        await work.commit()
    await floor.stack.kill("routing")  # it has read the accounts already: have them read again
    await floor.stack.wait_ready("routing")
    who = Principal(AgentId(agent.id), agent.account, agent.name, Role.AGENT)
    await floor.carrier.set_number(desk, Behaviour())
    await floor.carrier.set_number(caller, Behaviour())
    async with Watch(floor.bus) as watch:
        lost = await floor.carrier.call("12340", caller_number=caller)
        assert await lost.answered()
        await watch.until(CallQueued)
        await lost.hangup()
        missed = await watch.until(CallEnded, seconds=30)
        await floor.redis.set(presence_key(agent.id), "1")
        await floor.bus.send_command(
            Command(new_id(), str(DeskCommand.GO_READY), agent.id, None, {})
        )
        await watch.until(
            AgentStateChanged, lambda e: e.agent_id == agent.id and e.state == "READY"
        )
        async with floor.database.work() as work:
            row = await ask_return_call(work, CallId(missed.call_id), by=who)
            await work.commit()
        own = await floor.carrier.next_ring(desk)
        called = await floor.carrier.next_ring(caller)
        assert called.caller_number == "12340"
        await watch.until(CallAnswered, lambda e: e.call_id == row.id)
        await own.hangup()
        await called.ended()
        assert (await over(watch, row.id)).outcome == "TALKED"


async def test_a_line_added_at_run_time_is_known_to_the_last_rung_after_a_reload(
    floor: Floor,
) -> None:
    settings = floor.stack.settings
    async with floor.database.work() as work:
        work.session.add(
            LineRow(id="tax", did="12366", name="税务", greeting="greeting_12345",
                    queue_id="general")
        )  # fmt: skip
        await work.commit()
    known = await reload(settings)
    async with floor.database.sessions() as session:
        assert known == len(await active_lines(session))
    async with Ami(
        host=settings.host, port=settings.port("ami"), user=settings.ami_user,
        password=settings.ami_password,
    ) as ami:  # fmt: skip
        shown = await ami.console("dialplan show 12366@lines")
    assert any("greeting_12345" in line for line in shown)
