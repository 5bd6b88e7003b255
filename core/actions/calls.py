"""Every write about a call: arrival, queue, offer, answer, hold, end, survey, callback."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from core.actions.base import take, told
from core.db.engine import UnitOfWork
from core.db.tables.calls import CallRow, OfferRow
from core.domain.calls import CallState, EndedBy, OfferOutcome, may_step
from core.domain.events import (
    AgentLegLost,
    CallAnswered,
    CallArrived,
    CallEnded,
    CallHeld,
    CallMuted,
    CallOffered,
    CallQueued,
    CallResumed,
    CallTransferred,
    OfferEnded,
    SurveyAnswered,
)
from core.errors import InputRefused, TransitionRefused
from core.ids import AgentId, CallId, OfferId
from core.vault import Vault, mask_phone, normalise_phone

_SCORES = range(1, 6)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known when a call reaches us."""

    call_id: CallId
    line_id: str
    did: str
    channel_id: str
    caller_number: str
    rung: int = 1
    direction: str = "INBOUND"
    language: str = "zh"


async def open_call(work: UnitOfWork, arrival: Arrival, vault: Vault) -> CallRow:
    """Write down a new call. A second telling of the same call changes nothing."""
    known = await work.session.get(CallRow, arrival.call_id)
    if known is not None:
        return known
    number = normalise_phone(arrival.caller_number)
    now = work.clock.now()
    call = CallRow(
        id=arrival.call_id,
        direction=arrival.direction,
        line_id=arrival.line_id,
        did=arrival.did,
        channel_id=arrival.channel_id,
        rung=arrival.rung,
        state=CallState.IVR.value,
        caller_sealed=vault.seal(number),
        caller_hash=vault.fingerprint(number),
        caller_mask=mask_phone(number),
        language=arrival.language,
        started_at=now,
    )
    work.session.add(call)
    work.audit(
        actor="system", action="open_call", entity="call", entity_id=call.id,
        facts={"line": arrival.line_id, "rung": arrival.rung},
    )  # fmt: skip
    work.record(
        CallArrived(
            call_id=call.id,
            line_id=call.line_id,
            did=call.did,
            channel_id=call.channel_id,
            caller_mask=call.caller_mask,
            rung=call.rung,
            at=told(now),
        )
    )
    return call


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """Where a call waits and for whom."""

    queue_id: str
    priority: int = 100
    skills: tuple[str, ...] = ()
    language: str = "zh"
    menu_path: tuple[str, ...] = ()


async def queue_call(work: UnitOfWork, call_id: CallId, entry: QueueEntry) -> CallRow:
    """The call waits for a person from now on."""
    call = await take(work, CallRow, call_id, what="通话")
    step_call(call, CallState.QUEUED)
    call.queue_id = entry.queue_id
    call.priority = entry.priority
    call.skills = list(entry.skills)
    call.language = entry.language
    call.menu_path = list(entry.menu_path)
    call.queued_at = call.queued_at or work.clock.now()
    work.record(
        CallQueued(
            call_id=call.id,
            queue_id=entry.queue_id,
            priority=entry.priority,
            skills=entry.skills,
            language=entry.language,
            menu_path=entry.menu_path,
            at=told(call.queued_at),
        )
    )
    return call


async def offer_call(
    work: UnitOfWork, call_id: CallId, agent_id: AgentId, offer_id: OfferId, *, seconds: int
) -> OfferRow:
    """Ring one agent for this call."""
    call = await take(work, CallRow, call_id, what="通话")
    step_call(call, CallState.OFFERED)
    now = work.clock.now()
    offer = OfferRow(
        id=offer_id,
        call_id=call_id,
        agent_id=agent_id,
        offered_at=now,
        expires_at=now + timedelta(seconds=seconds),
    )
    call.agent_id = agent_id
    work.session.add(offer)
    work.record(
        CallOffered(
            call_id=call_id,
            agent_id=agent_id,
            offer_id=offer_id,
            queued_at=told(call.queued_at or now),
            offered_at=told(now),
            expires_at=told(offer.expires_at),
            direction=call.direction,
        )
    )
    return offer


