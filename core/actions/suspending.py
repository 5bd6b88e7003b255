"""Suspension until a day (挂账): the clocks rest, and go on by themselves when the day comes."""

from datetime import date, datetime, time

from core.actions import legs
from core.actions.alarms import drop_alarms, set_alarm
from core.actions.asked import Asked, at_work
from core.actions.request_rows import ALLOWED, ask, decide, rule
from core.clock import CITY_TIME
from core.domain.cases import CaseStatus
from core.errors import InputRefused

#: When on its day a suspended case goes on: at the start of business.
_MORNING = time(8)


async def suspend(asked: Asked) -> None:
    """Approve a suspension that was asked for, or order one. given: condition, resume_on."""
    await legs.pause_legs(asked)
    if not await rule(asked, "SUSPENSION", ALLOWED):
        request = ask(
            asked, "SUSPENSION", leg=None, reason_code="挂账", words=asked.text("condition"),
            facts={"resume_on": asked.given["resume_on"]},
        )  # fmt: skip
        decide(asked, request, ALLOWED)
    wakes = datetime.combine(resume_day(asked), _MORNING, CITY_TIME)
    set_alarm(asked.work, asked.case.id, "RESUME", wakes)


async def resume(asked: Asked) -> CaseStatus | None:
    """The condition is met, or the day has come."""
    await drop_alarms(asked.work, asked.case.id, "RESUME")
    await legs.resume_legs(asked)
    return at_work(asked.case)


def resume_day(asked: Asked) -> date:
    """The given day. Raises InputRefused."""
    try:
        return date.fromisoformat(asked.text("resume_on"))
    except ValueError as error:
        raise InputRefused("恢复日期不是有效的日期", fields=["resume_on"]) from error
