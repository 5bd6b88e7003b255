"""Takes up running calls again: compares what the database, Asterisk and the board know.

Done at the start, and after every gap in Asterisk's event stream: what happened in a gap is
never told.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import func, select

from core.actions import calls as call_actions
from core.asterisk.snapshots import Bridge, Channel
from core.db.engine import UnitOfWork
from core.db.repos.calls import open_calls, open_offers
from core.db.repos.outgoing import open_outgoing
from core.db.repos.people import agent_states
from core.db.tables.calls import CallbackRow, CallRow, OfferRow
from core.db.tables.outgoing import OutgoingRow
from core.db.tables.people import AgentRow
from core.domain.agents import AgentState
from core.domain.calls import CallState, Direction, EndedBy, OfferOutcome
from core.domain.outgoing import OutgoingKind
from core.domain.queues import GENERAL
from core.ids import AgentId, CallId, OfferId, QueueId
from routing.acd.events import CallbackRestored, CallReturned, PoliciesChanged, Tick
from routing.acd.restore import KeptAgent, KeptTalk, restore
from routing.acd.work import agent_command
from routing.api import STASIS_APP
from routing.shell.arrivals import Arrivals
from routing.shell.board import Leg, Role, Talk, bridge_name
from routing.shell.exchange import Exchange
from routing.shell.outgoing import Outgoing
from routing.shell.records import change_of_agent
from routing.shell.waiting import Waiting

logger = logging.getLogger(__name__)
_IN_LINE = frozenset({CallState.QUEUED, CallState.OFFERED})
_THIRD = ("kind", "target", "result", "channel", "name")
_IN_TALK = frozenset({CallState.TALKING, CallState.HELD})


@dataclass(frozen=True, slots=True)
class Kept:
    """What the database remembers."""

    calls: Sequence[CallRow]
    offers: Sequence[OfferRow]
    offer_counts: dict[str, int]
    agents: Sequence[AgentRow]
    callbacks: Sequence[CallbackRow]
    outgoing: Sequence[OutgoingRow]


@dataclass(frozen=True, slots=True)
class Found:
    """What Asterisk holds: every channel, and those and the bridges that are in our application."""

    channels: dict[str, Channel]
    ours: frozenset[str]
    bridges: dict[str, Bridge]


class Adoption:
    """Brings the three views to one."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        arrivals: Arrivals,
        waiting: Waiting,
        outgoing: Outgoing,
        gone: Callable[[str, int], None],
    ) -> None:
        self._x = exchange
        self._gone = gone
        self._arrivals = arrivals
        self._waiting = waiting
        self._outgoing = outgoing

    async def start(self) -> None:
        """At the start of the process: policies and accounts, then everything that lives."""
        await self._x.people.read_all()
        policies = tuple(await self._x.people.read_policies())
        kept, found = await self._kept(), await self._found()
        self._x.feed(PoliciesChanged(policies))
        talks = self._adopt_talks(kept, found)
        agents = [self._agent(row) for row in kept.agents]
        now = self._x.clock.now()
        self._x.runner.state = restore(self._x.state, agents, talks, now)
        self._stop_ringing(kept, found)
        self._adopt_callbacks(kept)
        self._adopt_line(kept, found)
        self._adopt_outgoing(kept, found)
        self._clear_leaks(found)
        self._write_agents(kept)
        self._x.feed(Tick())

    def _write_agents(self, kept: Kept) -> None:
        """What the agents' rows say must be what the engine goes on from."""
        for row in kept.agents:
            agent = self._x.state.agents.get(AgentId(row.id))
            if agent is not None and agent.state.value != row.state:
                self._x.note(change_of_agent(agent_command(agent)))

    async def again(self) -> None:
        """After a gap in the events: who has gone meanwhile, and who has come."""
        found = await self._found()
        for leg in list(self._x.board.legs.values()):
            if leg.channel_id not in found.channels and leg.is_up:
                self._gone(leg.channel_id, 0)
        known = set(self._x.board.legs)
        for channel_id in found.ours - known:
            self._x.do(CallId(channel_id), partial(self._ask_who, found.channels[channel_id]))

    async def _ask_who(self, channel: Channel) -> None:
        """A channel whose arrival was not told: a caller is taken in, all others are let go."""
        call_id = await self._x.ari.channels.get_variable(channel.channel_id, "CALL_UID")
        role = await self._x.ari.channels.get_variable(channel.channel_id, "OFFER_ID")
        if call_id and not role and not self._x.board.is_over(CallId(call_id)):
            self._arrivals.came(CallId(call_id), channel)
        else:
            await self._x.ari.channels.hangup(channel.channel_id)

    # -- the two views ---------------------------------------------------------------------

    async def _kept(self) -> Kept:
        async with self._x.database.sessions() as session:
            rows = await open_calls(session)
            counts = await session.execute(
                select(OfferRow.call_id, func.count())
                .where(OfferRow.call_id.in_([row.id for row in rows]))
                .group_by(OfferRow.call_id)
            )
            waiting = select(CallbackRow).where(CallbackRow.ended_at.is_(None))
            return Kept(
                calls=rows,
                offers=await open_offers(session),
                offer_counts={row[0]: row[1] for row in counts},
                agents=await agent_states(session),
                callbacks=(await session.scalars(waiting)).all(),
                outgoing=await open_outgoing(session),
            )

    async def _found(self) -> Found:
        channels = {channel.channel_id: channel for channel in await self._x.ari.channels.all()}
        application = await self._x.ari.applications.find(STASIS_APP)
        ours = frozenset(application.channel_ids if application is not None else ())
        bridges = {bridge.bridge_id: bridge for bridge in await self._x.ari.bridges.all()}
        return Found(channels, ours & channels.keys(), bridges)

    # -- talks -----------------------------------------------------------------------------

    def _adopt_talks(self, kept: Kept, found: Found) -> list[KeptTalk]:
        talks = []
        units = {row.id for row in kept.outgoing if row.kind == OutgoingKind.UNIT.value}
        for row in kept.calls:
            if CallState(row.state) not in _IN_TALK or row.id in units:
                continue
            if row.channel_id not in found.channels:
                self._end(row, EndedBy.CALLER)
            elif self._was_handed_over(row, found):
                self._adopt_handed_over(row, found)
            elif row.agent_channel_id not in found.channels or row.agent_id is None:
                self._x.do(CallId(row.id), partial(self._return, row, found, kept))
            else:
                talks.append(self._adopt_talk(row, row.agent_id, found, kept))
        return talks

    def _adopt_talk(self, row: CallRow, agent_id: str, found: Found, kept: Kept) -> KeptTalk:
        call_id, offers = CallId(row.id), kept.offer_counts.get(row.id, 0)
        talk = self._x.board.talk(call_id)
        self._caller_leg(row)
        talk.agent_id, talk.agent_leg = AgentId(agent_id), row.agent_channel_id
        talk.bridge_id = row.bridge_id or bridge_name(call_id)
        talk.held = row.state == CallState.HELD.value
        talk.offer_id = OfferId(f"{call_id}.{offers}")
        talk.legs_made = offers
        leg = Leg(row.agent_channel_id, call_id, Role.AGENT, talk.offer_id, talk.agent_id)
        leg.is_up = True
        self._x.board.add_leg(leg)
        self._adopt_third(talk, row, found)
        joined = found.bridges.get(talk.bridge_id)
        both = {row.channel_id, row.agent_channel_id}
        if not talk.held and (joined is None or not both <= set(joined.channel_ids)):
            self._x.do(call_id, partial(self._join_again, call_id))
        return KeptTalk(
            call_id=call_id,
            agent_id=talk.agent_id,
            offer_id=talk.offer_id,
            queue=QueueId(row.queue_id or GENERAL),
            since=row.queued_at or row.started_at,
            answered_at=row.answered_at or row.started_at,
            priority=row.priority,
            offers=offers,
        )

    @staticmethod
    def _was_handed_over(row: CallRow, found: Found) -> bool:
        third = row.trace.get("third") or {}
        handed = third.get("result") in call_actions.HANDED_OVER
        return handed and third.get("channel", "") in found.channels

    def _adopt_handed_over(self, row: CallRow, found: Found) -> None:
        """Caller and third party talk alone: nobody is to be fetched back."""
        talk = self._x.board.talk(CallId(row.id))
        self._caller_leg(row)
        talk.agent_id = AgentId(row.agent_id or "")
        talk.bridge_id = row.bridge_id or bridge_name(talk.call_id)
        self._adopt_third(talk, row, found)

    def _adopt_third(self, talk: Talk, row: CallRow, found: Found) -> None:
        """A third party who is still there goes on; one who has gone is told to the desk."""
        kept = row.trace.get("third")
        if not kept or talk.agent_id is None:
            return
        third = call_actions.ThirdParty(**{k: kept.get(k, "") for k in _THIRD})
        channel = found.channels.get(third.channel)
        if channel is not None:
            talk.seat_leg, talk.seat_target = third.channel, third.target
            talk.seat_kind, talk.seat_state = third.kind, third.result
            is_up = third.channel in found.ours
            self._x.board.add_leg(Leg(third.channel, talk.call_id, Role.SEAT, is_up=is_up))
            return
        agent_id = talk.agent_id

        async def gone(work: UnitOfWork) -> None:
            left = replace(third, result="seat_left")
            await call_actions.transfer_call(work, talk.call_id, agent_id, left)

        self._x.note(gone, calls=[row.id])

    async def _join_again(self, call_id: CallId) -> None:
        talk = self._x.board.talk(call_id)
        await self._x.ari.bridges.create(talk.bridge_id, name=call_id)
        await self._x.ari.bridges.add(talk.bridge_id, talk.caller, talk.agent_leg)

    async def _return(self, row: CallRow, found: Found, kept: Kept) -> None:
        """The agent has gone while we were away, the caller has not: back into the line."""
        call_id = CallId(row.id)
        talk = self._x.board.talk(call_id)
        self._caller_leg(row)
        if row.bridge_id in found.bridges:
            await self._x.ari.bridges.destroy(row.bridge_id)

        async def returned(work: UnitOfWork) -> None:
            await call_actions.return_call(work, call_id)

        self._x.note(returned, calls=[call_id])
        self._x.feed(
            CallReturned(
                call_id=call_id,
                queue=QueueId(row.queue_id or GENERAL),
                since=row.queued_at or row.started_at,
                agent_id=AgentId(row.agent_id or ""),
                priority=row.priority,
                offers=kept.offer_counts.get(row.id, 0),
            )
        )
        await self._waiting.play_music(talk)

    def _caller_leg(self, row: CallRow) -> None:
        call_id = CallId(row.id)
        talk = self._x.board.talk(call_id)
        talk.caller, talk.language = row.channel_id, row.language
        talk.outbound = row.direction == Direction.OUTBOUND.value
        talk.here.set()
        self._x.board.add_leg(Leg(row.channel_id, call_id, Role.CALLER, is_up=True))

    # -- the line --------------------------------------------------------------------------

    def _stop_ringing(self, kept: Kept, found: Found) -> None:
        """Offers of the process before us ring nobody any more; the calls keep their places."""
        for offer in kept.offers:
            offer_id = OfferId(offer.id)

            async def ended(work: UnitOfWork, offer_id: OfferId = offer_id) -> None:
                await call_actions.end_offer(work, offer_id, OfferOutcome.FAILED)

            self._x.note(ended, calls=[offer.call_id])
        talking = {talk.agent_leg for talk in self._x.board.talks.values()}
        for channel_id in found.channels:
            if "-agent-" in channel_id and channel_id not in talking:
                self._x.do(CallId(channel_id), partial(self._hang_up, channel_id))

    async def _hang_up(self, channel_id: str) -> None:
        await self._x.ari.channels.hangup(channel_id)

    def _adopt_callbacks(self, kept: Kept) -> None:
        for row in kept.callbacks:
            self._x.feed(
                CallbackRestored(
                    callback_id=CallId(row.id),
                    queue=QueueId(row.queue_id),
                    since=row.place_at,
                    number_hash=row.caller_hash,
                    priority=row.priority,
                    language=row.language,
                    tries=row.attempts,
                    offers=kept.offer_counts.get(row.id, 0),
                    not_before=row.next_at,
                )
            )

    def _adopt_line(self, kept: Kept, found: Found) -> None:
        """Waiting callers who are still on the line, those first who came first."""
        for row in sorted(kept.calls, key=lambda row: row.queued_at or row.started_at):
            outbound = row.direction == Direction.OUTBOUND.value
            if row.state == CallState.VOICEMAIL.value:
                self._adopt_recorder(row, found)
            if CallState(row.state) not in _IN_LINE or outbound:
                continue
            if row.channel_id not in found.channels:
                self._end(row, EndedBy.CALLER)
                continue
            if row.channel_id in found.ours:
                self._caller_leg(row)
                talk = self._x.board.talk(CallId(row.id))
                self._x.do(CallId(row.id), partial(self._waiting.welcome, talk))
            self._arrivals.enter_row(row, offers=kept.offer_counts.get(row.id, 0))

    def _adopt_outgoing(self, kept: Kept, found: Found) -> None:
        calls = {row.id: row for row in kept.calls}
        rows = [(row, calls[row.id]) for row in kept.outgoing if row.id in calls]
        self._outgoing.adopt(rows, set(found.channels))

    def _adopt_recorder(self, row: CallRow, found: Found) -> None:
        """A caller whom the dialplan asks for a message; the menu looks after its own."""
        channel = found.channels.get(row.channel_id)
        if channel is None:
            self._end(row, EndedBy.CALLER, voicemail=True)
        elif not channel.stasis_app:
            self._caller_leg(row)
            talk = self._x.board.talk(CallId(row.id))
            talk.led_on = talk.recorder = True
            self._x.do(talk.call_id, partial(self._x.ari.channels.watch, row.channel_id))

    def _end(self, row: CallRow, ended_by: EndedBy, *, voicemail: bool = False) -> None:
        call_id = CallId(row.id)

        async def end(work: UnitOfWork) -> None:
            await call_actions.end_call(work, call_id, ended_by=ended_by, voicemail=voicemail)

        self._x.note(end, calls=[row.id])
        self._x.board.forget(call_id)

    def _clear_leaks(self, found: Found) -> None:
        """Bridges of calls that nobody talks on, and channels of ours that belong to no call."""
        used = {talk.bridge_id for talk in self._x.board.talks.values()}
        for bridge_id in found.bridges:
            stray = bridge_id.startswith("out-") and not self._outgoing.holds(
                CallId(bridge_id.removeprefix("out-"))
            )
            if stray or (bridge_id.startswith(("call-", "ear-")) and bridge_id not in used):
                self._x.do(CallId(bridge_id), partial(self._x.ari.bridges.destroy, bridge_id))
        for channel_id in found.ours - set(self._x.board.legs):
            self._x.do(CallId(channel_id), partial(self._ask_who, found.channels[channel_id]))

    def _agent(self, row: AgentRow) -> KeptAgent:
        person = self._x.people.get(AgentId(row.id))
        return KeptAgent(
            agent_id=AgentId(row.id),
            skills=person.skills if person is not None else frozenset(),
            state=AgentState(row.state) if person is not None else AgentState.SIGNED_OUT,
            reason=row.reason,
            idle_since=row.idle_since,
            until=row.until,
            since=row.since,
        )
