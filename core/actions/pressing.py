"""A citizen presses for progress of a case (催办): never a new case; three times is supervision."""

from collections.abc import Sequence

from sqlalchemy import func, select

from core.actions.asked import Asked
from core.actions.legs import own_leg
from core.actions.supervision import supervise
from core.auth import Role
from core.db.tables.handling import SuperviseRow, UrgeRow
from core.ids import new_id

_REASON = "多次催办"


async def note_urge(asked: Asked) -> None:
    """Write the urging down; the third one of a caller calls supervision.

    given: words, call_id, channel; by_caller False when a supervisor presses of his own accord.
    """
    case = asked.case
    by_caller = asked.flag("by_caller", default=asked.by.role is not Role.SUPERVISOR)
    case.urges += 1
    asked.work.session.add(
        UrgeRow(
            id=new_id(),
            case_id=case.id,
            seq=case.urges,
            by=asked.text("actor") or asked.by.agent_id,
            by_caller=by_caller,
            channel=asked.text("channel", "PHONE"),
            call_id=asked.given.get("call_id"),
            words=asked.text("words"),
            at=asked.now,
        )
    )
    await asked.work.session.flush()
    if by_caller and await _pressed_enough(asked):
        await supervise(asked, kind="important", reason=_REASON)


async def _pressed_enough(asked: Asked) -> bool:
    """Whether the caller has urged often enough since the last order for that reason."""
    last = select(func.max(SuperviseRow.issued_at)).where(
        SuperviseRow.case_id == asked.case.id, SuperviseRow.reason == _REASON
    )
    count = select(func.count()).where(UrgeRow.case_id == asked.case.id, UrgeRow.by_caller)
    since = await asked.work.session.scalar(last)
    if since is not None:
        count = count.where(UrgeRow.at > since)
    urged = int(await asked.work.session.scalar(count) or 0)
    return urged >= asked.limits.urges_for_supervision


async def read_urges(asked: Asked) -> None:
    """The unit has read what is pressed for."""
    await own_leg(asked)
    unread: Sequence[UrgeRow] = (
        await asked.work.session.scalars(
            select(UrgeRow)
            .where(UrgeRow.case_id == asked.case.id, UrgeRow.read_at.is_(None))
            .with_for_update()
        )
    ).all()
    for urge in unread:
        urge.read_at, urge.read_by = asked.now, asked.by.agent_id