async def end_offer(work: UnitOfWork, offer_id: OfferId, outcome: OfferOutcome) -> OfferRow:
    """The offer is over. Unless it was answered, the call waits again at its old place."""
    offer = await take(work, OfferRow, offer_id, what="来电提示")
    if offer.outcome is not None:
        return offer
    now = work.clock.now()
    offer.outcome = outcome.value
    offer.ended_at = now
    if outcome is not OfferOutcome.ANSWERED:
        call = await take(work, CallRow, offer.call_id, what="通话")
        if call.state == CallState.OFFERED.value:
            step_call(call, CallState.QUEUED)
            call.agent_id = None
    work.record(
        OfferEnded(
            call_id=offer.call_id,
            agent_id=offer.agent_id,
            offer_id=offer_id,
            outcome=outcome.value,
            at=told(now),
        )
    )
    return offer


async def answer_call(
    work: UnitOfWork, call_id: CallId, agent_id: AgentId, *, agent_channel: str, bridge_id: str
) -> CallRow:
    """Caller and agent are connected (also again, after a lost agent leg came back)."""
    call = await take(work, CallRow, call_id, what="通话")
    step_call(call, CallState.TALKING)
    call.agent_id = agent_id
    call.agent_channel_id = agent_channel
    call.bridge_id = bridge_id
    call.answered_at = call.answered_at or work.clock.now()
    work.audit(actor=agent_id, action="answer_call", entity="call", entity_id=call_id, facts={})
    work.record(
        CallAnswered(
            call_id=call_id,
            agent_id=agent_id,
            caller_channel=call.channel_id,
            agent_channel=agent_channel,
            at=told(work.clock.now()),
        )
    )
    return call


async def hold_call(work: UnitOfWork, call_id: CallId, agent_id: AgentId) -> None:
    """The caller hears music, the agent nothing of the caller."""
    call = await take(work, CallRow, call_id, what="通话")
    step_call(call, CallState.HELD)
    now = told(work.clock.now())
    call.trace = {**call.trace, "held_at": now}
    work.record(CallHeld(call_id=call_id, agent_id=agent_id, at=now))


async def resume_call(work: UnitOfWork, call_id: CallId, agent_id: AgentId) -> None:
    """Back from hold."""
    call = await take(work, CallRow, call_id, what="通话")
    step_call(call, CallState.TALKING)
    work.record(CallResumed(call_id=call_id, agent_id=agent_id, at=told(work.clock.now())))


async def return_call(work: UnitOfWork, call_id: CallId) -> CallRow:
    """The call waits for a person again, at its old place: a transfer failed, or a leg was lost."""
    call = await take(work, CallRow, call_id, what="通话")
    step_call(call, CallState.QUEUED)
    call.agent_id = None
    call.agent_channel_id = ""
    call.queued_at = call.queued_at or work.clock.now()
    work.audit(actor="system", action="return_call", entity="call", entity_id=call_id, facts={})
    work.record(
        CallQueued(
            call_id=call.id,
            queue_id=call.queue_id or "",
            priority=call.priority,
            skills=tuple(call.skills),
            language=call.language,
            menu_path=tuple(call.menu_path),
            at=told(call.queued_at),
        )
    )
    return call


async def start_voicemail(work: UnitOfWork, call_id: CallId, *, reason: str) -> None:
    """The caller is asked for a message instead of waiting."""
    call = await take(work, CallRow, call_id, what="通话")
    step_call(call, CallState.VOICEMAIL)
    work.audit(
        actor="system", action="start_voicemail", entity="call", entity_id=call_id,
        facts={"reason": reason},
    )  # fmt: skip


async def reach_caller(work: UnitOfWork, call_id: CallId, *, channel_id: str) -> None:
    """Where the caller is now: the channel of a call, or of a citizen whom we phoned."""
    call = await take(work, CallRow, call_id, what="通话")
    call.channel_id = channel_id


async def lose_agent_leg(work: UnitOfWork, call_id: CallId, agent_id: AgentId) -> None:
    """The agent's phone went away; the caller is kept until it comes back or another takes over."""
    call = await take(work, CallRow, call_id, what="通话")
    if call.state == CallState.ENDED.value:
        return
    call.agent_channel_id = ""
    work.record(AgentLegLost(call_id=call_id, agent_id=agent_id, at=told(work.clock.now())))


