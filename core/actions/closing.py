"""The callback half of a case's life: attempts, answers, and the ways in which a case ends."""

from sqlalchemy import func, select

from core.actions import legs
from core.actions.asked import Asked
from core.actions.request_rows import ALLOWED, rule
from core.actions.supervision import supervise
from core.db.repos.rules import calendar
from core.db.tables.handling import CallbackAttemptRow
from core.domain.cases import CaseStatus
from core.domain.legs import LegStatus
from core.domain.sides import CONTENT, SATISFACTIONS, SOLVED_ANSWERS, TERMINATION_CHANNELS
from core.errors import InputRefused
from core.ids import new_id

_PASSED, _FAILED, _CLOSED = "通过", "不通过", "办结"


def close(asked: Asked, code: str) -> None:
    """The case has ended, with this word for how."""
    asked.case.close_code = code
    asked.case.closed_at = asked.now


async def note_answer(asked: Asked, *, connected: bool = True) -> CallbackAttemptRow:
    """Write the callback form of this attempt; the server counts it and knows the office hours."""
    case, work = asked.case, asked.work
    before = select(func.count()).where(
        CallbackAttemptRow.case_id == case.id, CallbackAttemptRow.round == case.round
    )
    said = connected and asked.given.get("satisfaction")
    satisfaction = asked.choice("satisfaction", SATISFACTIONS) if said else None
    if satisfaction:
        case.satisfaction_first = case.satisfaction_first or satisfaction
        case.satisfaction_final = satisfaction
    solved = asked.choice("solved", SOLVED_ANSWERS) if asked.given.get("solved") else None
    if connected and solved:
        case.solved = solved
    attempt = CallbackAttemptRow(
        id=new_id(),
        case_id=case.id,
        round=case.round,
        attempt=int(await work.session.scalar(before) or 0) + 1,
        call_id=asked.given.get("call_id"),
        by=asked.by.agent_id,
        at=asked.now,
        connected=connected,
        satisfaction=satisfaction,
        solved=solved if connected else None,
        cause=asked.given.get("cause") if connected else None,
        form=dict(asked.given),
        off_hours=not (await calendar(work.session)).is_office_time(asked.now),
    )
    work.session.add(attempt)
    return attempt


async def note_attempt(asked: Asked) -> None:
    """Nobody answered: the attempt counts for the rule of three attempts in two days."""
    await note_answer(asked, connected=False)


async def satisfied(asked: Asked) -> None:
    """A content citizen; who is not content goes another way. Only this case is closed."""
    if asked.choice("satisfaction", SATISFACTIONS) not in CONTENT:
        raise InputRefused("市民不满意时请登记原因后交办或解释", fields=["satisfaction"])
    await note_answer(asked)
    codes = {"部分解决": "部分解决", "未解决": "已解释"}
    close(asked, codes.get(asked.text("solved"), "已解决"))


async def dissatisfied(asked: Asked) -> None:
    """Second assignment: a new round for the same unit; a further one only under supervision."""
    await note_answer(asked)
    lead = await legs.last_lead(asked)
    if asked.case.round >= asked.limits.rounds:
        await supervise(asked, kind="important", reason="二次交办仍不满意", unit=lead)
    await new_round(asked, lead)


async def new_round(asked: Asked, lead: str) -> None:
    """The case goes to its unit once more, with a limit of its own."""
    asked.case.round += 1
    asked.case.closed_at = None
    asked.case.close_code = None
    await legs.hand_out(asked, lead)


async def explained(asked: Asked) -> None:
    """An objective cause, explained in writing and signed by a leader; no second assignment."""
    await note_answer(asked)
    asked.case.public_reply = asked.text("explanation")
    codes = {"政策限制": "政策不允许", "历史遗留": "历史遗留"}
    close(asked, codes.get(asked.text("cause"), "已解释"))


async def unreachable(asked: Asked) -> None:
    """Nobody could be reached: no answer, and so no part in any satisfaction."""
    close(asked, "无法联系")


async def report_check(asked: Asked) -> CaseStatus | None:
    """An inspector's word: done (call back), not done (new round), or done and nothing owed.

    given: result (words), outcome: 通过 (default), 不通过 or 办结.
    """
    outcome = asked.choice("outcome", (_PASSED, _FAILED, _CLOSED), _PASSED)
    await legs.accept_replies(asked)
    if outcome == _FAILED:
        await new_round(asked, await legs.last_lead(asked))
        return CaseStatus.REASSIGNED
    if outcome == _CLOSED:
        close(asked, "已解决")
        return CaseStatus.CLOSED
    return None


async def reopen(asked: Asked) -> None:
    """Closed too early: the last unit, or another one, has it again."""
    await rule(asked, "REOPEN", ALLOWED)
    await new_round(asked, asked.text("lead") or await legs.last_lead(asked))


async def terminate(asked: Asked) -> None:
    """The matter is with a court or another body by law; approved by whoever takes this step."""
    asked.choice("channel", TERMINATION_CHANNELS)
    await rule(asked, "TERMINATION", ALLOWED)
    await _end(asked, "移交法定途径")


async def judge_unreasonable(asked: Asked) -> None:
    """The demand is found unreasonable; it stays out of every satisfaction."""
    await rule(asked, "UNREASONABLE", ALLOWED)
    if asked.case.status == CaseStatus.PENDING_CALLBACK and asked.given.get("satisfaction"):
        await note_answer(asked)
    await _end(asked, "不合理")


async def _end(asked: Asked, code: str) -> None:
    await legs.withdraw_legs(
        asked.work, await legs.open_legs(asked.work, asked.case.id), status=LegStatus.WITHDRAWN
    )
    close(asked, code)


async def answer(asked: Asked) -> None:
    """Answered without a department."""
    asked.case.public_reply = asked.text("answer")
    close(asked, "已解释")


async def void(asked: Asked) -> None:
    """A test, a nuisance call, or taken back by the caller."""
    close(asked, "作废")


async def reject(asked: Asked) -> None:
    """Not ours to act on; the caller has been told whose it is."""
    close(asked, "不予受理")
