"""Queries about the exchange with 110 by intent."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.auth import Role
from core.clock import city_time
from core.db.repos.case_views import Sight, case_row
from core.db.repos.cases import timeline
from core.db.repos.persons import person_of
from core.db.tables.cases import CaseEventRow, DepartmentRow
from core.db.tables.exchange import ExchangeCaseRow
from core.domain.exchange110 import Told
from core.domain.masking import masking_for
from core.errors import NotFound

_CENTRE = "12345 中心"


async def told_of_alarm(session: AsyncSession, sight: Sight, jjdbh: str) -> tuple[str, list[Told]]:
    """The number of the alarm's case, and its steps as they are told outside. Raises NotFound."""
    known = await session.get(ExchangeCaseRow, jjdbh)
    if known is None:
        raise NotFound("没有该接警单号对应的工单")
    row = await case_row(session, sight.principal, known.case_id)
    clues = (await person_of(session, row, sight.vault)).clues
    masking = masking_for(Role.UNIT_OPS, confidential=row.confidential)
    units = await _unit_names(session)
    return row.number or "", [
        Told(
            event_id=event.id,
            action=event.action,
            at=f"{city_time(event.at):%Y-%m-%d %H:%M:%S}",
            unit=units.get(str(event.facts.get("unit") or ""), _CENTRE),
            note=masking.shown_text(event.note, clues),
            satisfaction=_satisfaction(event),
        )
        for event in await timeline(session, row.id)
    ]


def _satisfaction(event: CaseEventRow) -> str:
    given = event.facts.get("given")
    return str(given.get("satisfaction") or "") if isinstance(given, Mapping) else ""


async def _unit_names(session: AsyncSession) -> dict[str, str]:
    rows = await session.execute(select(DepartmentRow.id, DepartmentRow.name))
    return {row[0]: row[1] for row in rows.all()}
