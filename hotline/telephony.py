"""Configures this instance's Asterisk from the settings and the database's lines and seats."""

from sqlalchemy import select

from core.asterisk.instance import asterisk_command
from core.config import Settings
from core.db.engine import make_engine
from core.db.tables.lines import LineRow
from core.db.tables.people import AccountRow, AgentRow
from hotline.asterisk_config import Line, Seat, render_hotline


async def prepare(settings: Settings, *, has_database: bool) -> tuple[str, ...]:
    """Write Asterisk's configuration and return how to start it."""
    lines, seats = await read_lines_and_seats(settings) if has_database else ([], [])
    return tuple(asterisk_command(render_hotline(settings, lines=lines, seats=seats), "-f", "-n"))


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