async def mute_call(work: UnitOfWork, call_id: CallId, agent_id: AgentId, *, on: bool) -> None:
    """The agent's desk phone is silent for the caller, or heard again."""
    call = await take(work, CallRow, call_id, what="通话")
    call.trace = {**call.trace, "muted": on}
    now = told(work.clock.now())
    work.record(CallMuted(call_id=call_id, agent_id=agent_id, on=on, at=now))


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdParty:
    """Somebody beside caller and agent. result: ringing, answered, joined, or how it ended.

    kind: consult, blind, attended or emergency.
    """

    kind: str
    target: str
    result: str
    channel: str = ""
    name: str = ""


#: Results after which the caller talks with the third party alone.
HANDED_OVER = frozenset({"handed_over", "took_over"})
#: Results after which the third party is still on the call.
_THIRD_STAYS = frozenset({"ringing", "answered", "joined", *HANDED_OVER})


async def transfer_call(
    work: UnitOfWork, call_id: CallId, agent_id: AgentId, third: ThirdParty
) -> None:
    """A third party was asked, joined or given the call; the desk finds it after a reload."""
    call = await take(work, CallRow, call_id, what="通话")
    now = told(work.clock.now())
    there = third.channel != "" or third.result not in HANDED_OVER
    stays = third.result in _THIRD_STAYS and there and call.state != CallState.ENDED.value
    kept = {**asdict(third), "since": now} if stays else None
    call.trace = {**call.trace, "third": kept}
    work.audit(
        actor=agent_id, action="transfer_call", entity="call", entity_id=call_id,
        facts={"kind": third.kind, "result": third.result},
    )  # fmt: skip
    work.record(
        CallTransferred(
            call_id=call_id,
            agent_id=agent_id,
            kind=third.kind,
            target=third.target,
            result=third.result,
            at=now,
        )
    )


async def start_survey(work: UnitOfWork, call_id: CallId) -> None:
    """The agent has left; the caller is asked for a score."""
    call = await take(work, CallRow, call_id, what="通话")
    step_call(call, CallState.SURVEY)
    call.agent_left_at = call.agent_left_at or work.clock.now()


async def answer_survey(work: UnitOfWork, call_id: CallId, score: int) -> None:
    """Store the caller's score of the service, 1 (very dissatisfied) to 5 (very satisfied)."""
    if score not in _SCORES:
        raise InputRefused("评价只能是 1 到 5", score=score)
    call = await take(work, CallRow, call_id, what="通话")
    call.survey_score = score
    work.record(
        SurveyAnswered(
            call_id=call_id, agent_id=call.agent_id, score=score, at=told(work.clock.now())
        )
    )


async def end_call(
    work: UnitOfWork,
    call_id: CallId,
    *,
    ended_by: EndedBy,
    voicemail: bool = False,
    at: datetime | None = None,
) -> CallRow:
    """The call is over; a second telling changes nothing."""
    call = await take(work, CallRow, call_id, what="通话")
    if call.state == CallState.ENDED.value:
        return call
    call.state = CallState.ENDED.value
    call.ended_at = at or work.clock.now()
    call.ended_by = ended_by.value
    call.voicemail = voicemail
    await _end_open_offers(work, call_id)
    work.audit(
        actor="system", action="end_call", entity="call", entity_id=call_id,
        facts={"ended_by": ended_by.value},
    )  # fmt: skip
    work.record(
        CallEnded(
            call_id=call_id,
            agent_id=call.agent_id,
            ended_by=ended_by.value,
            at=told(call.ended_at),
            voicemail=voicemail,
        )
    )
    return call


async def _end_open_offers(work: UnitOfWork, call_id: CallId) -> None:
    open_offers: Sequence[OfferRow] = (
        await work.session.scalars(
            select(OfferRow).where(OfferRow.call_id == call_id, OfferRow.outcome.is_(None))
        )
    ).all()
    for offer in open_offers:
        await end_offer(work, OfferId(offer.id), OfferOutcome.CALLER_LEFT)


def step_call(call: CallRow, to: CallState) -> None:
    """Move the call to a state its present one allows. Raises TransitionRefused."""
    if not may_step(CallState(call.state), to):
        raise TransitionRefused("通话当前状态不允许此操作", state=call.state, to=to.value)
    call.state = to.value
