"""The unit's reply and its review."""

from core.actions import legs
from core.actions.alarms import drop_alarms
from core.actions.asked import Asked, at_work
from core.actions.closing import close
from core.actions.request_rows import refuse_all
from core.domain.cases import CaseStatus, CaseType


async def reply(asked: Asked) -> CaseStatus | None:
    """The case goes to review when the last unit has replied; what it had asked for is void."""
    if not await legs.reply_leg(asked):
        return CaseStatus(asked.case.status)
    await drop_alarms(asked.work, asked.case.id, "CASE_LATE")
    await refuse_all(asked, "EXTENSION", "SUSPENSION")
    return None


async def rework(asked: Asked) -> CaseStatus | None:
    """The review found fault."""
    await legs.send_back_replies(asked)
    return at_work(asked.case)


async def approve_reply(asked: Asked) -> CaseStatus | None:
    """The review passed. Praise is handed on and nobody is called back about it."""
    await legs.accept_replies(asked)
    if asked.case.case_type == CaseType.PRAISE:
        close(asked, "已解释")
        return CaseStatus.CLOSED
    return None
