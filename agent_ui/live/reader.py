"""Reads the parts of a desk from the database, each as a whole and each by one short query set."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import bindparam, func, select, true
from sqlalchemy import case as when
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from agent_ui.live.draft_reader import read_captions, read_drafts
from agent_ui.live.views import (
    AgentView,
    CallerHistory,
    CallView,
    CaptionView,
    DeskView,
    DraftView,
    MissedView,
    PastCall,
    PastCase,
    QueueView,
    ThirdView,
    WorkItem,
)
from core.actions.calls import HANDED_OVER
from core.clock import Clock
from core.db.repos.missed import missed_calls
from core.db.tables.calls import CallRow, OfferRow
from core.db.tables.cases import CaseRow
from core.db.tables.lines import LineRow, QueueRow
from core.db.tables.people import AccountRow, AgentRow
from core.domain.agents import AgentState
from core.domain.calls import CallState, Direction
from core.domain.cases import FINAL, STATUS_NAMES, CaseStatus
from core.ids import AgentId
from core.vault import Vault

MAX_PAST = 8
MAX_WORK = 20
#: A missed caller stands in the list so long.
MISSED_FOR = timedelta(hours=24)
_FINAL_VALUES = [status.value for status in FINAL]
_OVER = {CallState.SURVEY.value, CallState.VOICEMAIL.value, CallState.ENDED.value}


# A ring is on the way while these run, for many desks at once: plain columns, as few questions as
# there are tables to ask one after the other, and no objects that nobody changes.
_LATEST_OFFER = (
    select(OfferRow.id, OfferRow.offered_at, OfferRow.expires_at)
    .where(OfferRow.call_id == CallRow.id, OfferRow.agent_id == AgentRow.id)
    .order_by(OfferRow.offered_at.desc())
    .limit(1)
    .lateral("latest_offer")
)
_CALL_OF_AGENT = (
    select(
        CallRow.__table__,
        LineRow.name.label("line_name"),
        QueueRow.name.label("queue_name"),
        _LATEST_OFFER.c.id.label("offer_id"),
        _LATEST_OFFER.c.offered_at,
        _LATEST_OFFER.c.expires_at,
    )
    .select_from(AgentRow)
    .join(CallRow, CallRow.id == AgentRow.call_id)
    .outerjoin(LineRow, LineRow.id == CallRow.line_id)
    .outerjoin(QueueRow, QueueRow.id == CallRow.queue_id)
    .outerjoin(_LATEST_OFFER, true())
    .where(AgentRow.id == bindparam("agent"))
)
_EARLIER_CASES = (
    select(
        CaseRow.id,
        CaseRow.number,
        CaseRow.title,
        CaseRow.category,
        CaseRow.status,
        CaseRow.created_at,
    )
    .where(
        CaseRow.caller_hash == bindparam("caller"),
        CaseRow.number.is_not(None),
        CaseRow.call_id.is_distinct_from(bindparam("call")),
    )
    .order_by(when((CaseRow.status.in_(_FINAL_VALUES), 1), else_=0), CaseRow.created_at.desc())
    .limit(MAX_PAST)
)
_EARLIER_CALLS = (
    select(
        CallRow.id,
        CallRow.started_at,
        CallRow.did,
        CallRow.voicemail,
        CallRow.answered_at,
        LineRow.name.label("line_name"),
    )
    .outerjoin(LineRow, LineRow.id == CallRow.line_id)
    .where(CallRow.caller_hash == bindparam("caller"), CallRow.id != bindparam("call"))
    .order_by(CallRow.started_at.desc())
    .limit(MAX_PAST)
)


class DeskReader:
    """Turns rows into views; a caller's number is opened only for the desk that has the call."""

    def __init__(
        self, *, sessions: async_sessionmaker[AsyncSession], vault: Vault, clock: Clock
    ) -> None:
        self._sessions = sessions
        self._vault = vault
        self._clock = clock

    async def desk(self, agent_id: AgentId) -> DeskView:
        """Everything on one desk."""
        async with self._sessions() as session:
            call = await self._call_view(session, agent_id)
            call_id = call["call_id"] if call else ""
            return DeskView(
                server_time=_iso(self._clock.now()),
                agent=await _agent_view(session, agent_id),
                queue=await _queue_view(session),
                call=call,
                captions=await read_captions(session, call_id) if call_id else [],
                drafts=await read_drafts(session, call_id) if call_id else [],
                work=await _work(session, agent_id, call_id),
                missed=await self._missed(session),
            )

    async def agent(self, agent_id: AgentId) -> AgentView:
        """The agent's own state."""
        async with self._sessions() as session:
            return await _agent_view(session, agent_id)

    async def call(self, agent_id: AgentId) -> CallView | None:
        """The call the agent is busy with, from the ring to the end of the wrap-up."""
        async with self._sessions() as session:
            return await self._call_view(session, agent_id)

    async def captions(self, call_id: str) -> list[CaptionView]:
        """Every finished utterance of a call, in the order spoken."""
        async with self._sessions() as session:
            return await read_captions(session, call_id)

    async def drafts(self, call_id: str) -> list[DraftView]:
        """Every matter of a call."""
        async with self._sessions() as session:
            return await read_drafts(session, call_id)

    async def work(self, agent_id: AgentId, call_id: str) -> list[WorkItem]:
        """What the agent still owes, beside the call in hand."""
        async with self._sessions() as session:
            return await _work(session, agent_id, call_id)

    async def queue(self) -> QueueView:
        """How many callers wait."""
        async with self._sessions() as session:
            return await _queue_view(session)

    async def missed(self) -> list[MissedView]:
        """Callers to be phoned back."""
        async with self._sessions() as session:
            return await self._missed(session)

    async def _missed(self, session: AsyncSession) -> list[MissedView]:
        since = self._clock.now() - MISSED_FOR
        return [
            MissedView(
                call_id=one.call_id,
                caller_mask=one.caller_mask,
                line_name=one.line_name,
                waited_s=int((one.ended_at - one.queued_at).total_seconds()),
                at=_iso(one.ended_at),
                tries=one.tries,
            )
            for one in await missed_calls(session, since, limit=MAX_WORK)
        ]

    async def _call_view(self, session: AsyncSession, agent_id: AgentId) -> CallView | None:
        found = (await session.execute(_CALL_OF_AGENT, {"agent": agent_id})).first()
        if found is None:
            return None
        row, ended = found, found.state in _OVER
        return CallView(
            call_id=row.id,
            offer_id=row.offer_id or "",
            direction=row.direction,
            state=cast("Any", CallState.ENDED.value if ended else row.state),
            caller_number=self._vault.open(row.caller_sealed) if row.caller_sealed else "",
            line_name=row.line_name or row.did,
            language=row.language,
            menu_path=list(row.menu_path),
            queue_name=row.queue_name or "",
            skills=list(row.skills),
            arrived_at=_iso(row.started_at),
            queued_at=_maybe_iso(row.queued_at),
            offered_at=_maybe_iso(row.offered_at),
            offer_until=_maybe_iso(row.expires_at),
            answered_at=_maybe_iso(row.answered_at),
            held_at=row.trace.get("held_at") if row.state == CallState.HELD.value else None,
            ended_at=_maybe_iso(row.agent_left_at or row.ended_at),
            ended_by=row.ended_by or "",
            case_id=row.case_id,
            muted=bool(row.trace.get("muted")),
            third=_third_view(row.trace.get("third"), ended=ended),
            history=await _history(session, row.id, row.caller_hash),
        )


