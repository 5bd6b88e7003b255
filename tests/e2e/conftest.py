"""A whole instance with its own telephone network, for one module of tests."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from core.config import Settings
from core.db.engine import Database, make_engine
from core.events.connection import connect_redis
from core.events.redis_bus import RedisBus
from hotline.asterisk_config import carrier_settings
from hotline.free_ports import isolated
from hotline.seed.load import demo_password
from hotline.supervisor import Stack
from simulator.carrier.network import Carrier
from simulator.desk import SocketDesk, log_in
from simulator.exchange import telephone_network
from simulator.story import Stage
from simulator.watch import Watch

SEAT = "3001"


@dataclass
class World:
    """Everything a test of the whole system touches."""

    stack: Stack
    carrier: Carrier
    database: Database
    redis: Redis
    bus: RedisBus

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.stack.settings.port('web')}"

    @property
    def gateway(self) -> str:
        return f"ws://127.0.0.1:{self.stack.settings.port('desk')}/desk"

    async def desk(self, account: str = "auto01") -> SocketDesk:
        """A desk of this account, not yet connected."""
        token = await log_in(self.web, account, demo_password(account))
        return SocketDesk(self.gateway, self.web, token)

    def stage(self, watch: Watch, desk: SocketDesk | None) -> Stage:
        """A stage with the automatic agent's desk phone."""
        return Stage(
            carrier=self.carrier, watch=watch, database=self.database, desk=desk, seat=SEAT
        )


@pytest.fixture(scope="module")
def own_settings(base_settings: Settings) -> Iterator[Settings]:
    """Ports and folders of this module's instance."""
    with isolated(base_settings) as settings:
        yield settings


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(own_settings: Settings) -> AsyncIterator[World]:
    """The running instance."""
    async with Stack(own_settings) as stack:
        engine = make_engine(stack.settings.database_url, pool_size=3)
        redis = connect_redis(stack.settings.redis_url)
        async with telephone_network(carrier_settings(stack.settings)) as carrier:
            yield World(stack, carrier, Database(engine), redis, RedisBus(redis))
        await redis.aclose()
        await engine.dispose()


async def ready(desk: SocketDesk) -> None:
    """Bring the agent of this desk to READY, whatever the last test left."""
    busy = {"TALKING", "RINGING", "SIGNED_OUT"}  # routing signs in whose desk is there
    await desk.until(lambda state: state["agent"]["state"] not in busy)
    if desk.state["agent"]["state"] != "READY":
        await desk.order("go_ready")
    await desk.until(lambda state: state["agent"]["state"] == "READY")
