"""Queries about what happened around one case: legs, requests, pressing, supervision, callbacks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.repos.cases import timeline
from core.db.tables.cases import CaseEventRow, DepartmentRow
from core.db.tables.handling import (
    CallbackAttemptRow,
    CaseLinkRow,
    LegRow,
    RequestRow,
    SuperviseRow,
    UrgeRow,
)
from core.db.tables.people import AccountRow
from core.db.tables.sides import ConferenceRow, JointRow, MediationRow

R = TypeVar("R")


@dataclass(slots=True)
class CaseHistory:
    """Everything that has been written down about one case, each list in order."""

    events: Sequence[CaseEventRow] = ()
    legs: Sequence[LegRow] = ()
    requests: Sequence[RequestRow] = ()
    urges: Sequence[UrgeRow] = ()
    orders: Sequence[SuperviseRow] = ()
    attempts: Sequence[CallbackAttemptRow] = ()
    links: Sequence[CaseLinkRow] = ()
    conferences: Sequence[ConferenceRow] = ()
    mediations: Sequence[MediationRow] = ()
    joints: Sequence[JointRow] = ()
    #: Names of accounts and of departments by their ids.
    people: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def open_requests(self) -> list[RequestRow]:
        """What nobody has ruled on."""
        return [request for request in self.requests if request.verdict is None]


async def history_of(session: AsyncSession, case_id: str) -> CaseHistory:
    """What happened around the case, and the names of those who appear in it."""

    links = select(CaseLinkRow).where(
        or_(CaseLinkRow.case_id == case_id, CaseLinkRow.other_id == case_id)
    )
    legs = select(LegRow).where(LegRow.case_id == case_id)
    requests = select(RequestRow).where(RequestRow.case_id == case_id)
    urges = select(UrgeRow).where(UrgeRow.case_id == case_id)
    orders = select(SuperviseRow).where(SuperviseRow.case_id == case_id)
    attempts = select(CallbackAttemptRow).where(CallbackAttemptRow.case_id == case_id)
    conferences = select(ConferenceRow).where(ConferenceRow.case_id == case_id)
    mediations = select(MediationRow).where(MediationRow.case_id == case_id)
    joints = select(JointRow).where(JointRow.case_id == case_id)
    found = CaseHistory(
        events=await timeline(session, case_id),
        legs=await _all(session, legs.order_by(LegRow.dispatched_at)),
        requests=await _all(session, requests.order_by(RequestRow.asked_at)),
        urges=await _all(session, urges.order_by(UrgeRow.at)),
        orders=await _all(session, orders.order_by(SuperviseRow.issued_at)),
        attempts=await _all(session, attempts.order_by(CallbackAttemptRow.at)),
        conferences=await _all(session, conferences.order_by(ConferenceRow.called_at)),
        mediations=await _all(session, mediations.order_by(MediationRow.opened_at)),
        joints=await _all(session, joints.order_by(JointRow.sent_at)),
        links=await _all(session, links.order_by(CaseLinkRow.at)),
    )
    found.people = await names_of_people(session, _actors(found))
    found.units = await names_of_units(session)
    return found


async def _all(session: AsyncSession, query: Select[R]) -> Sequence[R]:
    return (await session.scalars(query)).all()


def _actors(found: CaseHistory) -> set[str]:
    actors = {event.actor for event in found.events}
    actors |= {request.asked_by for request in found.requests}
    actors |= {request.ruled_by for request in found.requests if request.ruled_by}
    actors |= {order.issued_by for order in found.orders}
    actors |= {urge.by for urge in found.urges}
    return actors | {attempt.by for attempt in found.attempts}


async def names_of_people(session: AsyncSession, ids: Collection[str]) -> Mapping[str, str]:
    """The names behind these accounts."""
    query = select(AccountRow.id, AccountRow.name).where(AccountRow.id.in_(ids))
    return {row.id: row.name for row in await session.execute(query)}


async def names_of_units(session: AsyncSession) -> Mapping[str, str]:
    """Every department's name by its id, in the order of the names."""
    query = select(DepartmentRow.id, DepartmentRow.name).order_by(DepartmentRow.name)
    return {row.id: row.name for row in await session.execute(query)}
