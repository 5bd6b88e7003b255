"""Configures this instance's Asterisk from the settings and the database's lines and seats."""

import logging

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from core.asterisk.instance import asterisk_command
from core.config import Settings
from core.db.engine import make_engine
from core.db.tables.lines import LineRow
from core.db.tables.people import AccountRow, AgentRow
from hotline.asterisk_config import Line, Seat, hotline_folders, render_hotline

logger = logging.getLogger(__name__)


async def prepare(settings: Settings, *, has_database: bool) -> tuple[str, ...]:
    """Write Asterisk's configuration and return how to start it."""
    folders = hotline_folders(settings)
    try:
        lines, seats = await read_lines_and_seats(settings) if has_database else ([], [])
    except (OSError, SQLAlchemyError):
        # Asterisk must come back while the database is away: then with what it last knew.
        if not (folders.etc / "asterisk.conf").is_file():
            raise
        logger.warning("the database is away, Asterisk keeps its configuration")
    else:
        render_hotline(settings, lines=lines, seats=seats)
    return tuple(asterisk_command(folders, "-f", "-n"))


async def read_lines_and_seats(settings: Settings) -> tuple[list[Line], list[Seat]]:
    """What the dialplan's last rung must know when nothing of ours runs any more."""
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        async with engine.connect() as connection:
            lines = await connection.execute(
                select(LineRow.did, LineRow.greeting).where(LineRow.active).order_by(LineRow.did)
            )
            seats = await connection.execute(
                select(AccountRow.account, AccountRow.phone)
                .join(AgentRow, AgentRow.id == AccountRow.id)
                .where(AccountRow.active)
                .order_by(AccountRow.account)
            )
            return [Line(*row) for row in lines], [Seat(*row) for row in seats]
    finally:
        await engine.dispose()
