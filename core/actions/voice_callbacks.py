"""Every write about an automatic voice callback: whom to ring, reached, and what was answered.

A content answer to a solved matter closes the case. Every other answer is noted and leaves the
case with the callback officers: the machine sends nothing to second assignment.
"""

from dataclasses import dataclass

from core.actions.asked import Asked
from core.actions.base import take, told
from core.actions.calls import step_call
from core.actions.case_steps import take_step
from core.actions.closing import note_answer
from core.actions.outgoing import end_outgoing, place_voice_call, step_outgoing
from core.auth import SYSTEM
from core.db.engine import UnitOfWork
from core.db.repos.callback_work import attempts_of, voice_candidates
from core.db.repos.outgoing import open_call_of
from core.db.repos.rules import calendar, case_limits
from core.db.tables.calls import CallRow
from core.db.tables.cases import CaseEventRow, CaseRow
from core.db.tables.outgoing import OutgoingRow
from core.domain.callback_rules import PAUSE, Tried, trial_state
from core.domain.calls import CallState, EndedBy
from core.domain.case_limits import CaseLimits
from core.domain.case_steps import CaseAction
from core.domain.cases import CaseStatus
from core.domain.events import CaseNoted
from core.domain.outgoing import NOT_REACHED, OutgoingKind, OutgoingOutcome, OutgoingState
from core.domain.sides import CONTENT, SATISFACTIONS, SOLVED_ANSWERS
from core.domain.workdays import WorkCalendar
from core.ids import CallId, CaseId, new_id

#: The word for an answer that leaves the case where it is, in the case's timeline.
ANSWERED = "自动回访答复"


@dataclass(frozen=True, slots=True)
class VoiceAnswer:
    """The keys pressed: solved 1 to 3 as SOLVED_ANSWERS, mark 5 (best) to 1; 0 for none."""

    solved: int = 0
    mark: int = 0

    @property
    def words(self) -> dict[str, str]:
        """The answers that were given, in the words of the callback form."""
        said: dict[str, str] = {}
        if 1 <= self.solved <= len(SOLVED_ANSWERS):
            said["solved"] = SOLVED_ANSWERS[self.solved - 1]
        if 1 <= self.mark <= len(SATISFACTIONS):
            said["satisfaction"] = SATISFACTIONS[-self.mark]
        return said

    @property
    def closes(self) -> bool:
        """Whether the case may be closed on it."""
        words = self.words
        return words.get("solved") == SOLVED_ANSWERS[0] and words.get("satisfaction") in CONTENT


async def claim_voice_callback(work: UnitOfWork) -> OutgoingRow | None:
    """Place the next automatic callback; None when switched off, out of hours, or nobody is due.

    The last attempt of the rule is left to a person.
    """
    limits, days = await case_limits(work.session), await calendar(work.session)
    now = work.clock.now()
    if not limits.voice_callback or not days.is_office_time(now):
        return None
    if await open_call_of(work.session, SYSTEM.agent_id) is not None:
        return None
    most = limits.callback_attempts - 2
    cases = await voice_candidates(work.session, now, most_tried=most, pause=PAUSE)
    for case in cases:
        if await _is_due(work, case, days, limits):
            return await place_voice_call(work, case)
    return None


async def _is_due(work: UnitOfWork, case: CaseRow, days: WorkCalendar, limits: CaseLimits) -> bool:
    now = work.clock.now()
    attempts = (await attempts_of(work.session, [case.id])).get(case.id, ())
    tried = [Tried(one.at, off_hours=one.off_hours) for one in attempts if one.round == case.round]
    needed, spread = limits.callback_attempts, limits.callback_days
    return trial_state(tried, now, days, needed=needed, days=spread).is_due(now)


async def reach_voice_callback(
    work: UnitOfWork, call_id: CallId, *, channel_id: str
) -> tuple[str, str] | None:
    """The citizen has answered; the case's number and the language, None for a call that is over.

    A second telling changes nothing.
    """
    row = await take(work, OutgoingRow, call_id, what="呼出")
    if row.ended_at is not None or row.kind != OutgoingKind.MACHINE.value:
        return None
    call = await take(work, CallRow, call_id, what="通话")
    case = await work.session.get(CaseRow, row.case_id)
    if case is None or case.number is None or call.state == CallState.ENDED.value:
        return None
    now = work.clock.now()
    step_call(call, CallState.IVR)
    call.channel_id = channel_id
    call.answered_at = call.answered_at or now
    row.connected_at = row.connected_at or now
    await step_outgoing(work, call_id, OutgoingState.CONNECTED)
    return case.number, call.language


async def finish_voice_callback(
    work: UnitOfWork,
    call_id: CallId,
    outcome: OutgoingOutcome,
    *,
    ended_by: EndedBy,
    answer: VoiceAnswer | None = None,
) -> None:
    """The call is over; a second telling changes nothing."""
    row = await take(work, OutgoingRow, call_id, what="呼出")
    if row.ended_at is not None or row.kind != OutgoingKind.MACHINE.value or not row.case_id:
        return
    await end_outgoing(work, call_id, outcome, ended_by=ended_by)
    case_id = CaseId(row.case_id)
    case = await take(work, CaseRow, case_id, what="工单")
    if case.status != CaseStatus.PENDING_CALLBACK:
        return  # an officer was faster
    given = {"call_id": call_id, "note": "自动语音回访"}
    if outcome in NOT_REACHED:
        await take_step(work, case_id, CaseAction.NOTE_ATTEMPT, by=SYSTEM, given=given)
    elif outcome is OutgoingOutcome.TALKED:
        await _note(work, case, answer or VoiceAnswer(), given)


async def _note(
    work: UnitOfWork, case: CaseRow, answer: VoiceAnswer, given: dict[str, str]
) -> None:
    given = {**given, **answer.words}
    if answer.closes:
        await take_step(work, CaseId(case.id), CaseAction.SATISFIED, by=SYSTEM, given=given)
        return
    limits = await case_limits(work.session)
    await note_answer(Asked(work, case, CaseAction.NOTE_ATTEMPT, SYSTEM, given, limits))
    said = "，".join(answer.words.values()) or "市民接听，未按键作答"
    now = work.clock.now()
    work.session.add(
        CaseEventRow(
            id=new_id(),
            case_id=case.id,
            at=now,
            action=ANSWERED,
            actor=SYSTEM.agent_id,
            from_status=case.status,
            to_status=case.status,
            note=f"自动语音回访：{said}",
            facts={"given": {"call_id": given["call_id"], **answer.words}},
        )
    )
    work.audit(
        actor=SYSTEM.agent_id, action=ANSWERED, entity="case", entity_id=case.id,
        facts=dict(answer.words),
    )  # fmt: skip
    work.record(
        CaseNoted(
            case_id=case.id,
            status=case.status,
            action=ANSWERED,
            actor=SYSTEM.agent_id,
            at=told(now),
        )
    )
