"""Bring the database to the present schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config

_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def migration_config(url: str) -> Config:
    """Alembic's configuration for a `postgresql+asyncpg://` address."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str) -> None:
    """Run every missing migration. Blocking, and starts its own event loop: call it in a thread."""
    command.upgrade(migration_config(url), "head")
