"""A unit's work on its leg: handing on to the third level, more units, contact with the citizen."""

from datetime import date, datetime, time

from core.actions.alarms import set_alarms
from core.actions.asked import Asked
from core.actions.legs import hand_out, make_leg, open_legs, own_leg, sign_leg, terms_for
from core.actions.supervision import supervise
from core.clock import CITY_TIME
from core.domain.cases import Channel
from core.domain.legs import LegRole, LegStatus
from core.errors import InputRefused

_DAY_LENGTH = 10
#: A leader's instruction is pressed for in writing.
_WRITTEN = 2
_SOON_SHARE = 0.2


async def dispatch(asked: Asked) -> None:
    """The case goes to its units and the clock starts."""
    asked.case.category = asked.text("category") or asked.case.category
    await hand_out(asked, asked.text("lead"), asked.units("supporting"))
    if asked.case.channel == Channel.LEADER:
        await supervise(
            asked, kind="leader", reason="领导批示", unit=asked.text("lead"), level=_WRITTEN
        )


async def sign(asked: Asked) -> None:
    """The unit has taken note."""
    await sign_leg(asked)


async def sub_dispatch(asked: Asked) -> None:
    """Hand the work on to a unit of the third level, with a deadline inside one's own.

    given: unit, inner_due (a day, until the close of business, or an instant), instruction.
    """
    above = await own_leg(asked)
    leg = await make_leg(asked, asked.text("unit"), LegRole.SUPPORT, await terms_for(asked))
    leg.parent_id, leg.level = above.id, above.level + 1
    leg.due_at = inner_due(asked)
    leg.warn_at = leg.due_at - (leg.due_at - leg.dispatched_at) * _SOON_SHARE
    leg.sign_due_at = min(leg.sign_due_at, leg.due_at)
    leg.contact_due_at = None
    above.signed_at = above.signed_at or asked.now
    if above.status == LegStatus.TO_SIGN:
        above.status = LegStatus.HANDLING.value
    await set_alarms(asked.work, leg)
    await set_alarms(asked.work, above)


def inner_due(asked: Asked) -> datetime:
    """The given inner deadline; a bare day ends at the close of business. Raises InputRefused."""
    text = asked.text("inner_due")
    try:
        if len(text) == _DAY_LENGTH:
            return datetime.combine(date.fromisoformat(text), time(18), CITY_TIME)
        due = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputRefused("内部期限不是有效的时间", fields=["inner_due"]) from error
    return due if due.tzinfo is not None else due.replace(tzinfo=CITY_TIME)


async def add_support(asked: Asked) -> None:
    """One more supporting unit; its time is what the lead has left at most.

    given: unit, instruction.
    """
    lead = (await open_legs(asked.work, asked.case.id))[0]
    leg = await make_leg(asked, asked.text("unit"), LegRole.SUPPORT, await terms_for(asked))
    if asked.now < lead.due_at < leg.due_at:
        leg.due_at, leg.warn_at = lead.due_at, min(leg.warn_at, lead.warn_at)
        await set_alarms(asked.work, leg)


async def note_contact(asked: Asked) -> None:
    """The unit has spoken with the citizen. given: how, call_id, recording_id, words."""
    leg = await own_leg(asked)
    leg.contacted_at = leg.contacted_at or asked.now
    await set_alarms(asked.work, leg)
