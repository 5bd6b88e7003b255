"""The instance that is measured: its own ports, folder and database, and a telephone network."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.dialects.postgresql import insert

from core.config import Settings
from core.db.engine import Database, make_engine
from core.db.tables.people import AccountRow, AgentRow
from core.domain.agents import AgentState
from core.events.connection import connect_redis
from core.events.redis_bus import RedisBus
from hotline.asterisk_config import carrier_settings
from hotline.free_ports import isolated
from hotline.supervisor import Stack
from simulator.carrier.network import Carrier
from simulator.desk import SocketDesk, session_for
from simulator.exchange import telephone_network

FIRST_SEAT = 3100
QUEUE = "general"
CITY_CASES = 1_000_000


@dataclass(frozen=True, slots=True)
class Instance:
    """What every measure works with. cases: how many the made city gets."""

    stack: Stack
    carrier: Carrier
    database: Database
    bus: RedisBus
    cases: int = CITY_CASES

    @property
    def settings(self) -> Settings:
        return self.stack.settings

    async def desk(self, account: str) -> SocketDesk:
        """A desk of this account, not yet connected."""
        host = self.settings.public_host
        web = f"http://{host}:{self.settings.port('web')}"
        gateway = f"ws://{host}:{self.settings.port('desk')}/desk"
        return SocketDesk(gateway, web, await session_for(self.database, account))


@asynccontextmanager
async def running(settings: Settings, *, cases: int = CITY_CASES) -> AsyncIterator[Instance]:
    """Start everything, and leave nothing behind."""
    async with AsyncExitStack() as resources:
        own = resources.enter_context(isolated(settings))
        stack = await resources.enter_async_context(Stack(own))
        engine = make_engine(stack.settings.database_url, pool_size=5)
        resources.push_async_callback(engine.dispose)
        redis = connect_redis(stack.settings.redis_url)
        resources.push_async_callback(redis.aclose)
        network = telephone_network(carrier_settings(stack.settings))
        carrier = await resources.enter_async_context(network)
        yield Instance(stack, carrier, Database(engine), RedisBus(redis), cases)


@asynccontextmanager
async def fleet(instance: Instance, count: int) -> AsyncIterator[list[SocketDesk]]:
    """So many ready desks, each with a desk phone that answers by itself."""
    accounts = [f"bench{number:02d}" for number in range(count)]
    await _hire(instance.database, accounts)
    async with AsyncExitStack() as resources:
        desks = [
            await resources.enter_async_context(await instance.desk(account))
            for account in accounts
        ]
        for desk in desks:
            await go_ready(desk)
        yield desks


async def go_ready(desk: SocketDesk) -> None:
    """Bring the agent of a desk that is not in a call to READY."""
    await desk.until(lambda state: state["agent"]["state"] not in {"TALKING", "SIGNED_OUT"})
    if desk.state["agent"]["state"] != AgentState.READY.value:
        await desk.order("go_ready")
    await desk.until(lambda state: state["agent"]["state"] == AgentState.READY.value)


async def _hire(database: Database, accounts: list[str]) -> None:
    """Accounts that nobody can log in to with a password: sessions are opened for them."""
    people = [
        {
            "id": f"acc-{account}",
            "account": account,
            "name": f"压测坐席{number:02d}",
            "job_number": f"B{number:02d}",
            "role": "AGENT",
            "password_hash": "",
            "phone": str(FIRST_SEAT + number),
            "skills": {},
            "queues": [QUEUE],
            "preferences": {},
            "active": True,
        }
        for number, account in enumerate(accounts)
    ]
    since = datetime(2026, 1, 1, tzinfo=UTC)
    states = [
        {"id": row["id"], "state": AgentState.SIGNED_OUT.value, "reason": "", "since": since}
        for row in people
    ]
    async with database.work() as work:
        await work.session.execute(insert(AccountRow).on_conflict_do_nothing(), people)
        await work.session.execute(insert(AgentRow).on_conflict_do_nothing(), states)
        await work.commit()
