"""Every write about a call going out: asked for, ringing, connected, over.

A page asks with `ask_unit_call` (a department's phone rings first) or `ask_desk_call` (the
agent's desk dials); the commit's event makes routing place the call, and each further step is
told by OutgoingChanged to whoever follows the page.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core.actions.base import take, told
from core.actions.contacts import note_contact
from core.auth import SYSTEM, Permission, Principal
from core.db.engine import UnitOfWork
from core.db.repos.outgoing import open_call_of
from core.db.tables.calls import CallRow
from core.db.tables.cases import CaseRow
from core.db.tables.handling import LegRow
from core.db.tables.outgoing import OutgoingRow
from core.db.tables.people import AgentRow
from core.domain.agents import AgentState
from core.domain.calls import CallState, Direction, EndedBy
from core.domain.cases import FINAL, CaseStatus
from core.domain.events import CallAnswered, CallEnded, OutgoingAsked, OutgoingChanged
from core.domain.outgoing import (
    CONTACT_SECONDS,
    OutgoingKind,
    OutgoingOutcome,
    OutgoingState,
)
from core.errors import Conflict, InputRefused, NotAllowed, NotFound
from core.ids import CallId, CaseId, new_id
from core.vault import normalise_phone

#: Calls that belong to no line of their own show the hotline's number.
HOTLINE_DID = "12345"
_LONGEST_NUMBER = 20
BROWSER_PHONE = "webrtc"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """The citizen to be phoned; of a confidential case the call keeps no trace of the number."""

    sealed: str
    hashed: str
    mask: str
    line_id: str = ""
    did: str = HOTLINE_DID
    language: str = "zh"
    case_id: str | None = None
    leg_id: str | None = None
    missed_call_id: str | None = None


async def ask_unit_call(
    work: UnitOfWork, case_id: CaseId, *, by: Principal, phone: str = BROWSER_PHONE
) -> OutgoingRow:
    """A department phones the citizen of its case; it never learns the number.

    phone: the desk phone that rings first, or "webrtc" for the account's browser phone.
    Raises NotFound, NotAllowed, InputRefused, Conflict.
    """
    leg = await _leg_of_unit(work, case_id, by)
    case = await take(work, CaseRow, case_id, what="工单")
    if case.confidential:
        raise NotAllowed("该工单要求保密，请由热线回访员联系市民")
    target = await _citizen_of(work, case, leg_id=leg.id)
    return await _ask(work, OutgoingKind.UNIT, target, by, phone=checked_phone(phone))


async def ask_desk_call(work: UnitOfWork, case_id: CaseId, *, by: Principal) -> OutgoingRow:
    """The callback officer's desk phones the citizen of a case, with the case on the screen."""
    by.check_can(Permission.CALL_BACK)
    await _check_free(work, by)
    case = await take(work, CaseRow, case_id, what="工单")
    return await _ask(work, OutgoingKind.DESK, await _citizen_of(work, case), by)


async def place_voice_call(work: UnitOfWork, case: CaseRow) -> OutgoingRow:
    """The machine phones the citizen of a case. Raises InputRefused, Conflict."""
    return await _ask(work, OutgoingKind.MACHINE, await _citizen_of(work, case), SYSTEM)


async def ask_return_call(work: UnitOfWork, missed: CallId, *, by: Principal) -> OutgoingRow:
    """An agent phones a caller who hung up before anybody answered (漏接电话回拨)."""
    by.check_can(Permission.TAKE_CALLS)
    await _check_free(work, by)
    call = await take(work, CallRow, missed, what="通话")
    if call.answered_at is not None or call.ended_at is None or not call.caller_sealed:
        raise InputRefused("这通电话不需要回拨")
    target = _Target(
        sealed=call.caller_sealed,
        hashed=call.caller_hash,
        mask=call.caller_mask,
        line_id=call.line_id,
        did=call.did,
        language=call.language,
        missed_call_id=call.id,
    )
    return await _ask(work, OutgoingKind.DESK, target, by)


async def _check_free(work: UnitOfWork, by: Principal) -> None:
    """A desk dials only where somebody sits at it and no call is in hand."""
    agent = await work.session.get(AgentRow, by.agent_id)
    if agent is None or agent.state == AgentState.SIGNED_OUT.value:
        raise InputRefused("请先打开工作台并连接话机，再拨打电话")
    if agent.state in (AgentState.RINGING.value, AgentState.TALKING.value):
        raise Conflict("您正在通话中，请结束后再拨打")


async def _leg_of_unit(work: UnitOfWork, case_id: CaseId, by: Principal) -> LegRow:
    """The newest leg of the asker's own unit; others learn not even that the case exists."""
    by.check_can(Permission.SEE_UNIT_CASES)
    query = (
        select(LegRow)
        .where(LegRow.case_id == case_id, LegRow.department_id == by.department_id)
        .order_by(LegRow.dispatched_at.desc())
        .limit(1)
    )
    leg = (await work.session.scalars(query)).first()
    if leg is None or by.department_id is None:
        raise NotFound("没有找到该工单")
    return leg


async def _citizen_of(work: UnitOfWork, case: CaseRow, leg_id: str | None = None) -> _Target:
    if CaseStatus(case.status) in FINAL:
        raise InputRefused("该工单已经办结，不能再拨打")
    origin = await work.session.get(CallRow, case.call_id) if case.call_id else None
    sealed = case.phone_sealed or case.caller_sealed
    if not sealed and not case.confidential:
        raise InputRefused("该工单没有可以拨打的联系电话")
    return _Target(
        sealed=sealed,
        hashed="" if case.confidential else case.phone_hash or case.caller_hash,
        mask="" if case.confidential else case.caller_mask,
        line_id=case.line_id or "",
        did=origin.did if origin is not None else HOTLINE_DID,
        language=origin.language if origin is not None else "zh",
        case_id=case.id,
        leg_id=leg_id,
    )


