"""The steps by which somebody asks for something, and those that rule on it."""

from datetime import datetime

from core.actions import legs
from core.actions.alarms import set_alarms
from core.actions.asked import Asked
from core.actions.base import take
from core.actions.legs import clock_of, move_due, own_leg
from core.actions.request_rows import ALLOWED, REFUSED, ask, asked_for, decide
from core.db.repos.rules import calendar
from core.db.tables.handling import LegRow
from core.domain.case_actions import CaseAction
from core.domain.sides import EXTENSION_REASONS, RETURN_REASONS, TERMINATION_CHANNELS
from core.domain.sla import CaseClock
from core.domain.workdays import Limit, LimitType
from core.errors import InputRefused

_IN_HOURS = frozenset({LimitType.WORK_HOUR, LimitType.URGENT_HOUR})


async def ask_return(asked: Asked) -> None:
    """The unit says that the case is not its own, and whose it is."""
    leg = await own_leg(asked)
    ask(
        asked, "RETURN", leg=leg,
        reason_code=asked.choice("reason_code", RETURN_REASONS), words=asked.text("basis"),
        facts={"proposed_unit": asked.given["proposed_unit"]},
    )  # fmt: skip


async def ask_extension(asked: Asked) -> None:
    """More time: before due, in the leg's own unit of time, never more than the limit was.

    given: days (or hours where the limit is in hours), told_caller, told_at,
    told_recording_id, reason_code, words.
    """
    leg = await own_leg(asked)
    if not asked.flag("told_caller"):
        raise InputRefused("申请延期前须先告知诉求人", fields=["told_caller"])
    ask(
        asked,
        "EXTENSION",
        leg=leg,
        reason_code=asked.choice("reason_code", EXTENSION_REASONS, "其他"),
        words=asked.text("words"),
        facts={
            "amount": _amount(asked, leg),
            "told_at": asked.text("told_at"),
            "told_recording_id": asked.text("told_recording_id"),
        },
    )
    leg.more_asked_at = asked.now
    await set_alarms(asked.work, leg)


def _amount(asked: Asked, leg: LegRow) -> float:
    in_hours = LimitType(leg.limit_type) in _IN_HOURS
    name, word = ("hours", "小时数") if in_hours else ("days", "天数")
    try:
        amount = float(str(asked.given.get(name)))
    except ValueError as error:
        raise InputRefused(f"请填写延期{word}", fields=[name]) from error
    if not 0 < amount <= leg.limit_value:
        raise InputRefused(
            f"延期{word}须大于零，且不超过原办理期限", fields=[name], longest=leg.limit_value
        )
    return amount


async def allow_extension(asked: Asked) -> None:
    """Due moves from its old instant by the extension, never from now."""
    request = await asked_for(asked, CaseAction.ALLOW_EXTENSION)
    decide(asked, request, ALLOWED)
    leg = await take(asked.work, LegRow, request.leg_id, what="承办单")
    leg.more_asked_at = None
    days = await calendar(asked.work.session)
    by = Limit(LimitType(leg.limit_type), float(request.facts["amount"]))
    asked.case.extensions += 1
    await move_due(asked, leg, clock_of(leg).extend(by, days).due_at, days)


async def ask_suspension(asked: Asked) -> None:
    """The unit cannot go on before a day or a condition."""
    ask(
        asked, "SUSPENSION", leg=await own_leg(asked), reason_code="挂账",
        words=asked.text("condition"), facts={"resume_on": asked.given["resume_on"]},
    )  # fmt: skip


async def ask_unreasonable(asked: Asked) -> None:
    """The demand cannot be met by anybody; with what shows it."""
    ask(
        asked, "UNREASONABLE", leg=None, reason_code=asked.text("reason_code"),
        words=asked.text("evidence"), facts={},
    )  # fmt: skip


