"""The rules administrators edit, as this process last read them.

Every step of a case asks for them, and they change a few times a year. What is read is kept for
KEEP_SECONDS: an edit made in this process holds from its commit on, one made in another process
after that time at the latest. Whoever changes a rule past the mapped rows calls `changed`.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from sqlalchemy import URL, event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, object_session

from core.clock import SystemClock
from core.db.tables.handling import SlaRuleRow
from core.db.tables.lines import HolidayRow
from core.db.tables.sides import RuleSettingRow

T = TypeVar("T")
KEEP_SECONDS: Final = 2.0
_CHANGED: Final = "rules_changed"
_CLOCK: Final = SystemClock()
#: By database and name: when it was read, and what.
_kept: Final[dict[tuple[URL, str], tuple[float, Any]]] = {}
#: How often this process changed the rules of a database: a reading across a change is not kept.
_changes: Final[dict[URL, int]] = {}


async def kept(session: AsyncSession, name: str, read: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """What `read` says, or said a moment ago; a transaction that changed rules sees its own."""
    if session.sync_session.info.get(_CHANGED):
        return await read(session)
    url, now = _url(session.sync_session), _CLOCK.monotonic()
    earlier = _kept.get((url, name))
    if earlier is not None and now - earlier[0] < KEEP_SECONDS:
        found: T = earlier[1]
        return found
    changes = _changes.get(url, 0)
    found = await read(session)
    if _changes.get(url, 0) == changes:
        _kept[url, name] = (now, found)
    return found


def changed(session: Session) -> None:
    """This transaction changes rules; once it is committed everybody reads them anew."""
    session.info[_CHANGED] = True


def _url(session: Session) -> URL:
    return session.get_bind().engine.url


def _row_changed(_mapper: object, _connection: object, row: object) -> None:
    session = object_session(row)
    if session is not None:
        changed(session)


def _committed(session: Session) -> None:
    if not session.info.pop(_CHANGED, False):
        return
    url = _url(session)
    _changes[url] = _changes.get(url, 0) + 1
    for key in [key for key in _kept if key[0] == url]:
        del _kept[key]


event.listen(Session, "after_commit", _committed)
for _table in (SlaRuleRow, HolidayRow, RuleSettingRow):
    for _moment in ("after_insert", "after_update", "after_delete"):
        event.listen(_table, _moment, _row_changed)