def _third_view(kept: dict[str, Any] | None, *, ended: bool) -> ThirdView | None:
    if not kept or ended or kept["result"] in HANDED_OVER:
        return None
    return ThirdView(
        kind=kept["kind"],
        name=kept.get("name") or kept["target"],
        target=kept["target"],
        state=kept["result"],
        since=kept["since"],
    )


async def _agent_view(session: AsyncSession, agent_id: AgentId) -> AgentView:
    account = await session.get_one(AccountRow, agent_id)
    agent = await session.get(AgentRow, agent_id)
    state = agent.state if agent else AgentState.SIGNED_OUT.value
    return AgentView(
        agent_id=account.id,
        account=account.account,
        job_number=account.job_number,
        name=account.name,
        state=cast("Any", state),
        reason=agent.reason if agent else "",
        since=_iso(agent.since) if agent else "",
        until=_maybe_iso(agent.until if agent else None),
        phone=account.phone,
    )


async def _history(session: AsyncSession, call_id: str, caller_hash: str) -> CallerHistory:
    """Earlier cases (open ones first) and calls of the same number."""
    if not caller_hash:
        return CallerHistory(cases=[], calls=[], open_count=0)
    known = {"caller": caller_hash, "call": call_id}
    cases = [_past_case(row) for row in await session.execute(_EARLIER_CASES, known)]
    calls = [_past_call(row) for row in await session.execute(_EARLIER_CALLS, known)]
    return CallerHistory(cases=cases, calls=calls, open_count=sum(case["open"] for case in cases))


def _past_case(case: Any) -> PastCase:
    return PastCase(
        case_id=case.id,
        case_number=case.number or "",
        title=case.title or case.category or "",
        status=case.status,
        status_name=STATUS_NAMES.get(CaseStatus(case.status), case.status),
        open=case.status not in _FINAL_VALUES,
        created_at=_iso(case.created_at),
    )


def _past_call(call: Any) -> PastCall:
    outcome = "VOICEMAIL" if call.voicemail else "TALKED" if call.answered_at else "NOT_ANSWERED"
    return PastCall(
        call_id=call.id,
        arrived_at=_iso(call.started_at),
        line_name=call.line_name or call.did,
        outcome=outcome,
    )


async def _queue_view(session: AsyncSession) -> QueueView:
    waiting = CallRow.state.in_([CallState.QUEUED.value, CallState.OFFERED.value])
    row = (
        await session.execute(
            # "state <> 'ENDED'" lets PostgreSQL use the small index of open calls.
            select(func.count(), func.min(CallRow.queued_at)).where(
                waiting,
                CallRow.state != CallState.ENDED.value,
                CallRow.direction == Direction.INBOUND.value,
            )
        )
    ).one()
    return QueueView(waiting=row[0], oldest_since=_maybe_iso(row[1]))


async def _work(session: AsyncSession, agent_id: AgentId, call_id: str) -> list[WorkItem]:
    """Drafts of this agent's earlier calls that were never submitted, oldest first."""
    rows = await session.execute(
        select(CaseRow, CallRow)
        .join(CallRow, CallRow.id == CaseRow.call_id)
        .where(
            CallRow.agent_id == agent_id,
            CallRow.id != call_id,
            CallRow.answered_at.is_not(None),
            CaseRow.status == CaseStatus.DRAFT.value,
        )
        .order_by(CaseRow.created_at)
        .limit(MAX_WORK)
    )
    return [
        WorkItem(
            kind="draft",
            item_id=case.id,
            call_id=call.id,
            title=_draft_title(case),
            since=_iso(case.created_at),
        )
        for case, call in rows
    ]


def _draft_title(case: CaseRow) -> str:
    for name in ("title", "category", "summary"):
        value = case.fields.get(name, {}).get("value")
        if isinstance(value, str) and value:
            return value[:40]
    return case.title


def _iso(instant: datetime) -> str:
    return instant.isoformat()


def _maybe_iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