async def ask_termination(asked: Asked) -> None:
    """The matter has gone to a court or another body; a ruler decides."""
    ask(
        asked, "TERMINATION", leg=None,
        reason_code=asked.choice("channel", TERMINATION_CHANNELS), words=asked.text("reason"),
        facts={},
    )  # fmt: skip


async def ask_reopen(asked: Asked) -> None:
    """The citizen is back with a closed matter; a supervisor decides."""
    ask(
        asked, "REOPEN", leg=None, reason_code="重开", words=asked.text("reason"),
        facts={"call_id": asked.text("call_id")},
    )  # fmt: skip


async def approve_request(asked: Asked) -> None:
    """The leader of the asking unit stands behind the request."""
    request = await asked_for(asked, CaseAction.APPROVE_REQUEST)
    if request.department_id != asked.unit:
        raise InputRefused("只能审批本单位的申请", fields=["request_id"])
    request.facts = {**request.facts, "approved_by": asked.by.agent_id}


async def refuse_request(asked: Asked) -> None:
    """No. It costs the asking unit no try, and its time goes on as before."""
    request = await asked_for(asked, CaseAction.REFUSE_REQUEST)
    decide(asked, request, REFUSED)
    if request.kind == "EXTENSION":
        leg = await take(asked.work, LegRow, request.leg_id, what="承办单")
        await _go_on(asked, leg)


async def _go_on(asked: Asked, leg: LegRow) -> None:
    """Waiting for our ruling is not charged: what was left when it was asked is left now."""
    since, leg.more_asked_at = leg.more_asked_at, None
    if since is None or leg.paused_at is not None or asked.now <= leg.due_at:
        await set_alarms(asked.work, leg)
        return
    days = await calendar(asked.work.session)
    waiting = CaseClock(
        Limit(LimitType(leg.limit_type), leg.limit_value), leg.dispatched_at, leg.due_at, since
    )
    await move_due(asked, leg, waiting.resume(asked.now, days).due_at, days)


async def appeal(asked: Asked) -> None:
    """Against the appraisal of a case that has ended: once for each department."""
    ask(
        asked, "APPEAL", leg=None, reason_code=asked.text("reason_code", "其他"),
        words=asked.text("words"), facts={},
    )  # fmt: skip


async def review_appeal(asked: Asked) -> None:
    """The first of two reviews; it decides nothing yet."""
    request = await asked_for(asked, CaseAction.REVIEW_APPEAL)
    first = {
        "by": asked.by.agent_id,
        "allowed": asked.flag("allowed"),
        "words": asked.text("reason"),
        "at": asked.now.isoformat(),
    }
    request.facts = {**request.facts, "first_review": first}


async def rule_appeal(asked: Asked) -> None:
    """The second review, by somebody else: the unit's legs are exempt; what happened stays."""
    request = await asked_for(asked, CaseAction.RULE_APPEAL)
    decide(asked, request, ALLOWED if asked.flag("allowed") else REFUSED)
    if request.verdict == ALLOWED:
        for leg in await legs.legs_of(asked.work, asked.case.id, request.department_id):
            leg.exempt = True


async def override_clock(asked: Asked) -> None:
    """A ruler sets another due, with a reason. given: new_due, leg_id (the lead's if none)."""
    days = await calendar(asked.work.session)
    wanted = asked.text("leg_id")
    for leg in await legs.open_legs(asked.work, asked.case.id):
        if leg.id == wanted or not wanted:
            await move_due(asked, leg, new_due(asked), days)
            return
    raise InputRefused("没有可以调整时限的承办单", fields=["leg_id"])


def new_due(asked: Asked) -> datetime:
    """The given instant, with its zone. Raises InputRefused."""
    try:
        due = datetime.fromisoformat(asked.text("new_due"))
    except ValueError as error:
        raise InputRefused("新的期限不是有效的时间", fields=["new_due"]) from error
    if due.tzinfo is None:
        raise InputRefused("新的期限缺少时区", fields=["new_due"])
    return due