def checked_phone(phone: str) -> str:
    """The phone that is to ring first. Raises InputRefused."""
    if phone == BROWSER_PHONE:
        return phone
    digits = normalise_phone(phone)
    if not digits.isdigit() or not 3 <= len(digits) <= _LONGEST_NUMBER:  # noqa: PLR2004
        raise InputRefused("请填写正确的话机号码")
    return digits


async def _ask(
    work: UnitOfWork, kind: OutgoingKind, target: _Target, by: Principal, *, phone: str = ""
) -> OutgoingRow:
    if await open_call_of(work.session, by.agent_id) is not None:
        raise Conflict("您有一通电话正在呼出，请先结束它")
    now = work.clock.now()
    call = CallRow(
        id=new_id(),
        direction=Direction.OUTBOUND.value,
        line_id=target.line_id,
        did=target.did,
        state=CallState.DIALLING.value,
        caller_sealed=target.sealed,
        caller_hash=target.hashed,
        caller_mask=target.mask,
        language=target.language,
        case_id=target.case_id,
        started_at=now,
    )
    work.session.add(call)
    await work.session.flush()  # the request refers to its call
    row = OutgoingRow(
        id=call.id,
        kind=kind.value,
        case_id=target.case_id,
        leg_id=target.leg_id,
        missed_call_id=target.missed_call_id,
        asked_by=by.agent_id,
        phone=phone,
        state=OutgoingState.ASKED.value,
        asked_at=now,
    )
    work.session.add(row)
    work.audit(
        actor=by.agent_id, action="ask_outgoing_call", entity="call", entity_id=call.id,
        facts={"kind": kind.value, "case_id": target.case_id, "missed": target.missed_call_id},
    )  # fmt: skip
    work.record(
        OutgoingAsked(
            call_id=call.id,
            kind=kind.value,
            case_id=target.case_id,
            asked_by=by.agent_id,
            at=told(now),
        )
    )
    return row


async def step_outgoing(work: UnitOfWork, call_id: CallId, state: OutgoingState) -> None:
    """The call has come further; a call that is over stays so."""
    row = await take(work, OutgoingRow, call_id, what="呼出")
    if row.ended_at is None:
        row.state = state.value
        _tell(work, row, work.clock.now())


async def connect_outgoing(
    work: UnitOfWork, call_id: CallId, *, citizen_channel: str, phone_channel: str, bridge_id: str
) -> None:
    """Both parties of a department's call hear each other."""
    row = await take(work, OutgoingRow, call_id, what="呼出")
    call = await take(work, CallRow, call_id, what="通话")
    now = work.clock.now()
    if row.ended_at is not None or call.state == CallState.ENDED.value:
        return
    call.state = CallState.TALKING.value
    call.channel_id, call.agent_channel_id = citizen_channel, phone_channel
    call.bridge_id = bridge_id
    call.answered_at = call.answered_at or now
    row.state = OutgoingState.CONNECTED.value
    row.connected_at = row.connected_at or now
    work.record(
        CallAnswered(
            call_id=call_id,
            agent_id=row.asked_by,
            caller_channel=citizen_channel,
            agent_channel=phone_channel,
            at=told(now),
        )
    )
    _tell(work, row, now)


async def note_desk_talk(work: UnitOfWork, call_id: CallId) -> None:
    """Citizen and agent hear each other; the call itself was written by answer_call."""
    row = await take(work, OutgoingRow, call_id, what="呼出")
    now = work.clock.now()
    if row.ended_at is None:
        row.state = OutgoingState.CONNECTED.value
        row.connected_at = row.connected_at or now
        _tell(work, row, now)


async def end_outgoing(
    work: UnitOfWork, call_id: CallId, outcome: OutgoingOutcome, *, ended_by: EndedBy
) -> None:
    """The call is over; a long enough talk is the department's contact with the citizen."""
    row = await take(work, OutgoingRow, call_id, what="呼出")
    if row.ended_at is not None:
        return
    now = work.clock.now()
    row.state, row.outcome, row.ended_at = OutgoingState.OVER.value, outcome.value, now
    call = await take(work, CallRow, call_id, what="通话")
    if call.state != CallState.ENDED.value:
        call.state, call.ended_at, call.ended_by = CallState.ENDED.value, now, ended_by.value
        work.record(
            CallEnded(call_id=call_id, agent_id=row.asked_by, ended_by=ended_by.value, at=told(now))
        )
    work.audit(
        actor=row.asked_by, action="end_outgoing_call", entity="call", entity_id=call_id,
        facts={"outcome": outcome.value, "seconds": _talked(row, now)},
    )  # fmt: skip
    by_person = row.kind != OutgoingKind.MACHINE.value
    if by_person and row.case_id is not None and _talked(row, now) >= CONTACT_SECONDS:
        await note_contact(
            work, CaseId(row.case_id), row.leg_id, call_id=call_id, actor=row.asked_by
        )
    _tell(work, row, now)


def _talked(row: OutgoingRow, now: datetime) -> int:
    return int((now - row.connected_at).total_seconds()) if row.connected_at is not None else 0


def _tell(work: UnitOfWork, row: OutgoingRow, now: datetime) -> None:
    work.record(
        OutgoingChanged(
            call_id=row.id,
            kind=row.kind,
            case_id=row.case_id,
            asked_by=row.asked_by,
            state=row.state,
            outcome=row.outcome,
            at=told(now),
        )
    )
