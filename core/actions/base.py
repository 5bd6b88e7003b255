"""What every action shares: how an instant is told, and how a row is taken for a change."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import inspect, select

from core.db.base import Base
from core.db.engine import UnitOfWork
from core.errors import NotFound

R = TypeVar("R", bound=Base)


def told(instant: datetime) -> str:
    """An instant as an event carries it."""
    return instant.isoformat()


async def hold_rows(work: UnitOfWork, row: type[R], keys: Iterable[str]) -> None:
    """Lock rows in one query, in the order of their keys; `take` then asks nothing more."""
    wanted = sorted(keys)
    if wanted:
        key = inspect(row).primary_key[0]
        query = select(row).where(key.in_(wanted)).order_by(key).with_for_update()
        rows = (await work.session.scalars(query)).all()
        # The session forgets unchanged rows that nobody refers to: keep them for `take`.
        held = {str(inspect(row).primary_key_from_instance(found)[0]): found for found in rows}
        work.session.info[row] = {**work.session.info.get(row, {}), **held}


async def take(work: UnitOfWork, row: type[R], key: object, *, what: str) -> R:
    """The row, locked until the end of the transaction. Raises NotFound, naming `what`."""
    held: R | None = work.session.info.get(row, {}).get(key)
    if held is not None:
        return held
    found = await work.session.get(row, key, with_for_update=True)
    if found is None:
        raise NotFound(f"没有找到该{what}")
    return found
