"""What every action shares: how an instant is told, and how a row is taken for a change."""

from datetime import datetime
from typing import TypeVar

from core.db.base import Base
from core.db.engine import UnitOfWork
from core.errors import NotFound

R = TypeVar("R", bound=Base)


def told(instant: datetime) -> str:
    """An instant as an event carries it."""
    return instant.isoformat()


async def take(work: UnitOfWork, row: type[R], key: object, *, what: str) -> R:
    """The row, locked until the end of the transaction. Raises NotFound, naming `what`."""
    found = await work.session.get(row, key, with_for_update=True)
    if found is None:
        raise NotFound(f"没有找到该{what}")
    return found
