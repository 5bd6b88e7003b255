"""Automatic callbacks over a real Asterisk: one citizen presses keys, others are not reached."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import select

from core.actions.rules import change_rule
from core.asterisk.ari_client import AriClient
from core.asterisk.sounds import PromptSounds
from core.auth import Role
from core.config import Settings
from core.db.engine import Database, make_engine
from core.db.tables.calls import CallRow
from core.db.tables.cases import CaseRow
from core.db.tables.handling import CallbackAttemptRow
from core.db.tables.outgoing import OutgoingRow
from core.domain.cases import CaseStatus
from core.vault import Vault
from hotline.asterisk_config import carrier_settings
from hotline.free_ports import isolated
from hotline.supervisor import Stack
from ivr.line_book import LineBook
from ivr.menu.engine import MenuEngine
from ivr.menu.state import MenuState
from ivr.menu_states import RedisMenuStates
from ivr.records import DatabaseRecords
from ivr.session import MenuParts
from ivr.stasis_app import APP, StasisApp, Surroundings
from ivr.voice_callbacks import VoiceCallbacks
from simulator.carrier.network import Behaviour, Carrier
from simulator.exchange import telephone_network
from tests.fakes.clock import FakeClock
from tests.support.city import build_city, make_case, person
from tests.unit.ivr.menu_driver import shipped_book
from tests.unit.ivr.menu_house import MemoryCases

pytestmark = [
    pytest.mark.integration,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(120),
]
PROCESSES = ("postgres", "redis", "migrations", "asterisk")
MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, ten o'clock in the city
HOTLINE = "12345"


@dataclass
class Floor:
    """The menus of this process on a real Asterisk, whose offices are always open."""

    settings: Settings
    carrier: Carrier
    database: Database
    vault: Vault
    states: RedisMenuStates
    voice: VoiceCallbacks

    async def add_case(self, phone: str, number: str) -> str:
        async with self.database.work() as work:
            case = make_case(work, CaseStatus.PENDING_CALLBACK)
            case.number, case.caller_sealed = number, self.vault.seal(phone)
            case.caller_hash = self.vault.fingerprint(phone)
            await work.commit()
            return case.id

    async def call_about(self, case_id: str) -> OutgoingRow:
        """The call about this case, once it is over."""
        async with asyncio.timeout(30):
            while True:
                async with self.database.sessions() as session:
                    query = select(OutgoingRow).where(OutgoingRow.case_id == case_id)
                    row = (await session.scalars(query)).one_or_none()
                if row is not None and row.ended_at is not None:
                    return row
                await asyncio.sleep(0.1)

    async def until_state(self, case_id: str, menu: str) -> MenuState:
        """Wait until the citizen of this case hears this menu."""
        async with asyncio.timeout(30):
            while True:
                async with self.database.sessions() as session:
                    query = select(OutgoingRow.id).where(OutgoingRow.case_id == case_id)
                    call_id = (await session.scalars(query)).one()
                state = await self.states.load(call_id)  # type: ignore[arg-type]
                if state is not None and state.menu == menu:
                    return state
                await asyncio.sleep(0.1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def floor(base_settings: Settings) -> AsyncIterator[Floor]:
    clock = FakeClock(MORNING)
    with isolated(base_settings) as own:
        async with Stack(own, PROCESSES) as stack:
            settings = stack.settings
            redis = Redis.from_url(settings.redis_url, decode_responses=True)
            database = Database(make_engine(settings.database_url, pool_size=3), clock=clock)
            async with database.work() as work:
                await build_city(work)
                await change_rule(work, "voice_callback", True, by=person(Role.ADMIN))
                await work.commit()
            vault = Vault(bytes.fromhex(settings.master_key))
            states = RedisMenuStates(redis, clock)
            ari = AriClient(
                url=settings.ari_url, user=settings.ari_user, password=settings.ari_password,
                app=APP,
            )  # fmt: skip
            voice = VoiceCallbacks(database, vault, ari, states)
            parts = MenuParts(
                engine=MenuEngine(shipped_book()), records=DatabaseRecords(database, vault),
                cases=MemoryCases(), states=states, clock=clock,
                later=asyncio.get_running_loop().call_later,
            )  # fmt: skip
            sounds = PromptSounds(settings.prompts_dir)
            app = StasisApp(Surroundings(ari, sounds, vault, LineBook, voice), parts)
            async with telephone_network(carrier_settings(settings)) as carrier, ari:
                tasks = [asyncio.ensure_future(one) for one in (ari.run(), app.run())]
                await asyncio.wait_for(ari.wait_connected(), 10)
                yield Floor(settings, carrier, database, vault, states, voice)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            await redis.aclose()
            await database.engine.dispose()


async def test_a_citizen_is_rung_presses_two_keys_and_the_case_is_closed(floor: Floor) -> None:
    citizen = "13700000021"
    await floor.carrier.set_number(citizen, Behaviour())
    case_id = await floor.add_case(citizen, "2026112300021")
    placed = asyncio.ensure_future(floor.voice.once())
    called = await floor.carrier.next_ring(citizen)
    assert called.caller_number == HOTLINE
    assert await called.answered()
    await floor.until_state(case_id, "callback_solved")
    await called.press("1")
    await floor.until_state(case_id, "callback_rating")
    await called.press("4")
    await called.ended(30)
    row = await floor.call_about(case_id)
    assert await asyncio.wait_for(placed, 30)
    assert (row.kind, row.outcome) == ("MACHINE", "TALKED")
    async with floor.database.sessions() as session:
        case = await session.get_one(CaseRow, case_id)
        call = await session.get_one(CallRow, row.id)
    assert (case.status, case.satisfaction_final, case.solved) == ("CLOSED", "满意", "解决")
    assert (call.state, call.direction, call.case_id) == ("ENDED", "OUTBOUND", case_id)
    spool = floor.settings.spool_dir / "calls"
    kept = {file.name.removeprefix(f"{row.id}-") for file in spool.glob(f"{row.id}-*.wav")}
    assert {"caller.wav", "heard.wav"} <= kept


@pytest.mark.parametrize(
    ("mode", "why", "tail"),
    [("busy", "CITIZEN_BUSY", "22"), ("unknown", "NO_SUCH_NUMBER", "23")],
)
async def test_a_citizen_who_is_not_reached_is_noted_as_tried(
    floor: Floor, mode: str, why: str, tail: str
) -> None:
    citizen = f"137000000{tail}"
    await floor.carrier.set_number(citizen, Behaviour(mode=mode))
    case_id = await floor.add_case(citizen, f"20261123000{tail}")
    assert await asyncio.wait_for(floor.voice.once(), 30)
    assert (await floor.call_about(case_id)).outcome == why
    async with floor.database.sessions() as session:
        query = select(CallbackAttemptRow).where(CallbackAttemptRow.case_id == case_id)
        attempt = (await session.scalars(query)).one()
        case = await session.get_one(CaseRow, case_id)
    assert (attempt.connected, case.status) == (False, "PENDING_CALLBACK")


async def test_a_citizen_who_does_not_answer_is_let_ring_and_noted_as_tried(floor: Floor) -> None:
    citizen = "13700000024"
    await floor.carrier.set_number(citizen, Behaviour(mode="silent"))
    case_id = await floor.add_case(citizen, "2026112300024")
    assert await asyncio.wait_for(floor.voice.once(), 60)
    assert (await floor.call_about(case_id)).outcome == "CITIZEN_UNANSWERED"
    async with floor.database.sessions() as session:
        query = select(CallbackAttemptRow).where(CallbackAttemptRow.case_id == case_id)
        assert not (await session.scalars(query)).one().connected
