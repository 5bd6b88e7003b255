"""Who must act: rulings on returns, conferences, and precedents for the duty catalogue."""

from sqlalchemy import func, select

from core.actions import legs
from core.actions.asked import Asked, at_work
from core.actions.catalogues import NewDuty, replace_duty
from core.actions.request_rows import ALLOWED, CONFERENCE, REFUSED, refuse_all, rule
from core.actions.supervision import supervise
from core.db.tables.handling import DutyRow
from core.db.tables.sides import ConferenceRow
from core.domain.cases import CaseStatus
from core.domain.legs import LegStatus
from core.ids import new_id


async def allow_return(asked: Asked) -> None:
    """The return is justified: the new unit gets its full limit, the case keeps its own due."""
    asked.case.returns += 1
    asked.case.hops += 1
    await rule(asked, "RETURN", ALLOWED)
    await _redispatch(asked, LegStatus.RETURNED)
    await _press_after_returns(asked)
    if asked.flag("precedent"):
        await write_precedent(asked, f"退单审核 {asked.case.number or asked.case.id}")


async def refuse_return(asked: Asked) -> CaseStatus | None:
    """An improper return: it counts, and the unit goes on where it was."""
    asked.case.returns += 1
    for request in await rule(asked, "RETURN", REFUSED):
        request.facts = {**request.facts, "improper": True}
    await _press_after_returns(asked)
    return at_work(asked.case)


async def send_for_info(asked: Asked) -> None:
    """Back to whoever took the matter in; a return that said so was justified."""
    if asked.case.status == CaseStatus.RETURN_REVIEW:
        asked.case.returns += 1
        await rule(asked, "RETURN", ALLOWED)
        await legs.withdraw_legs(
            asked.work,
            await legs.open_legs(asked.work, asked.case.id),
            status=LegStatus.RETURNED,
        )


async def complete_info(asked: Asked) -> None:
    """What was missing is added to the content; what was written stays."""
    words = asked.text("content")
    if words and words not in asked.case.content:
        asked.case.content = f"{asked.case.content}\n{words}".strip()


async def _press_after_returns(asked: Asked) -> None:
    if asked.case.returns >= asked.limits.returns_for_supervision:
        await supervise(asked, kind="important", reason="多次退单", unit=asked.text("lead") or None)


async def _redispatch(asked: Asked, status: LegStatus) -> None:
    """Another owner: what is open is taken back and handed out anew; the case keeps its due."""
    await refuse_all(asked, "EXTENSION", "SUSPENSION")  # asked for legs that are no more
    await legs.withdraw_legs(
        asked.work, await legs.open_legs(asked.work, asked.case.id), status=status
    )
    await legs.hand_out(asked, asked.text("lead"), asked.units("supporting"), same_round=True)


async def call_conference(asked: Asked) -> None:
    """Nobody knows whose it is, or how: those who do are called together.

    given: topic, units, convener, no_owner. The clock goes on.
    """
    if await rule(asked, "RETURN", CONFERENCE):
        asked.case.returns += 1
        await _press_after_returns(asked)
    asked.work.session.add(
        ConferenceRow(
            id=new_id(),
            number=f"{asked.case.number or ''}-H{await _conferences(asked) + 1}",
            case_id=asked.case.id,
            topic=asked.text("topic"),
            units=list(asked.units("units")),
            convener=asked.text("convener", "中心"),
            called_by=asked.by.agent_id,
            called_at=asked.now,
        )
    )


async def _conferences(asked: Asked) -> int:
    count = select(func.count()).where(ConferenceRow.case_id == asked.case.id)
    return int(await asked.work.session.scalar(count) or 0)


async def conclude_conference(asked: Asked) -> None:
    """The conference's decision binds: hops start anew, and it may become a precedent.

    given: lead, supporting, minutes, precedent (True writes the duty catalogue), area.
    """
    asked.case.hops = 0
    await _redispatch(asked, LegStatus.WITHDRAWN)
    query = (
        select(ConferenceRow)
        .where(ConferenceRow.case_id == asked.case.id, ConferenceRow.concluded_at.is_(None))
        .order_by(ConferenceRow.called_at.desc())
        .limit(1)
        .with_for_update()
    )
    conference = (await asked.work.session.scalars(query)).first()
    source = "会商决定"
    if conference is not None:
        conference.minutes = asked.text("minutes")
        conference.lead_id = asked.text("lead")
        conference.concluded_by, conference.concluded_at = asked.by.agent_id, asked.now
        conference.precedent = asked.flag("precedent")
        source = f"会商纪要 {conference.number}"
    if asked.flag("precedent"):
        await write_precedent(asked, source)


async def write_precedent(asked: Asked, source: str) -> DutyRow:
    """The ruling becomes a line of the duty catalogue for this category (and area)."""
    new = NewDuty(
        category=asked.case.category or "",
        lead=asked.text("lead"),
        area=asked.text("area") or None,
        supporting=asked.units("supporting"),
        basis=asked.text("minutes") or asked.text("reason"),
        source=source,
    )
    return await replace_duty(asked.work, new, actor=asked.by.agent_id)
