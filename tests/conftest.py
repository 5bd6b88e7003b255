"""Settings, a hand-turned clock, and real servers for the tests that need them."""

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.config import Settings
from core.db.engine import make_engine
from tests.fakes.clock import FakeClock
from tests.support.asterisk import RealAsterisk, running_asterisk
from tests.support.instances import RunningServers, running_servers


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def base_settings() -> Settings:
    """Defaults, whatever this machine's environment says; tests never download."""
    return Settings(offline=True)


@pytest.fixture(scope="session")
def servers(base_settings: Settings) -> Iterator[RunningServers]:
    """One PostgreSQL and one Redis for the whole run."""
    with running_servers(base_settings) as running:
        yield running


@pytest.fixture
def database_url(servers: RunningServers) -> Iterator[str]:
    """An empty, migrated database of this test's own."""
    with servers.fresh_database() as url:
        yield url


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Connections to this test's database."""
    made = make_engine(database_url)
    yield made
    await made.dispose()


@pytest.fixture
def redis_url(servers: RunningServers) -> str:
    """An emptied Redis."""
    servers.empty_redis()
    return servers.settings.redis_url


@pytest.fixture(scope="session")
def asterisk(base_settings: Settings) -> Iterator[RealAsterisk]:
    """The hotline's Asterisk with a telephone network in front of it, for the whole run."""
    with running_asterisk(base_settings) as running:
        yield running
