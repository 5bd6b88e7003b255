"""Writes about alarms: what is still to be announced of a leg, a stage, an order, a suspension."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from core.db.engine import UnitOfWork
from core.db.tables.cases import CaseRow
from core.db.tables.handling import ClockAlarmRow, LegRow
from core.domain.legs import OPEN_LEGS, LegStatus
from core.ids import new_id


async def set_alarms(work: UnitOfWork, leg: LegRow) -> None:
    """Set anew what is still to be announced of a leg; what was announced stays announced.

    A warning belongs to its instant: when due moves, the new instant is announced again.
    """
    session = work.session
    await session.flush()
    await session.execute(
        delete(ClockAlarmRow).where(
            ClockAlarmRow.leg_id == leg.id, ClockAlarmRow.announced_at.is_(None)
        )
    )
    if leg.paused_at or LegStatus(leg.status) not in OPEN_LEGS:
        return
    rows = [
        {"id": new_id(), "leg_id": leg.id, "case_id": leg.case_id, "kind": kind, "at": at}
        for kind, at in _wanted(leg).items()
    ]
    told_stay = insert(ClockAlarmRow).on_conflict_do_nothing(
        index_elements=["leg_id", "kind", "at"]
    )
    await session.execute(told_stay, rows)


async def set_first_alarms(work: UnitOfWork, leg: LegRow) -> None:
    """What is to be announced of a leg that is being made: nothing was announced before."""
    await work.session.flush()  # the alarms point at the leg
    for kind, at in _wanted(leg).items():
        work.session.add(
            ClockAlarmRow(id=new_id(), leg_id=leg.id, case_id=leg.case_id, kind=kind, at=at)
        )


def _wanted(leg: LegRow) -> dict[str, datetime]:
    wanted = {"SOON": leg.warn_at}
    if leg.more_asked_at is None:  # while more time is asked for, nobody is called late
        wanted["LATE"] = leg.due_at
    if leg.signed_at is None:
        wanted["SIGN_DUE"] = leg.sign_due_at
    if leg.contact_due_at is not None and leg.contacted_at is None:
        wanted["CONTACT_DUE"] = leg.contact_due_at
    return wanted


async def set_case_alarm(work: UnitOfWork, case: CaseRow, lead: LegRow | None) -> None:
    """Announce the case's own due where it is not that of its lead leg (after a new owner)."""
    await drop_alarms(work, case.id, "CASE_LATE")
    if lead is None or case.due_at is None or case.due_at == lead.due_at or lead.paused_at:
        return
    if case.due_at > work.clock.now():
        set_alarm(work, case.id, "CASE_LATE", case.due_at)


def set_alarm(
    work: UnitOfWork, case_id: str, kind: str, at: datetime, *, subject: str = ""
) -> None:
    """Announce something of a case at an instant."""
    work.session.add(
        ClockAlarmRow(id=new_id(), leg_id=None, case_id=case_id, subject=subject, kind=kind, at=at)
    )


async def drop_alarms(work: UnitOfWork, case_id: str, *kinds: str, subject: str = "") -> None:
    """Forget what has not been announced yet."""
    await work.session.execute(
        delete(ClockAlarmRow).where(
            ClockAlarmRow.case_id == case_id,
            ClockAlarmRow.kind.in_(kinds),
            ClockAlarmRow.subject == subject,
            ClockAlarmRow.announced_at.is_(None),
        )
    )
